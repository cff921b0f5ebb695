from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('conversations', '0019_search_owner'),
    ]

    operations = [
        migrations.AddField(
            model_name='user',
            name='favourite_models',
            field=models.JSONField(blank=True, editable=False, null=True),
        ),
    ]
