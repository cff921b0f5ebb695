"""Every address for every visitor, with ids of every kind: nobody is shown, or can find out, what is another's."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib.contenttypes.models import ContentType
from django.http import HttpResponse
from django.test import Client

from conversations.models import Conversation, User
from tests.doors.addresses import Address, addresses, ours, theirs
from tests.doors.belongings import (
    Things,
    absent_things,
    as_,
    deleted_things_of,
    malformed_things,
    somebody,
    things_of,
)
from tests.doors.matrix import BEARER, BY_RIGHT, INVITED, NOBODY, OURS, OWNER, PEOPLE, REVIEWER, STAFF, THEIRS, Ask

pytestmark = pytest.mark.django_db

WORD = "kingfisher"
"""In the owner's name, address and in everything she has."""
VISITORS = ["anonymous", "other", "staff", "administrator", "deactivated"]
ALL_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


@dataclass(frozen=True)
class World:
    owner: User
    present: Things
    deleted: Things
    absent: Things
    malformed: Things

    @property
    def kinds(self) -> dict[str, Things]:
        return {"foreign": self.present, "deleted": self.deleted, "absent": self.absent, "malformed": self.malformed}


@pytest.fixture
def world(db: None) -> World:
    """An owner with a conversation whose answer is being written, so that every other verb on it is refused."""
    owner = somebody(WORD)
    return World(
        owner,
        things_of(owner, f"{WORD}-private", status="streaming"),
        deleted_things_of(owner, f"{WORD}-deleted"),
        absent_things(),
        malformed_things("1 OR 1=1"),
    )


def visitor(kind: str, world: World) -> tuple[Client, Things]:
    """Return the client of a visitor, and what they have themselves."""
    if kind == "anonymous":
        return as_(None), absent_things()
    if kind == "deactivated":
        client = as_(world.owner)
        User.objects.filter(pk=world.owner.pk).update(is_active=False)
        return client, world.present
    rights = {"other": {}, "staff": {"is_staff": True}, "administrator": {"is_staff": True, "is_superuser": True}}
    user = somebody(kind, **rights[kind])
    return as_(user), things_of(user, kind)


def knock(client: Client, address: Address, ask: Ask, it: Things, mine: Things, **headers: str) -> Any:
    path, fields = address.path(**ask.path(it, mine)), ask.fields(it, mine)
    if ask.method in ("GET", "HEAD"):
        return client.generic(ask.method, f"{path}?{urlencode(fields)}" if fields else path, headers=headers)
    return client.post(path, fields, headers=headers)


def everything(answer: Any) -> str:
    """Return the head and the body of a response as one text."""
    body = answer.getvalue()
    if answer.streaming:
        answer.streaming_content = [body]  # to be read once more
    return f"{answer.headers} {answer.cookies} {body.decode('utf-8', 'replace')}"


def without_chance(answer: Any) -> str:
    """Return the same without what differs from one request to the next."""
    text = re.sub(r"\b[0-9a-f]{16}\b", "trace-id", everything(answer))
    text = re.sub(r"nonce[-=]\"?[\w+/=]+", "nonce", text)
    text = re.sub(r"(?<=csrftoken=)\w+|(?<=csrfmiddlewaretoken\" value=\")\w+|expires=[^;]+", "", text)
    return f"{answer.status_code} {text}"


def is_sent_to_the_log_in(answer: HttpResponse) -> bool:
    return answer.status_code == 302 and answer["Location"].startswith("/accounts/login/?next=")


# The tables against the code


def test_every_address_of_ours_has_its_row_and_every_row_its_address() -> None:
    missing, stale = ours().keys() - OURS.keys(), OURS.keys() - ours().keys()
    assert not missing, f"tests/doors/matrix.py does not say who may use {sorted(missing)}: add a row to OURS"
    assert not stale, f"tests/doors/matrix.py has rows for addresses that are gone: {sorted(stale)}"


def test_every_package_is_mounted_under_a_route_of_which_the_table_says_who_may_see_it() -> None:
    strays = [one.route for one in theirs() if not one.route.startswith(tuple(THEIRS))]
    assert not strays, f"tests/doors/matrix.py does not say who may use {strays}: add their prefix to THEIRS"
    stale = [prefix for prefix in THEIRS if not any(one.route.startswith(prefix) for one in theirs())]
    assert not stale, f"tests/doors/matrix.py has prefixes for packages that are gone: {stale}"


def test_names_of_addresses_are_of_one_address_each() -> None:
    names = [address.name for address in addresses() if not address.is_theirs]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("name", OURS)
def test_a_door_takes_the_methods_of_its_row_and_no_others(world: World, name: str) -> None:
    door, address = OURS[name], ours()[name]
    path = address.path(**door.asks[0].path(world.present, world.present))
    for method in ALL_METHODS:
        status = as_(world.owner).generic(method, path).status_code
        assert (status != 405) == (method in door.methods), f"{method} {path} is answered with {status}"


# Our own addresses


@pytest.mark.parametrize("name", OURS)
def test_the_owner_is_let_in_to_what_is_there(world: World, name: str) -> None:
    """The premise of all that follows: these very asks are not refused to the one they belong to."""
    door, address = OURS[name], ours()[name]
    for ask in door.asks:
        answer = knock(as_(world.owner), address, ask, world.present, world.present)
        is_shut = door.who in (NOBODY, REVIEWER, *BY_RIGHT)  # to owners as well
        refusals = {200, 302} if is_shut else {404, 405, 500}
        assert answer.status_code not in refusals, f"{ask.method} {address.route}: {everything(answer)[:2000]}"
        assert not is_sent_to_the_log_in(answer)


@pytest.mark.parametrize("name", [name for name, door in OURS.items() if door.who == OWNER])
def test_what_the_owner_has_deleted_is_gone_for_her_too_but_for_its_return(world: World, name: str) -> None:
    door, address = OURS[name], ours()[name]
    for ask in door.asks:
        answer = knock(as_(world.owner), address, ask, world.deleted, world.present)
        assert (answer.status_code == 404) != door.opens_deleted
        if not door.opens_deleted:
            assert "-deleted" not in everything(answer)


@pytest.mark.parametrize("who", VISITORS)
@pytest.mark.parametrize("name", OURS)
def test_a_visitor_is_told_nothing_of_what_is_not_theirs(world: World, name: str, who: str) -> None:
    door, address = OURS[name], ours()[name]
    client, mine = visitor(who, world)
    for ask in door.asks:
        asks = [ask, Ask("HEAD", ask.path, ask.fields)] if ask.method == "GET" else [ask]
        for one in asks:
            answers = {kind: knock(client, address, one, it, mine) for kind, it in world.kinds.items()}
            _check_answers(door.who, who, answers, f"{one.method} {address.route} for {who}")
    assert Conversation.objects.get(pk=world.present.conversation).deleted_at is None


def _check_answers(door: str, who: str, answers: dict[str, Any], about: str) -> None:
    shown = {"foreign"} if door == BEARER else set()
    for kind, answer in answers.items():
        assert answer.status_code < 500, about
        assert kind in shown or WORD not in everything(answer), f"{about} tells of what is {kind}"
    if door in (OWNER, PEOPLE, REVIEWER, *BY_RIGHT) and who in ("anonymous", "deactivated"):
        for kind in ("foreign", "deleted", "absent"):
            assert is_sent_to_the_log_in(answers[kind]), f"{about} and {kind} ids: {answers[kind].status_code}"
        assert is_sent_to_the_log_in(answers["malformed"]) or answers["malformed"].status_code == 404
    elif door in BY_RIGHT and who == "administrator":
        assert {answer.status_code for answer in answers.values()} == {200}, about
    elif door in (OWNER, NOBODY, REVIEWER, *BY_RIGHT):
        assert {answer.status_code for answer in answers.values()} == {404}, about
        assert len({without_chance(answers[kind]) for kind in ("foreign", "deleted", "absent")}) == 1, about
    elif door == INVITED:
        assert [answers[kind].status_code for kind in ("deleted", "absent", "malformed")] == [404] * 3, about
        assert without_chance(answers["deleted"]) == without_chance(answers["absent"]), about
        assert answers["foreign"].status_code == 302 or who in ("anonymous", "deactivated"), about
    elif door == BEARER:
        assert [answer.status_code for answer in answers.values()] == [200, 404, 404, 404], about
        assert without_chance(answers["deleted"]) == without_chance(answers["absent"]), about


@pytest.mark.parametrize("who", ["anonymous", "deactivated"])
@pytest.mark.parametrize(
    "name", [name for name, door in OURS.items() if door.who in (OWNER, PEOPLE, REVIEWER, *BY_RIGHT)]
)
def test_a_script_without_a_session_is_told_so_and_nothing_else(world: World, name: str, who: str) -> None:
    door, address = OURS[name], ours()[name]
    client, mine = visitor(who, world)
    headers = {"X-Requested-With": "fetch"}
    for ask in door.asks:
        answer = knock(client, address, ask, world.present, mine, **headers)
        assert (answer.status_code, answer.json()) == (401, {"code": "signed_out", "message": ""})


# Other packages' addresses


def fillings(world: World, it: Things) -> dict[str, object]:
    """Return what can be written for each argument of a route; one without a value here fails by its name."""
    return {
        "object_id": it.conversation,
        "content_type_id": ContentType.objects.get_for_model(Conversation).pk,
        "app_label": "conversations",
        "url": f"nowhere/{it.conversation}/",
        "key": it.conversation,
        "uidb36": "0",
        "pk": 1,
        "id": 1,
        "provider_id": "none",
        "token": it.token,
    }


@pytest.mark.parametrize("who", VISITORS)
@pytest.mark.parametrize("prefix", THEIRS)
def test_other_packages_tell_a_visitor_nothing_of_others(world: World, prefix: str, who: str) -> None:
    client, _ = visitor(who, world)
    kinds = {"person": Things(*[str(world.owner.pk)] * 5), **world.kinds}
    # The administrator administers accounts: addresses and names are shown to them, what people have written is not.
    secret = f"{WORD}-" if who == "administrator" else WORD
    jar = dict(client.cookies)
    for address in (one for one in theirs() if one.route.startswith(prefix)):
        for kind, it in kinds.items():
            path = address.path(**fillings(world, it)).replace(" ", "%20")
            for method in ("GET", "HEAD", "POST"):
                client.cookies.update(jar)  # one of them logs out
                answer = client.generic(method, path)
                about = f"{method} {path} for {who}"
                assert answer.status_code < 500, about
                assert secret not in everything(answer), f"{about} tells of a {kind}"
                if THEIRS[prefix] == STAFF and who not in ("staff", "administrator"):
                    assert answer.status_code in (302, 403, 404, 405), f"{about}: {answer.status_code}"


def test_other_packages_do_show_something_to_whom_they_are_for(world: World) -> None:
    """The premise of the test above: its paths reach pages."""
    client, _ = visitor("administrator", world)
    statuses = [client.get(one.path(**fillings(world, world.present))).status_code for one in theirs()]
    assert statuses.count(200) > len(statuses) // 3
    assert f"{WORD}@example.org" in client.get("/admin/conversations/user/").content.decode()


def test_staff_without_rights_see_no_table(world: World) -> None:
    client, _ = visitor("staff", world)
    ends = ("_changelist", "_add", "_change", "_history", "_delete")
    tables = [one for one in theirs() if one.route.startswith("admin/") and one.name.endswith(ends)]
    assert tables
    for table in (one for one in tables if one.name != "admin:password_change"):
        path = table.path(object_id=world.owner.pk)
        assert client.get(path).status_code in (302, 403), path
