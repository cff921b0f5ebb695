"""To read changes nothing, and to change something takes the site's own token: for every address there is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from allauth.account.forms import EmailAwarePasswordResetTokenGenerator
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.account.utils import user_pk_to_url_str
from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.files.storage import storages

from conversations.models import Conversation, User
from tests.doors.addresses import Address, addresses, ours
from tests.doors.belongings import Things, as_, somebody, things_of
from tests.doors.matrix import OURS

pytestmark = pytest.mark.django_db

WITHOUT_TOKEN = {
    "report": "a beacon carries none; it writes one line to the log and changes nothing",
}
"""Addresses that take a POST without the site's token, and why."""

Dump = dict[str, list[dict[str, Any]]]


@pytest.fixture
def owner(db: None) -> User:
    """An administrator, who may read everything there is to read; somebody's only unconfirmed address among it."""
    owner = somebody("alice", is_staff=True, is_superuser=True)
    EmailAddress.objects.create(user=owner, email=owner.email, primary=True, verified=False)
    return owner


def dump() -> Dump:
    """Return all rows of all tables. Of sessions, who they belong to: reading may put off when they end."""
    rows = {model._meta.label: sorted(model._base_manager.values(), key=repr) for model in apps.get_models()}
    rows[Session._meta.label] = sorted(
        (
            {"key": one.session_key, "user": one.get_decoded().get("_auth_user_id")}
            for one in Session.objects.all()
            if "_auth_user_id" in one.get_decoded()  # a stranger's session holds what their own forms need
        ),
        key=repr,
    )
    return rows


def files() -> list[Path]:
    return sorted(Path(storages["pictures"].base_location).rglob("*"))  # type: ignore[attr-defined]


def fillings(owner: User, it: Things) -> dict[str, object]:
    """Return values that lead to something wherever that is possible."""
    return {
        "object_id": owner.pk,
        "content_type_id": ContentType.objects.get_for_model(Conversation).pk,
        "app_label": "conversations",
        "url": "nowhere/",
        "conversation": it.conversation,
        "message": it.question,
        "attachment": it.attachment,
        "opening": it.opening,
        "case": it.case,
        "token": it.token,
        "link": it.link,
        "folder": it.folder,
        "prompt": it.prompt,
        "preset": it.preset,
        "tag": it.tag,
        "number": 1,
        "position": 0,
        "form": "html",
        "key": EmailAwarePasswordResetTokenGenerator().make_token(owner),
        "uidb36": user_pk_to_url_str(owner),
        "pk": 1,
        "id": 1,
        "provider_id": "none",
    }


def paths_of(owner: User, it: Things) -> Iterator[tuple[Address, str]]:
    confirmation = EmailConfirmationHMAC.create(EmailAddress.objects.get(user=owner)).key
    for address in addresses():
        values = fillings(owner, it)
        if "confirm" in address.name:
            values["key"] = confirmation
        yield address, address.path(**values)


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("who", ["owner", "anonymous"])
def test_reading_changes_no_row_no_file_and_sends_no_mail(owner: User, who: str, method: str) -> None:
    it = things_of(owner, "hers", status="streaming")
    for address, path in paths_of(owner, it):
        client = as_(owner if who == "owner" else None)
        before = dump(), files()
        answer = client.generic(method, path)
        assert answer.status_code < 500
        assert isinstance(answer.getvalue(), bytes)  # what is streamed is made while it is read
        assert (dump(), files()) == before, f"{method} {path} ({address.name}) changed something"
        assert not mail.outbox, f"{method} {path} sent a mail"
        assert who == "anonymous" or client.get("/").status_code == 200, f"{method} {path} logged the reader out"


def test_the_ways_to_read_a_conversation_change_nothing_either(owner: User) -> None:
    it = things_of(owner, "hers", status="streaming")
    client = as_(owner)
    before = dump(), files()
    for name, door in OURS.items():
        for ask in door.asks:
            path = ours()[name].path(**ask.path(it, it))
            assert client.get(path, ask.fields(it, it)).status_code < 500
            assert (dump(), files()) == before, f"GET {path} changed something"


def test_the_links_in_mails_open_pages_that_wait_for_a_click(owner: User) -> None:
    """The premise for allauth's keys in the tests above: they are good ones."""
    paths = {address.name: path for address, path in paths_of(owner, things_of(owner, "hers"))}
    assert as_(None).get(paths["account_confirm_email"]).status_code == 200
    page = as_(None).get(paths["account_reset_password_from_key"], follow=True).content.decode()
    assert 'autocomplete="new-password"' in page


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_whatever_changes_something_asks_for_the_token(owner: User, method: str) -> None:
    it = things_of(owner, "hers")
    client = as_(owner, enforce_csrf_checks=True)
    before = dump(), files()
    for address, path in paths_of(owner, it):
        status = client.generic(method, path).status_code
        if address.name in WITHOUT_TOKEN:
            assert status in (204, 405)
        else:
            assert status == 403, f"{method} {path} ({address.name}) without a token is answered with {status}"
    assert (dump(), files()) == before


@pytest.mark.parametrize("forged", ["", "x", "0" * 32, "0" * 64])
def test_a_token_of_somebodys_own_making_is_no_token(owner: User, forged: str) -> None:
    it = things_of(owner, "hers")
    client = as_(owner, enforce_csrf_checks=True)
    client.get(f"/c/{it.conversation}")
    answer = client.post(f"/c/{it.conversation}/delete", {"csrfmiddlewaretoken": forged})
    assert answer.status_code == 403
    assert Conversation.objects.get(pk=it.conversation).deleted_at is None


def test_the_token_of_the_page_is_taken(owner: User) -> None:
    """The premise of the two tests above."""
    it = things_of(owner, "hers")
    client = as_(owner, enforce_csrf_checks=True)
    page = client.get(f"/c/{it.conversation}").content.decode()
    found = re.search(r'csrfmiddlewaretoken" value="(\w+)"', page)
    assert found is not None
    assert client.post(f"/c/{it.conversation}/delete", {"csrfmiddlewaretoken": found[1]}).status_code == 302
    assert Conversation.objects.get(pk=it.conversation).deleted_at is not None


def test_exactly_the_addresses_of_the_table_do_without_a_token() -> None:
    exempt = {address.name for address in addresses() if getattr(address.view, "csrf_exempt", False)}
    assert exempt == WITHOUT_TOKEN.keys()
