"""All tables at once, for a new site: the steps below it, one after the other, took most of its first start.

A site that has taken the steps keeps them; ``tests/models/test_migrations.py`` holds both ways to the same end.
"""

import conversations.models.ids
import conversations.models.policies
import conversations.models.usage
import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models

from conversations.search import index


def make_words(apps, editor):
    index.prepare(editor.connection)


def remove_words(apps, editor):
    index.remove(editor.connection)


class Migration(migrations.Migration):

    replaces = [('conversations', '0001_initial'), ('conversations', '0002_attachments'), ('conversations', '0003_accounts'), ('conversations', '0004_words'), ('conversations', '0005_siblings'), ('conversations', '0006_prices'), ('conversations', '0007_sharing'), ('conversations', '0008_search'), ('conversations', '0009_people_days'), ('conversations', '0010_order'), ('conversations', '0011_review'), ('conversations', '0012_feedback'), ('conversations', '0013_audit_address'), ('conversations', '0014_unread'), ('conversations', '0015_parameters'), ('conversations', '0016_sources'), ('conversations', '0017_writing')]

    initial = True

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
    ]

    operations = [
        migrations.CreateModel(
            name='AuditEntry',
            fields=[
                ('number', models.PositiveBigIntegerField(primary_key=True, serialize=False, verbose_name='number')),
                ('id', models.UUIDField(default=conversations.models.ids.new_id, editable=False, unique=True)),
                ('made_at', models.DateTimeField(db_index=True, default=django.utils.timezone.now, verbose_name='made on')),
                ('actor_id', models.UUIDField(db_index=True, null=True)),
                ('actor', models.CharField(blank=True, max_length=254, verbose_name='who')),
                ('address', models.CharField(blank=True, max_length=45, verbose_name='from where')),
                ('action', models.CharField(db_index=True, max_length=60, verbose_name='what')),
                ('kind', models.CharField(blank=True, max_length=60, verbose_name='kind')),
                ('target', models.CharField(blank=True, max_length=64, verbose_name='id')),
                ('label', models.CharField(blank=True, max_length=200, verbose_name='to what')),
                ('details', models.JSONField(default=dict, verbose_name='details')),
                ('previous', models.CharField(max_length=64)),
                ('hash', models.CharField(max_length=64)),
            ],
            options={
                'verbose_name': 'entry of the log',
                'verbose_name_plural': 'log',
                'default_permissions': ('view',),
            },
        ),
        migrations.CreateModel(
            name='AuditHead',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveBigIntegerField(default=0)),
                ('hash', models.CharField(default='0000000000000000000000000000000000000000000000000000000000000000', max_length=64)),
            ],
        ),
        migrations.CreateModel(
            name='Provider',
            fields=[
                ('id', models.UUIDField(default=conversations.models.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=100, unique=True, verbose_name='name')),
                ('base_url', models.CharField(max_length=500, validators=[django.core.validators.URLValidator(schemes=['http', 'https'])], verbose_name='address')),
                ('sealed_secret', models.TextField(blank=True, editable=False, verbose_name='sealed secret')),
                ('sealed_headers', models.TextField(blank=True, editable=False, verbose_name='sealed headers')),
                ('origin', models.CharField(choices=[('environment', 'Environment'), ('demo', 'Demo'), ('admin', 'Admin')], default='admin', editable=False, max_length=20, verbose_name='origin')),
                ('is_enabled', models.BooleanField(default=True, verbose_name='enabled')),
                ('most_at_once', models.PositiveIntegerField(blank=True, help_text='How many answers one server process asks for at the same time; further ones queue. Empty: no bound.', null=True, validators=[django.core.validators.MinValueValidator(1)], verbose_name='answers at once')),
                ('connect_timeout', models.PositiveSmallIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(3600)], verbose_name='seconds to connect')),
                ('first_timeout', models.PositiveSmallIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(3600)], verbose_name='seconds to the first word')),
                ('stall_timeout', models.PositiveSmallIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(3600)], verbose_name='seconds between words')),
            ],
            options={
                'verbose_name': 'provider',
                'verbose_name_plural': 'providers',
            },
        ),
        migrations.CreateModel(
            name='ServerProcess',
            fields=[
                ('id', models.UUIDField(default=conversations.models.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('host', models.CharField(max_length=255)),
                ('pid', models.PositiveIntegerField()),
                ('beat_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
        ),
        migrations.CreateModel(
            name='ChatModel',
            fields=[
                ('id', models.UUIDField(default=conversations.models.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('key', models.CharField(help_text='What the page sends to choose it.', max_length=200, unique=True, verbose_name='key')),
                ('name', models.CharField(help_text='What the provider calls it.', max_length=200, verbose_name='name')),
                ('label', models.CharField(max_length=100, verbose_name='label')),
                ('description', models.CharField(blank=True, max_length=200, verbose_name='description')),
                ('can_see', models.BooleanField(default=False, verbose_name='sees images')),
                ('can_browse', models.BooleanField(default=False, verbose_name='browses')),
                ('can_reason', models.BooleanField(default=False, verbose_name='reasons')),
                ('context_window', models.PositiveIntegerField(blank=True, help_text='Tokens; empty if unknown.', null=True, verbose_name='context window')),
                ('answer_tokens', models.PositiveIntegerField(blank=True, help_text="Tokens; sent along as max_tokens. Empty: the provider's own bound.", null=True, validators=[django.core.validators.MinValueValidator(1)], verbose_name='longest answer')),
                ('temperature', models.FloatField(blank=True, help_text="From 0 to 2; sent along. Empty: the provider's own.", null=True, validators=[django.core.validators.MinValueValidator(0.0), django.core.validators.MaxValueValidator(2.0)], verbose_name='temperature')),
                ('top_p', models.FloatField(blank=True, help_text="From 0 to 1; sent along. Empty: the provider's own.", null=True, validators=[django.core.validators.MinValueValidator(0.0), django.core.validators.MaxValueValidator(1.0)], verbose_name='top p')),
                ('order', models.PositiveIntegerField(default=100, verbose_name='order')),
                ('is_enabled', models.BooleanField(default=True, verbose_name='enabled')),
                ('fallback', models.ForeignKey(blank=True, help_text='Answers where this model is switched off, or its provider fails before the first word.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='conversations.chatmodel', verbose_name='fallback')),
                ('groups', models.ManyToManyField(blank=True, help_text='Only members of these may use it. None chosen: everybody may.', related_name='chat_models', to='auth.group', verbose_name='for groups')),
                ('provider', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='chat_models', to='conversations.provider', verbose_name='provider')),
            ],
            options={
                'verbose_name': 'model',
                'verbose_name_plural': 'models',
                'ordering': ('order', 'label'),
            },
        ),
        migrations.CreateModel(
            name='User',
            fields=[
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                ('id', models.UUIDField(default=conversations.models.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('email', models.EmailField(max_length=254, unique=True, verbose_name='e-mail')),
                ('name', models.CharField(blank=True, max_length=150, verbose_name='name')),
                ('is_active', models.BooleanField(default=True, verbose_name='may sign in')),
                ('is_staff', models.BooleanField(default=False, verbose_name='staff')),
                ('date_joined', models.DateTimeField(default=django.utils.timezone.now, verbose_name='joined on')),
                ('language', models.CharField(blank=True, max_length=10, verbose_name='language')),
                ('send_key', models.CharField(choices=[('enter', 'Enter'), ('ctrl_enter', 'Ctrl + Enter')], default='enter', max_length=12, verbose_name='send key')),
                ('instructions', models.TextField(blank=True, max_length=4000, verbose_name='instructions')),
                ('groups', models.ManyToManyField(blank=True, help_text='The groups this user belongs to. A user will get all permissions granted to each of their groups.', related_name='user_set', related_query_name='user', to='auth.group', verbose_name='groups')),
                ('user_permissions', models.ManyToManyField(blank=True, help_text='Specific permissions for this user.', related_name='user_set', related_query_name='user', to='auth.permission', verbose_name='user permissions')),
                ('default_model', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='conversations.chatmodel', verbose_name='default model')),
            ],
            options={
                'verbose_name': 'person',
                'verbose_name_plural': 'people',
            },
        ),
        migrations.CreateModel(
            name='Attachment',
            fields=[
                ('id', models.UUIDField(default=conversations.models.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=100)),
                ('address', models.CharField(blank=True, max_length=2000)),
                ('digest', models.CharField(help_text='SHA-256 of the picture, or of the address.', max_length=64)),
                ('media_type', models.CharField(blank=True, max_length=40)),
                ('width', models.PositiveIntegerField(null=True)),
                ('height', models.PositiveIntegerField(null=True)),
                ('size', models.PositiveIntegerField(default=0, help_text='Bytes of all its files.')),
                ('touched_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='attachments', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('owner', 'digest'), name='one_attachment_per_picture')],
            },
        ),
        migrations.CreateModel(
            name='ChatFile',
            fields=[
                ('id', models.UUIDField(default=conversations.models.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=100)),
                ('report', models.JSONField(default=dict)),
                ('claimed_at', models.DateTimeField(null=True)),
                ('made_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('owner', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='chat_file', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Folder',
            fields=[
                ('id', models.UUIDField(default=conversations.models.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=60)),
                ('key', models.CharField(editable=False, max_length=64)),
                ('position', models.PositiveIntegerField(default=0)),
                ('owner', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='folders', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('owner', 'key'), name='one_folder_of_a_name')],
            },
        ),
        migrations.CreateModel(
            name='Invitation',
            fields=[
                ('id', models.UUIDField(default=conversations.models.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('email', models.EmailField(blank=True, help_text='The link is sent there and works for this address only.', max_length=254, verbose_name='e-mail')),
                ('made_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='made on')),
                ('expires_at', models.DateTimeField(default=conversations.models.policies._in_two_weeks, verbose_name='expires on')),
                ('used_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='used on')),
                ('group', models.ForeignKey(blank=True, help_text='Joined with the account.', null=True, on_delete=django.db.models.deletion.SET_NULL, to='auth.group', verbose_name='group')),
                ('invited_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='invited by')),
                ('used_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='used by')),
            ],
            options={
                'verbose_name': 'invitation',
                'verbose_name_plural': 'invitations',
                'ordering': ('-made_at',),
            },
        ),
        migrations.CreateModel(
            name='ModelPrice',
            fields=[
                ('prompt_price', models.DecimalField(decimal_places=6, default=Decimal('0'), max_digits=12, validators=[django.core.validators.MinValueValidator(Decimal('0'))], verbose_name='price of a million prompt tokens')),
                ('completion_price', models.DecimalField(decimal_places=6, default=Decimal('0'), max_digits=12, validators=[django.core.validators.MinValueValidator(Decimal('0'))], verbose_name='price of a million answer tokens')),
                ('cached_price', models.DecimalField(blank=True, decimal_places=6, help_text='Empty: that of all prompt tokens.', max_digits=12, null=True, validators=[django.core.validators.MinValueValidator(Decimal('0'))], verbose_name='price of a million cached prompt tokens')),
                ('id', models.UUIDField(default=conversations.models.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('since', models.DateField(help_text='The first day on which they hold.', verbose_name='from')),
                ('chat_model', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='prices', to='conversations.chatmodel', verbose_name='model')),
            ],
            options={
                'verbose_name': 'price',
                'verbose_name_plural': 'prices',
                'ordering': ('-since',),
                'constraints': [models.UniqueConstraint(fields=('chat_model', 'since'), name='one_price_a_day', violation_error_message='There are prices from this day on already.')],
            },
        ),
        migrations.CreateModel(
            name='PersonDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('answers', models.PositiveIntegerField(verbose_name='answers')),
                ('messages', models.PositiveIntegerField(verbose_name='messages')),
                ('failures', models.PositiveIntegerField(verbose_name='failures')),
                ('prompt_tokens', models.PositiveBigIntegerField(verbose_name='prompt tokens')),
                ('completion_tokens', models.PositiveBigIntegerField(verbose_name='completion tokens')),
                ('cost_units', models.PositiveBigIntegerField(verbose_name='cost')),
                ('estimated_units', models.PositiveBigIntegerField(verbose_name='estimated cost')),
                ('first_ms', models.PositiveBigIntegerField(verbose_name='milliseconds to the first character')),
                ('firsts', models.PositiveIntegerField(verbose_name='answers with a first character')),
                ('day', models.DateField(db_index=True, verbose_name='day')),
                ('model_label', models.CharField(blank=True, max_length=100, verbose_name='model label')),
                ('owner', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='owner')),
            ],
            options={
                'verbose_name': "a person's usage of a day",
                'verbose_name_plural': "people's usage of days",
                'constraints': [models.UniqueConstraint(fields=('owner', 'day', 'model_label'), name='one_usage_of_a_person_a_day')],
            },
        ),
        migrations.CreateModel(
            name='Preset',
            fields=[
                ('system_prompt', models.TextField(blank=True, help_text='Who answers, and how. It goes along with every question of this chat.', max_length=20000, validators=[django.core.validators.MaxLengthValidator(20000)], verbose_name='system prompt')),
                ('temperature', models.FloatField(blank=True, help_text="From 0, always alike, to 2, full of surprises. Empty: the model's own.", null=True, validators=[django.core.validators.MinValueValidator(0.0), django.core.validators.MaxValueValidator(2.0)], verbose_name='temperature')),
                ('top_p', models.FloatField(blank=True, help_text="From 0 to 1. Empty: the model's own.", null=True, validators=[django.core.validators.MinValueValidator(0.0), django.core.validators.MaxValueValidator(1.0)], verbose_name='top p')),
                ('max_tokens', models.PositiveIntegerField(blank=True, help_text="In tokens; never more than the model's own bound. Empty: that one.", null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(1000000)], verbose_name='longest answer')),
                ('reasoning_effort', models.CharField(blank=True, choices=[('low', 'Low'), ('medium', 'Medium'), ('high', 'High')], help_text='For models that reason. Others may refuse it.', max_length=10, verbose_name='reasoning effort')),
                ('id', models.UUIDField(default=conversations.models.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=60, verbose_name='name')),
                ('chat_model', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='conversations.chatmodel', verbose_name='model')),
                ('owner', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='presets', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'preset',
                'verbose_name_plural': 'presets',
                'ordering': ('name', 'id'),
            },
        ),
        migrations.CreateModel(
            name='Prompt',
            fields=[
                ('id', models.UUIDField(default=conversations.models.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=60, verbose_name='name')),
                ('text', models.TextField(help_text='Write {{topic}}, or any other word in double braces, for what is asked each time.', max_length=20000, validators=[django.core.validators.MaxLengthValidator(20000)], verbose_name='text')),
                ('owner', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='prompts', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'prompt',
                'verbose_name_plural': 'prompts',
                'ordering': ('name', 'id'),
            },
        ),
        migrations.CreateModel(
            name='RetentionRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('days', models.PositiveIntegerField(help_text='After a chat was last used.', validators=[django.core.validators.MinValueValidator(1)], verbose_name='days')),
                ('group', models.OneToOneField(blank=True, help_text='Empty: everybody whose groups have no rule.', null=True, on_delete=django.db.models.deletion.CASCADE, related_name='retention', to='auth.group', verbose_name='group')),
            ],
            options={
                'verbose_name': 'retention',
                'verbose_name_plural': 'retention',
                'constraints': [models.CheckConstraint(condition=models.Q(('days__gte', 1)), name='retention_of_a_day_at_least')],
            },
        ),
        migrations.CreateModel(
            name='ReviewScope',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('group', models.ForeignKey(blank=True, help_text='Empty: everybody, also who is in no group.', null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='auth.group', verbose_name='group')),
                ('reviewer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='review_scopes', to=settings.AUTH_USER_MODEL, verbose_name='reviewer')),
            ],
            options={
                'verbose_name': 'scope of a reviewer',
                'verbose_name_plural': 'scopes of reviewers',
                'constraints': [models.UniqueConstraint(fields=('reviewer', 'group'), name='one_scope_per_group'), models.UniqueConstraint(condition=models.Q(('group', None)), fields=('reviewer',), name='one_scope_of_everybody')],
            },
        ),
        migrations.CreateModel(
            name='SitePolicy',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sign_up', models.CharField(blank=True, choices=[('open', 'Open: everybody may make an account'), ('invitation', 'By invitation only'), ('oidc', "By the company's sign-in or an invitation only"), ('closed', 'Closed')], help_text='Empty: what CHAT_SIGNUP says.', max_length=12, verbose_name='sign-up')),
                ('domains', models.TextField(blank=True, help_text='One a line, such as example.org. Open sign-up takes addresses of these only. Empty: of all.', verbose_name='mail domains')),
                ('sharing', models.CharField(choices=[('anybody', 'With anybody who has the link'), ('people', 'With people who are signed in here only'), ('off', 'Not at all')], default='anybody', help_text='Holds for links that exist already, too; they open again when it is allowed again.', max_length=10, verbose_name='sharing of chats')),
                ('review_notice', models.CharField(choices=[('at_once', 'At once'), ('week', 'After a week'), ('month', 'After 30 days'), ('never', 'Never')], default='at_once', help_text='They see the day and the reason in the chat. Delays are for investigations.', max_length=10, verbose_name='people are told that a chat was reviewed')),
                ('banner', models.CharField(blank=True, help_text='A sentence above every chat.', max_length=300, verbose_name='banner')),
                ('staff_need_mfa', models.BooleanField(default=False, help_text='Without one, members of the staff are sent to set it up before they can administer.', verbose_name='staff need a second factor')),
            ],
            options={
                'verbose_name': 'policy of the site',
                'verbose_name_plural': 'policy of the site',
                'constraints': [models.CheckConstraint(condition=models.Q(('pk', 1)), name='one_policy')],
            },
        ),
        migrations.CreateModel(
            name='Tag',
            fields=[
                ('id', models.UUIDField(default=conversations.models.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=60)),
                ('key', models.CharField(editable=False, max_length=64)),
                ('owner', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='tags', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('owner', 'key'), name='one_tag_of_a_name')],
            },
        ),
        migrations.CreateModel(
            name='UsageDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('answers', models.PositiveIntegerField(verbose_name='answers')),
                ('messages', models.PositiveIntegerField(verbose_name='messages')),
                ('failures', models.PositiveIntegerField(verbose_name='failures')),
                ('prompt_tokens', models.PositiveBigIntegerField(verbose_name='prompt tokens')),
                ('completion_tokens', models.PositiveBigIntegerField(verbose_name='completion tokens')),
                ('cost_units', models.PositiveBigIntegerField(verbose_name='cost')),
                ('estimated_units', models.PositiveBigIntegerField(verbose_name='estimated cost')),
                ('first_ms', models.PositiveBigIntegerField(verbose_name='milliseconds to the first character')),
                ('firsts', models.PositiveIntegerField(verbose_name='answers with a first character')),
                ('day', models.DateField(verbose_name='day')),
                ('model_label', models.CharField(blank=True, max_length=100, verbose_name='model label')),
            ],
            options={
                'verbose_name': 'usage of a day',
                'verbose_name_plural': 'usage of days',
                'constraints': [models.UniqueConstraint(fields=('day', 'model_label'), name='one_usage_a_day')],
            },
        ),
        migrations.CreateModel(
            name='UsageMonth',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('answers', models.PositiveIntegerField(verbose_name='answers')),
                ('messages', models.PositiveIntegerField(verbose_name='messages')),
                ('failures', models.PositiveIntegerField(verbose_name='failures')),
                ('prompt_tokens', models.PositiveBigIntegerField(verbose_name='prompt tokens')),
                ('completion_tokens', models.PositiveBigIntegerField(verbose_name='completion tokens')),
                ('cost_units', models.PositiveBigIntegerField(verbose_name='cost')),
                ('estimated_units', models.PositiveBigIntegerField(verbose_name='estimated cost')),
                ('first_ms', models.PositiveBigIntegerField(verbose_name='milliseconds to the first character')),
                ('firsts', models.PositiveIntegerField(verbose_name='answers with a first character')),
                ('month', models.DateField(help_text='Its first day.', verbose_name='month')),
                ('model_label', models.CharField(blank=True, max_length=100, verbose_name='model label')),
                ('owner', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='owner')),
            ],
            options={
                'verbose_name': 'usage of a month',
                'verbose_name_plural': 'usage of months',
                'constraints': [models.UniqueConstraint(fields=('month', 'owner', 'model_label'), name='one_usage_a_month')],
            },
        ),
        migrations.CreateModel(
            name='Allowance',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('period', models.CharField(choices=[('day', 'day'), ('month', 'month')], default='day', max_length=5, verbose_name='period')),
                ('messages', models.PositiveIntegerField(blank=True, null=True, verbose_name='messages')),
                ('tokens', models.PositiveBigIntegerField(blank=True, help_text='Of questions and answers together.', null=True, verbose_name='tokens')),
                ('cost', models.DecimalField(blank=True, decimal_places=4, help_text="In the currency of the models' prices.", max_digits=12, null=True, validators=[django.core.validators.MinValueValidator(Decimal('0'))], verbose_name='cost')),
                ('group', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='allowances', to='auth.group', verbose_name='group')),
                ('user', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='allowances', to=settings.AUTH_USER_MODEL, verbose_name='person')),
            ],
            options={
                'verbose_name': 'allowance',
                'verbose_name_plural': 'allowances',
                'constraints': [models.CheckConstraint(condition=models.Q(('user', None), ('group', None), _connector='OR'), name='allowance_for_one', violation_error_message='Choose a person or a group, not both; neither means everybody.'), models.UniqueConstraint(condition=models.Q(('user__isnull', False)), fields=('user', 'period'), name='one_allowance_of_a_person_a_period'), models.UniqueConstraint(condition=models.Q(('group__isnull', False)), fields=('group', 'period'), name='one_allowance_of_a_group_a_period'), models.UniqueConstraint(condition=models.Q(('group', None), ('user', None)), fields=('period',), name='one_allowance_of_everybody_a_period')],
            },
        ),
        migrations.CreateModel(
            name='Conversation',
            fields=[
                ('id', models.UUIDField(default=conversations.models.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('title', models.CharField(blank=True, max_length=200)),
                ('title_from', models.CharField(choices=[('first_words', 'First Words'), ('chat_model', 'Chat Model'), ('person', 'Person')], default='first_words', max_length=20)),
                ('import_key', models.CharField(blank=True, editable=False, max_length=64, null=True)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('touched_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('deleted_at', models.DateTimeField(blank=True, null=True)),
                ('pinned_at', models.DateTimeField(blank=True, null=True)),
                ('archived_at', models.DateTimeField(blank=True, null=True)),
                ('vanishes_at', models.DateTimeField(blank=True, null=True)),
                ('answered_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('seen_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('cost_units', models.PositiveBigIntegerField(default=0, editable=False)),
                ('language', models.CharField(blank=True, editable=False, max_length=8)),
                ('chat_model', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='conversations.chatmodel')),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='conversations', to=settings.AUTH_USER_MODEL)),
                ('folder', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='conversations', to='conversations.folder')),
                ('tags', models.ManyToManyField(blank=True, related_name='conversations', to='conversations.tag')),
            ],
            options={
                'permissions': [('review', 'Can review conversations, within their scopes')],
                'indexes': [models.Index(condition=models.Q(('deleted_at', None)), fields=['-touched_at', '-id'], name='conversation_review'), models.Index(condition=models.Q(('deleted_at', None)), fields=['-cost_units', '-id'], name='conversation_cost'), models.Index(condition=models.Q(('archived_at', None), ('deleted_at', None), ('vanishes_at', None)), fields=['owner', '-touched_at', '-id'], name='conversations_listed'), models.Index(condition=models.Q(('archived_at', None), ('deleted_at', None), ('folder', None), ('pinned_at', None), ('vanishes_at', None)), fields=['owner', '-touched_at', '-id'], name='conversations_by_day'), models.Index(condition=models.Q(('pinned_at__isnull', False)), fields=['owner', '-pinned_at', '-id'], name='conversations_pinned'), models.Index(condition=models.Q(('archived_at__isnull', False)), fields=['owner', '-archived_at', '-id'], name='conversations_archived'), models.Index(condition=models.Q(('folder__isnull', False)), fields=['folder', '-touched_at', '-id'], name='conversations_in_a_folder'), models.Index(condition=models.Q(('answered_at__gt', models.F('seen_at'))), fields=['folder'], name='conversations_unread'), models.Index(condition=models.Q(('vanishes_at__isnull', False)), fields=['vanishes_at'], name='conversations_vanishing')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('import_key__isnull', False)), fields=('owner', 'import_key'), name='one_conversation_per_import')],
            },
        ),
        migrations.CreateModel(
            name='Tuning',
            fields=[
                ('system_prompt', models.TextField(blank=True, help_text='Who answers, and how. It goes along with every question of this chat.', max_length=20000, validators=[django.core.validators.MaxLengthValidator(20000)], verbose_name='system prompt')),
                ('temperature', models.FloatField(blank=True, help_text="From 0, always alike, to 2, full of surprises. Empty: the model's own.", null=True, validators=[django.core.validators.MinValueValidator(0.0), django.core.validators.MaxValueValidator(2.0)], verbose_name='temperature')),
                ('top_p', models.FloatField(blank=True, help_text="From 0 to 1. Empty: the model's own.", null=True, validators=[django.core.validators.MinValueValidator(0.0), django.core.validators.MaxValueValidator(1.0)], verbose_name='top p')),
                ('max_tokens', models.PositiveIntegerField(blank=True, help_text="In tokens; never more than the model's own bound. Empty: that one.", null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(1000000)], verbose_name='longest answer')),
                ('reasoning_effort', models.CharField(blank=True, choices=[('low', 'Low'), ('medium', 'Medium'), ('high', 'High')], help_text='For models that reason. Others may refuse it.', max_length=10, verbose_name='reasoning effort')),
                ('conversation', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='tuning', serialize=False, to='conversations.conversation')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Draft',
            fields=[
                ('id', models.UUIDField(default=conversations.models.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('text', models.TextField()),
                ('saved_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('conversation', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='drafts', to='conversations.conversation')),
                ('owner', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='drafts', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('owner', 'conversation'), name='one_draft_of_a_conversation'), models.UniqueConstraint(condition=models.Q(('conversation', None)), fields=('owner',), name='one_draft_of_a_new_chat')],
            },
        ),
        migrations.CreateModel(
            name='LegalHold',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.CharField(max_length=300, verbose_name='reason')),
                ('made_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='made on')),
                ('conversation', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='legal_holds', to='conversations.conversation', verbose_name='conversation')),
                ('person', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='legal_holds', to=settings.AUTH_USER_MODEL, verbose_name='person')),
            ],
            options={
                'verbose_name': 'legal hold',
                'verbose_name_plural': 'legal holds',
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('conversation', None), ('person__isnull', False)), models.Q(('conversation__isnull', False), ('person', None)), _connector='OR'), name='hold_of_a_person_or_a_conversation')],
            },
        ),
        migrations.CreateModel(
            name='ReviewOpening',
            fields=[
                ('id', models.UUIDField(default=conversations.models.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('reason', models.CharField(max_length=500)),
                ('is_export', models.BooleanField(default=False)),
                ('made_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('conversation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='openings', to='conversations.conversation')),
                ('reviewer', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['conversation', '-made_at'], name='openings_of_a_conversation')],
            },
        ),
        migrations.CreateModel(
            name='ShareLink',
            fields=[
                ('id', models.UUIDField(default=conversations.models.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('title', models.CharField(max_length=200)),
                ('digest', models.CharField(editable=False, max_length=64, unique=True)),
                ('sealed_token', models.TextField(editable=False)),
                ('audience', models.CharField(choices=[('anybody', 'Anybody who has the link'), ('people', 'People who are signed in here')], default='anybody', max_length=10)),
                ('shows_thinking', models.BooleanField(default=False)),
                ('snapshot', models.JSONField(editable=False)),
                ('made_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('expires_at', models.DateTimeField(blank=True, null=True)),
                ('conversation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='share_links', to='conversations.conversation')),
                ('owner', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='share_links', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['owner', '-id'], name='share_links_of_a_person')],
            },
        ),
        migrations.CreateModel(
            name='Case',
            fields=[
                ('id', models.UUIDField(default=conversations.models.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('report', 'Report'), ('down', 'Bad answer'), ('flag', 'Flag')], max_length=6)),
                ('urgency', models.PositiveSmallIntegerField()),
                ('reasons', models.JSONField(blank=True, default=list)),
                ('comment', models.CharField(blank=True, max_length=1000)),
                ('labels', models.JSONField(blank=True, default=list)),
                ('outcome', models.CharField(blank=True, max_length=1000)),
                ('made_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('resolved_at', models.DateTimeField(blank=True, null=True)),
                ('assignee', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('resolved_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('conversation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='cases', to='conversations.conversation')),
            ],
            options={
                'indexes': [models.Index(fields=['-urgency', 'made_at', 'id'], name='cases_by_urgency'), models.Index(fields=['conversation', 'resolved_at'], name='cases_of_a_conversation')],
            },
        ),
        migrations.CreateModel(
            name='CaseNote',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.CharField(max_length=1000)),
                ('made_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('author', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='notes', to='conversations.case')),
            ],
        ),
        migrations.CreateModel(
            name='Message',
            fields=[
                ('id', models.UUIDField(default=conversations.models.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('role', models.CharField(choices=[('user', 'User'), ('assistant', 'Assistant')], max_length=10)),
                ('status', models.CharField(choices=[('waiting', 'Waiting'), ('streaming', 'Streaming'), ('complete', 'Complete'), ('stopped', 'Stopped'), ('failed', 'Failed'), ('interrupted', 'Interrupted')], default='complete', max_length=12)),
                ('text', models.TextField(blank=True)),
                ('reasoning', models.TextField(blank=True)),
                ('blocks', models.JSONField(blank=True, default=list)),
                ('render_version', models.PositiveIntegerField(default=0)),
                ('seq', models.PositiveBigIntegerField(default=0)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('conversation', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='messages', to='conversations.conversation')),
                ('parent', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='children', to='conversations.message')),
            ],
            options={
                'indexes': [models.Index(fields=['parent', 'id'], name='message_children'), models.Index(fields=['conversation', 'parent', 'id'], name='message_siblings')],
            },
        ),
        migrations.CreateModel(
            name='Generation',
            fields=[
                ('id', models.UUIDField(default=conversations.models.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('ref', models.CharField(max_length=64)),
                ('branched', models.BooleanField(default=False)),
                ('status', models.CharField(choices=[('running', 'Running'), ('complete', 'Complete'), ('stopped', 'Stopped'), ('failed', 'Failed'), ('interrupted', 'Interrupted')], default='running', max_length=12)),
                ('model_label', models.CharField(blank=True, max_length=100)),
                ('instead_of', models.CharField(blank=True, max_length=100)),
                ('started_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('first_at', models.DateTimeField(blank=True, null=True)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('reasoning_seconds', models.PositiveIntegerField(blank=True, null=True)),
                ('finish_reason', models.CharField(blank=True, max_length=40)),
                ('parameters', models.JSONField(blank=True, null=True)),
                ('prompt_tokens', models.PositiveIntegerField(blank=True, null=True)),
                ('completion_tokens', models.PositiveIntegerField(blank=True, null=True)),
                ('is_estimated', models.BooleanField(default=False)),
                ('error_code', models.CharField(blank=True, max_length=40)),
                ('error_message', models.CharField(blank=True, max_length=500)),
                ('trace_id', models.CharField(blank=True, max_length=200)),
                ('sources', models.JSONField(blank=True, default=list)),
                ('retry_after', models.PositiveIntegerField(blank=True, null=True)),
                ('chat_model', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='conversations.chatmodel')),
                ('conversation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='generations', to='conversations.conversation')),
                ('owner', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('message', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='generations', to='conversations.message')),
                ('process', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='generations', to='conversations.serverprocess')),
            ],
            options={
                'indexes': [models.Index(fields=['status', 'conversation'], name='generation_status'), models.Index(fields=['model_label', 'conversation'], name='generation_model'), models.Index(condition=models.Q(('trace_id', ''), _negated=True), fields=['trace_id'], name='generation_trace')],
                'constraints': [models.UniqueConstraint(fields=('owner', 'ref'), name='one_generation_per_ref')],
            },
        ),
        migrations.CreateModel(
            name='Feedback',
            fields=[
                ('id', models.UUIDField(default=conversations.models.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('value', models.CharField(choices=[('up', 'Good answer'), ('down', 'Bad answer'), ('report', 'Report to the reviewers')], max_length=6)),
                ('reasons', models.JSONField(blank=True, default=list)),
                ('comment', models.CharField(blank=True, max_length=1000)),
                ('made_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('conversation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='conversations.conversation')),
                ('message', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='feedback', to='conversations.message')),
            ],
            options={
                'indexes': [models.Index(fields=['value', 'conversation'], name='feedback_value')],
            },
        ),
        migrations.CreateModel(
            name='AttachmentUse',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField()),
                ('attachment', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='uses', to='conversations.attachment')),
                ('message', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='attachment_uses', to='conversations.message')),
            ],
            options={
                'ordering': ('position',),
                'constraints': [models.UniqueConstraint(fields=('message', 'position'), name='one_attachment_per_position')],
            },
        ),
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
        migrations.CreateModel(
            name='UsageRecord',
            fields=[
                ('prompt_price', models.DecimalField(decimal_places=6, default=Decimal('0'), max_digits=12, validators=[django.core.validators.MinValueValidator(Decimal('0'))], verbose_name='price of a million prompt tokens')),
                ('completion_price', models.DecimalField(decimal_places=6, default=Decimal('0'), max_digits=12, validators=[django.core.validators.MinValueValidator(Decimal('0'))], verbose_name='price of a million answer tokens')),
                ('cached_price', models.DecimalField(blank=True, decimal_places=6, help_text='Empty: that of all prompt tokens.', max_digits=12, null=True, validators=[django.core.validators.MinValueValidator(Decimal('0'))], verbose_name='price of a million cached prompt tokens')),
                ('id', models.UUIDField(default=conversations.models.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('model_label', models.CharField(blank=True, max_length=100, verbose_name='model label')),
                ('made_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='made on')),
                ('day', models.DateField(default=conversations.models.usage.today, verbose_name='day')),
                ('messages', models.PositiveSmallIntegerField(default=1, verbose_name='messages')),
                ('prompt_tokens', models.PositiveIntegerField(default=0, verbose_name='prompt tokens')),
                ('cached_tokens', models.PositiveIntegerField(default=0, verbose_name='cached prompt tokens')),
                ('completion_tokens', models.PositiveIntegerField(default=0, verbose_name='completion tokens')),
                ('cost', models.DecimalField(decimal_places=8, default=Decimal('0'), max_digits=16, verbose_name='cost')),
                ('first_ms', models.PositiveIntegerField(blank=True, null=True, verbose_name='milliseconds to the first character')),
                ('is_failed', models.BooleanField(default=False, verbose_name='failed')),
                ('is_reserved', models.BooleanField(default=True, verbose_name='reserved')),
                ('is_estimated', models.BooleanField(default=False, verbose_name='estimated')),
                ('chat_model', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='conversations.chatmodel', verbose_name='model')),
                ('generation', models.OneToOneField(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='usage', to='conversations.generation', verbose_name='generation')),
                ('owner', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='owner')),
            ],
            options={
                'verbose_name': 'use of a model',
                'verbose_name_plural': 'uses of models',
                'permissions': [('see_usage', 'Can see what everybody uses')],
                'indexes': [models.Index(fields=['owner', 'made_at'], name='usage_of_a_person')],
            },
        ),
        migrations.AddField(
            model_name='conversation',
            name='leaf',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='conversations.message'),
        ),
        migrations.AddField(
            model_name='case',
            name='message',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='conversations.message'),
        ),
        migrations.AddField(
            model_name='message',
            name='generation',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='conversations.generation'),
        ),
        migrations.AddConstraint(
            model_name='case',
            constraint=models.UniqueConstraint(condition=models.Q(('kind__in', ['report', 'down']), ('resolved_at', None)), fields=('message',), name='one_open_case_per_message'),
        ),
        migrations.AddConstraint(
            model_name='retentionrule',
            constraint=models.UniqueConstraint(models.Value(1), condition=models.Q(('group', None)), name='one_rule_for_everybody'),
        ),
        migrations.RunPython(make_words, remove_words),
    ]
