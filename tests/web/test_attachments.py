"""Uploads over HTTP: what is taken, what is refused, and to whom pictures are shown."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from conversations.actions.attachments import keep_address, keep_picture
from conversations.generation import pictures
from conversations.models import Attachment, User
from conversations.pictures import Remade
from tests.pictures.samples import BAD, MARK, photo

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Path:
    location = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path}}
    settings.STORAGES = {**settings.STORAGES, "pictures": location}
    return tmp_path


def as_(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def upload(client: Client, content: bytes, *, name: str = "cat.jpg", kind: str = "image/jpeg") -> Any:
    headers = {"X-File-Name": name, "X-Requested-With": "fetch"}
    return client.post("/attachments", content, content_type=kind, headers=headers)


def test_an_uploaded_picture_is_told_and_shown_without_what_it_hid(alice: User, folder: Path) -> None:
    client = as_(alice)
    told = upload(client, photo(orientation=6), name="..%2F%E5%9B%BE.jpg")
    assert told.status_code == 201
    facts = told.json()
    assert (facts["name"], facts["width"], facts["height"], facts["tokens"]) == ("图.jpg", 300, 400, 255)
    shown = client.get(reverse("attachment:picture", args=[facts["id"]]))
    small = client.get(facts["thumbnail"])
    assert (shown["Content-Type"], small["Content-Type"]) == ("image/jpeg", "image/webp")
    for answer in (shown, small):
        assert answer["Content-Security-Policy"] == "default-src 'none'; style-src 'unsafe-inline'; sandbox"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Cache-Control"] == "private, max-age=31536000, immutable"
        assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
        assert answer["Content-Disposition"].startswith("inline")
        assert MARK.encode() not in answer.content
    assert all(MARK.encode() not in path.read_bytes() for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("content", [content for content, _ in BAD.values()], ids=BAD.keys())
def test_what_is_no_good_picture_is_refused_and_leaves_nothing(alice: User, folder: Path, content: bytes) -> None:
    answer = upload(as_(alice), content)
    assert answer.status_code == 400
    assert answer.json()["code"] == "invalid"
    assert not Attachment.objects.exists()
    assert not list(folder.rglob("*"))


def test_an_empty_file_and_one_too_large_are_refused(alice: User, settings: Any) -> None:
    settings.CHAT_MAX_UPLOAD_MB = 1
    assert upload(as_(alice), b"").json()["message"] == "This file is empty."
    answer = upload(as_(alice), photo() + b"x" * 1024**2)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_long")


def test_the_type_is_told_by_content_and_not_by_name(alice: User) -> None:
    told = upload(as_(alice), photo(kind="PNG"), name="x.svg", kind="image/svg+xml").json()
    shown = as_(alice).get(reverse("attachment:picture", args=[told["id"]]))
    assert shown["Content-Type"] == "image/png"


def test_pictures_are_their_owners_alone(alice: User, bob: User) -> None:
    kept = keep_picture(alice, "a", Remade(b"pixels", "image/jpeg", 4, 3, b"small"))
    for name in ("attachment:picture", "attachment:thumbnail"):
        path = reverse(name, args=[kept.pk])
        assert as_(alice).get(path).status_code == 200
        his, nobodys = as_(bob).get(path), as_(bob).get(reverse(name, args=[uuid4()]))
        assert (his.status_code, nobodys.status_code) == (404, 404)
        assert Client().get(path).status_code == 302
    assert upload(Client(), photo()).status_code == 401


def test_an_upload_needs_the_sites_own_token(alice: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    assert upload(client, photo()).status_code == 403
    assert not Attachment.objects.exists()


def test_uploads_are_limited_in_speed(alice: User, settings: Any) -> None:
    settings.CHAT_UPLOADS_PER_MINUTE = 1
    client = as_(alice)
    answers = [upload(client, b"nothing") for _ in range(12)]
    assert [answer.status_code for answer in answers[:10]] == [400] * 10
    assert answers[-1].json()["code"] == "rate_limited"


def test_a_signed_address_shows_the_picture_to_whoever_holds_it(alice: User) -> None:
    kept = keep_picture(alice, "a", Remade(b"pixels", "image/jpeg", 4, 3, b"small"))
    path = pictures.signed_address(kept)
    assert Client().get(path).content == b"pixels"
    assert Client().get(path[:-3] + "abc").status_code == 404


def test_an_address_is_kept_and_never_fetched(alice: User) -> None:
    client = as_(alice)
    told = client.post("/attachments/address", {"address": "https://example.org/a.png"})
    assert (told.status_code, told.json()["address"]) == (201, "https://example.org/a.png")
    kept = keep_address(alice, "https://example.org/a.png")
    assert client.get(reverse("attachment:picture", args=[kept.pk])).status_code == 404
    assert client.post("/attachments/address", {"address": "javascript:alert(1)"}).status_code == 400
