"""What somebody owns on the site, each piece with a word in it that nobody else may ever see."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import uuid4

from django.core import signing
from django.test import Client
from django.utils import timezone

from conversations import secrets
from conversations.accounts import policy
from conversations.actions.attachments import keep_picture
from conversations.generation.pictures import signed_address
from conversations.models import (
    Attachment,
    Case,
    ChatModel,
    Conversation,
    Folder,
    Invitation,
    Message,
    Preset,
    Prompt,
    Provider,
    ReviewOpening,
    ShareLink,
    Tag,
    User,
)
from conversations.models.sharing import digest_of, new_token
from conversations.pictures import Remade
from conversations.web.views import welcome


@dataclass(frozen=True)
class Things:
    """Ids of a conversation, its question and answer, and a picture; texts, so that malformed ones fit as well."""

    conversation: str
    question: str
    answer: str
    attachment: str
    token: str = "none"
    """A token that shows the picture to whoever holds it."""
    welcome: str = "none"
    """A token that would make the first administrator."""
    invitation: str = "none"
    """A token with which somebody may join."""
    share: str = "none"
    """A token that shows the question and the answer to whoever holds it."""
    link: str = "none"
    """The id under which its owner revokes it."""
    folder: str = "none"
    tag: str = "none"
    opening: str = "none"
    """The id under which a reviewer reads the conversation."""
    case: str = "none"
    """What reviewers made of it."""
    prompt: str = "none"
    preset: str = "none"


def somebody(word: str, **fields: object) -> User:
    """Make a person whose name and address hold ``word``."""
    return User.objects.create_user(f"{word}@example.org", "correct horse battery", name=word, **fields)


def things_of(owner: User, word: str, *, status: str = "complete") -> Things:
    """Make a conversation and a picture of ``owner`` with ``word`` in every text; its answer has ``status``."""
    model = chat_model()
    home = Conversation.objects.create(owner=owner, title=f"{word} title", chat_model=model)
    picture = keep_picture(owner, f"{word}.png", Remade(f"{word}".encode(), "image/png", 4, 3, f"{word}".encode()))
    question = Message.objects.create(conversation=home, role="user", text=f"{word} question")
    picture.uses.create(message=question, position=0)
    answer = Message.objects.create(
        conversation=home, parent=question, role="assistant", status=status, text=f"{word} answer", reasoning=word
    )
    Conversation.objects.filter(pk=home.pk).update(leaf=answer)
    invitation = Invitation.objects.create(email="friend@example.org", invited_by=owner)
    tokens = (signed_address(picture).rpartition("/")[2], welcome.token(), policy.token_of(invitation))
    snapshot = [[str(one.pk), len(one.text), 0] for one in (question, answer)]
    share = new_token()
    link = ShareLink.objects.create(
        owner=owner, conversation=home, title=f"{word} link", digest=digest_of(share), snapshot=snapshot,
        sealed_token=secrets.seal(share),
    )  # fmt: skip
    folder = Folder.objects.create(owner=owner, name=f"{word} folder", key=word)
    tag = Tag.objects.create(owner=owner, name=f"{word} tag", key=word)
    home.tags.add(tag)
    opening = ReviewOpening.objects.create(conversation=home, reviewer=owner, reason=f"{word} reason")
    case = Case.objects.create(conversation=home, kind="flag", urgency=2, comment=f"{word} flag")
    prompt = Prompt.objects.create(owner=owner, name=f"{word} prompt", text=f"{word} {{{{thing}}}}")
    preset = Preset.objects.create(owner=owner, name=f"{word} preset", system_prompt=word)
    made = [str(one.pk) for one in (folder, tag, opening, case, prompt, preset)]
    ids = str(home.pk), str(question.pk), str(answer.pk), str(picture.pk)
    return Things(*ids, *tokens, share, str(link.pk), *made)


def deleted_things_of(owner: User, word: str) -> Things:
    """Make the same and delete it: the conversation can be brought back by its owner, the picture is gone."""
    made = things_of(owner, word)
    Conversation.objects.filter(pk=made.conversation).update(deleted_at=timezone.now())
    Attachment.objects.get(pk=made.attachment).delete()
    ShareLink.objects.filter(pk=made.link).delete()
    Folder.objects.filter(pk=made.folder).delete()
    Tag.objects.filter(pk=made.tag).delete()
    Prompt.objects.filter(pk=made.prompt).delete()
    Preset.objects.filter(pk=made.preset).delete()
    Invitation.objects.filter(pk=getattr(policy.invitation_by(made.invitation), "pk", None)).update(
        used_at=timezone.now()
    )
    return made


def absent_things() -> Things:
    """Return ids in their form that nothing has."""
    nothing = [str(uuid4()) for _ in range(4)]
    signed = signing.dumps(nothing[3], salt="another salt"), signing.dumps("welcome", salt="another")
    return Things(*nothing, *signed, "a" * 32, new_token(), *[str(uuid4()) for _ in range(7)])


def malformed_things(text: str) -> Things:
    return Things(*[text] * 15)


def chat_model() -> ChatModel:
    """Return a model that cannot see; nobody listens at the port of its provider."""
    provider, _ = Provider.objects.get_or_create(name="Nobody", defaults={"base_url": "http://127.0.0.1:9/v1"})
    fields = {"provider": provider, "name": "blind", "label": "Blind"}
    return ChatModel.objects.get_or_create(key="blind", defaults=fields)[0]


def as_(user: User | None, **options: bool) -> Client:
    """Return a client that is logged in as ``user``, or as nobody."""
    client = Client(raise_request_exception=False, **options)
    if user is not None:
        client.force_login(user)
    return client
