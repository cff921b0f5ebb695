"""What a person can choose: kept with the account, in the first HTML of every page, and refused where it makes no sense."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from conversations.models import User
from conversations.models.users import READING

pytestmark = pytest.mark.django_db

CHOSEN = {
    "theme": "dark", "language": "", "size": "l", "width": "wide", "smooth": "off", "announce": "sentences",
    "send_key": "ctrl_enter",
}  # fmt: skip


def as_(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def root(page: bytes) -> str:
    found = re.search(r"<html [^>]*>", page.decode())
    assert found
    return found[0]


def test_a_page_of_somebody_who_chose_nothing_carries_nothing(alice: User) -> None:
    assert "data-" not in root(as_(alice).get("/settings/").content)


def test_choices_are_in_the_first_html_of_every_page_and_of_no_one_elses(alice: User, bob: User) -> None:
    hers = as_(alice)
    assert (
        hers.post("/settings/reading", CHOSEN, follow=True).content.decode().count("Saved.") == 2
    )  # and in a word kept
    for path in ("/", "/settings/", "/chats", "/nowhere", "/accounts/email/"):
        page = root(hers.get(path).content)
        for mark in ('theme="dark"', 'size="l"', 'width="wide"', 'smooth="off"', 'announce="sentences"'):
            assert f"data-{mark}" in page, path
    assert "data-" not in root(as_(bob).get("/settings/").content)
    assert User.objects.get(pk=alice.pk).send_key == "ctrl_enter"


def test_the_usual_is_not_kept(alice: User) -> None:
    hers = as_(alice)
    hers.post("/settings/reading", CHOSEN)
    hers.post("/settings/reading", CHOSEN | {name: values[0] for name, values in READING.items()})
    assert User.objects.get(pk=alice.pk).reading is None


def test_a_section_leaves_the_others_as_they_are(alice: User) -> None:
    hers = as_(alice)
    hers.post("/settings/", {"name": "Ada"})
    hers.post("/settings/chat", {"instructions": "Rhyme."})
    hers.post("/settings/reading", CHOSEN)
    kept = User.objects.get(pk=alice.pk)
    assert (kept.name, kept.instructions, kept.reading_marks["size"]) == ("Ada", "Rhyme.", "l")


@pytest.mark.parametrize("name", ["theme", "size", "width", "smooth", "announce", "send_key", "language"])
@pytest.mark.parametrize("value", ["huge", "a\x00b", "x" * 5000])
def test_what_cannot_be_chosen_is_refused_and_changes_nothing(alice: User, name: str, value: str) -> None:
    hers = as_(alice)
    hers.post("/settings/reading", CHOSEN)
    assert "Please check this" in hers.post("/settings/reading", CHOSEN | {name: value}).content.decode()
    script = {"X-Requested-With": "fetch"}
    assert hers.post("/settings/reading", CHOSEN | {name: value}, headers=script).status_code == 400
    assert hers.post("/settings/reading", CHOSEN, headers=script).status_code == 204
    assert User.objects.get(pk=alice.pk).reading_marks == {
        "size": "l", "width": "wide", "smooth": "off", "announce": "sentences",
    }  # fmt: skip


@pytest.mark.parametrize("kept", [[], "l", {"size": "huge"}, {"size": ["l"]}, {"other": "x"}])
def test_what_is_kept_and_makes_no_sense_is_not_shown(alice: User, kept: object) -> None:
    User.objects.filter(pk=alice.pk).update(reading=kept)
    assert "data-" not in root(as_(alice).get("/").content).replace("data-connection", "")


SECTIONS = [
    "/settings/",
    "/settings/reading",
    "/settings/chat",
    "/settings/prompts",
    "/settings/links",
    "/settings/data",
    "/shortcuts",
]


@pytest.mark.parametrize("path", [*SECTIONS, "/accounts/sessions/", "/accounts/email/", "/accounts/2fa/"])
def test_each_section_has_an_address_and_shows_where_one_is(alice: User, path: str) -> None:
    page = as_(alice).get(path).content.decode()
    shown = re.findall(r'<a href="([^"]*)" aria-current="page">', page)
    assert shown == [path]
    for other in SECTIONS:
        assert f'<a href="{other}"' in page
