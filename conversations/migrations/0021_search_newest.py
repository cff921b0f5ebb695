from django.db import migrations

from conversations.search import index


def tell_owners(apps, editor):
    index.tell_owners(editor.connection)


class Migration(migrations.Migration):

    dependencies = [
        ('conversations', '0020_favourites'),
    ]

    operations = [
        migrations.RunPython(tell_owners, migrations.RunPython.noop, elidable=True),
    ]
