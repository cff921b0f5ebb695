import django.db.models.deletion
from django.db import migrations, models

from conversations.search import index


def make_words(apps, editor):
    index.prepare(editor.connection)
    index.fill(editor.connection.alias)


def remove_words(apps, editor):
    index.remove(editor.connection)


class Migration(migrations.Migration):

    dependencies = [
        ('conversations', '0007_sharing'),
    ]

    operations = [
        migrations.CreateModel(
            name='SearchEntry',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('part', models.PositiveSmallIntegerField(default=0)),
                ('conversation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='conversations.conversation')),
                ('message', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='conversations.message')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('message', 'part'), name='one_entry_per_part'), models.UniqueConstraint(condition=models.Q(('message', None)), fields=('conversation',), name='one_entry_per_title')],
            },
        ),
        migrations.RunPython(make_words, remove_words),
    ]
