"""Secrets stay where they are: not in logs, pages, frames or errors, at the most talkative level and when all fails."""

from __future__ import annotations

import asyncio
import base64
import http.client
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import quote, urlencode, urlsplit
from uuid import uuid4

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher

from tests.fakes.scripts import Script, cut, done, error, head, raw, sse, status
from tests.support.servers import free_port, postgres
from tests.support.site import PASSWORD, ROOT, Site, Visitor, running_site
from tests.support.socket import open_page

KEY = "sekret-canary-of-the-provider-1f9b27"
SIGNING = "sekret-canary-of-the-site-4c81d0-and-long-enough-for-a-key-of-django"
DATABASE = "sekret-canary-of-the-database-77ab01"
LAYER = "sekret-canary-of-redis-5d20c3"
MAIL = "sekret-canary-of-the-mail-server-aa03"
PICTURES = "sekret-canary-of-the-bucket-9be1"
TYPED = "sekret-canary-that-somebody-typed-6613"
TOKEN = "0123456789abcdef0123456789abcdef"
FORM = "application/x-www-form-urlencoded"
HASHED = PBKDF2PasswordHasher().encode(PASSWORD, "salt", 1_000)
"""As the site itself can check it: tests hash more cheaply than it takes."""


def spellings(secret: str) -> list[str]:
    """Return a secret as it may come out: plain, encoded, or most of it."""
    encoded = base64.b64encode(secret.encode()).decode().rstrip("=")
    return [secret, quote(secret, safe=""), encoded[:-2], secret[:24], secret[-16:]]


def check(about: str, text: str, *secrets: str) -> None:
    for secret in secrets or (KEY, SIGNING, DATABASE, LAYER, MAIL, PICTURES, TYPED):
        for spelling in spellings(secret):
            place = text.find(spelling)
            assert place < 0, f"{about} tells a secret: …{text[max(0, place - 200) : place + 100]}…"


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    secrets = {"OPENAI_API_KEY": KEY, "SECRET_KEY": SIGNING, "EMAIL_HOST": "127.0.0.1", "EMAIL_HOST_PASSWORD": MAIL}
    with running_site(LOG_LEVEL="DEBUG", EMAIL_HOST_USER="chat", EMAIL_PORT=str(free_port()), **secrets) as site:
        yield site


def signed_in(site: Site, *, staff: bool = False) -> Visitor:
    """Make a visitor whose session the site believes in: it signs with a key of its own."""
    with closing(http.client.HTTPConnection(urlsplit(site.url).netloc, timeout=30)) as line:
        visitor = site.visitor(f"{uuid4().hex}@example.org", staff=staff)
        site.rows("UPDATE conversations_user SET password = ? WHERE id = ?", HASHED, visitor.id)
        fields = urlencode({"login": visitor.email, "password": PASSWORD})
        cookies = {"Cookie": f"csrftoken={TOKEN}", "X-CSRFToken": TOKEN}
        line.request("POST", "/accounts/login/", fields, {**cookies, "Content-Type": FORM})
        answer = line.getresponse()
        answer.read()
        assert answer.status == 302, answer.status
        (session,) = (c for c in answer.headers.get_all("Set-Cookie") or [] if c.startswith("sessionid="))
        return Visitor(visitor.id, visitor.email, session.removeprefix("sessionid=").partition(";")[0])


def ask(site: Site, method: str, path: str, visitor: Visitor | None = None, /, **fields: str) -> str:
    """Return the whole answer, head and body."""
    with closing(http.client.HTTPConnection(urlsplit(site.url).netloc, timeout=30)) as line:
        cookies = f"csrftoken={TOKEN}" + (f"; {visitor.cookie}" if visitor else "")
        headers = {"Cookie": cookies, "X-CSRFToken": TOKEN, "Content-Type": FORM}
        line.request(method, path, urlencode(fields), headers)
        answer = line.getresponse()
        return f"{answer.status}\n{answer.headers}\n{answer.read().decode('utf-8', 'replace')}"


FAILURES: dict[str, Script] = {
    "a wrong key, repeated": [status(401, error("invalid_api_key", f"Incorrect API key provided: {KEY}."))],
    "a wrong key, shortened": [
        status(401, error("invalid_api_key", f"Incorrect key: {KEY[:-4]}**** (ends {KEY[8:]})"))
    ],
    "the request's headers": [status(500, error("oops", f"Authorization: Bearer {KEY}"))],
    "a page in place of JSON": [status(502, f"<html><body>Bad gateway for {KEY}</body></html>".encode())],
    "the key as a code": [status(400, error(KEY, "no"))],
    "the key as a trace id": [status(400, {**error("x", "no"), "trace_id": KEY})],
    "the key as a header": [status(429, error("slow"), {"Retry-After": KEY, "X-Request-ID": KEY})],
    "the key in the middle of an answer": [sse("half ", error("api_error", f"upstream said {KEY}"))],
    "the key as nonsense in the stream": [sse("half "), raw(f"data: {{{KEY}\n\n".encode()), done()],
    "the key as a kind of answer": [head(200, {"Content-Type": KEY}), raw(KEY.encode()), cut()],
    "a move to an address with the key": [status(302, b"", {"Location": f"/v2?key={KEY}"})],
}


@pytest.mark.parametrize("script", FAILURES.values(), ids=FAILURES.keys())
async def test_a_provider_that_repeats_its_key_tells_it_to_nobody(site: Site, script: Script) -> None:
    assert site.provider is not None
    person = await asyncio.to_thread(signed_in, site)
    site.provider.default = script  # not enqueued: some failures are tried again
    async with open_page(site, person) as page:
        asked = await page.ask("hello")
        end = await page.end_of(asked["answer"])
        await page.command("resync", message=asked["answer"])
        await page.until("snapshot")
    assert end["status"] in ("failed", "interrupted")
    check("a frame", json.dumps(page.frames))
    check("the page", await asyncio.to_thread(ask, site, "GET", f"/c/{asked['conversation']}", person))
    check("the database", repr(site.rows("SELECT * FROM conversations_generation")), KEY)
    check("the database", repr(site.rows("SELECT * FROM conversations_message")), KEY)
    check("the log", site.log)
    assert site.provider.requests[-1].headers["authorization"] == f"Bearer {KEY}"  # it was there to be told
    assert f"Answer {asked['answer']} ended as" in site.log


def test_pages_forms_and_refusals_tell_none(site: Site) -> None:
    sue = signed_in(site, staff=True)
    for path in ("/", "/chats", "/nowhere", "/c/1", "/readyz", "/healthz", "/accounts/email/", "/welcome/x"):
        check(path, ask(site, "GET", path, sue))
    for table in ("provider", "chatmodel", "user"):
        check(f"the table {table}", ask(site, "GET", f"/admin/conversations/{table}/", sue))
    (provider,) = site.rows("SELECT id FROM conversations_provider LIMIT 1")[0]
    page = ask(site, "GET", f"/admin/conversations/provider/{provider}/change/", sue)
    assert page.startswith("200")
    check("the provider's page", page)
    check("the refusal of a form", ask(site, "POST", "/send", sue, text="", conversation="x"))
    check("the log", site.log)


def test_a_key_that_an_administrator_typed_is_never_shown_again(site: Site) -> None:
    sue = signed_in(site, staff=True)
    rows = {"TOTAL": "0", "INITIAL": "0", "MIN_NUM": "0", "MAX_NUM": "1000"}
    formset = {f"chat_models-{name}_FORMS": value for name, value in rows.items()}
    good = {"name": uuid4().hex, "base_url": "https://api.example.org/v1", "is_enabled": "on", "new_key": TYPED}
    wrong = {**good, "base_url": "no address"}
    assert ask(site, "POST", "/admin/conversations/provider/add/", sue, **good, **formset).startswith("302")
    refused = ask(site, "POST", "/admin/conversations/provider/add/", sue, **wrong, **formset)
    assert refused.startswith("200")
    check("the form that was refused", refused)
    ((provider,),) = site.rows("SELECT id FROM conversations_provider WHERE name = ?", good["name"])
    for page in ("change", "history", "delete"):
        check(f"the {page} page", ask(site, "GET", f"/admin/conversations/provider/{provider}/{page}/", sue))
    check("the database", repr(site.rows("SELECT * FROM conversations_provider")))
    check("the diary", repr(site.rows("SELECT * FROM django_admin_log")))
    check("the log", site.log)


def test_what_people_type_as_passwords_and_carry_as_cookies_is_not_logged(site: Site) -> None:
    person = signed_in(site)
    for path in ("/accounts/login/", "/accounts/signup/", "/accounts/password/change/", "/accounts/reauthenticate/"):
        words = ("password", "password1", "password2", "oldpassword")
        fields = {"login": person.email, "email": person.email, **dict.fromkeys(words, TYPED)}
        check(path, ask(site, "POST", path, None if "login" in path else person, **fields))
    ask(site, "GET", "/nowhere", person)
    ask(site, "POST", "/report", person, path="/", message="x", line="1")
    check("the log", site.log, TYPED, person.session, PASSWORD)


def test_a_page_that_fails_tells_none() -> None:
    with running_site(LOG_LEVEL="DEBUG", OPENAI_API_KEY=KEY, SECRET_KEY=SIGNING) as broken:
        sue = signed_in(broken, staff=True)
        broken.rows("ALTER TABLE conversations_chatmodel RENAME TO gone")
        page = ask(broken, "GET", "/", sue)
        assert page.startswith("500")
        check("the page", page)
        assert "Traceback" in broken.wait_for_log("(?s)Traceback.*")[0]
        check("the log", broken.log, KEY, SIGNING, sue.session)


def test_a_mail_that_cannot_be_sent_tells_none(site: Site) -> None:
    person = signed_in(site)
    page = ask(site, "POST", "/accounts/password/reset/", email=person.email)
    check("the page", page)
    check("the log", site.log)


@pytest.mark.parametrize("port", [9, "x"], ids=["a port without Redis", "a port that is none"])
async def test_a_layer_that_is_away_tells_no_password(port: object) -> None:
    secrets = {"REDIS_URL": f"redis://:{LAYER}@127.0.0.1:{port}/0", "OPENAI_API_KEY": KEY, "SECRET_KEY": SIGNING}
    with running_site(LOG_LEVEL="DEBUG", **secrets) as site:
        for path in ("/readyz", "/accounts/login/", "/"):
            check(path, await asyncio.to_thread(ask, site, "GET", path))
        check("the log", site.log)


async def test_a_database_that_goes_away_tells_no_password() -> None:
    with postgres() as address:
        parts = urlsplit(address)
        user = parts.username or "postgres"
        place = parts.netloc.rpartition("@")[2]
        secret = parts._replace(netloc=f"{user}:{DATABASE}@{place}").geturl()
        secrets = {"DATABASE_URL": secret, "OPENAI_API_KEY": KEY, "SECRET_KEY": SIGNING}
        with running_site(LOG_LEVEL="DEBUG", **secrets) as site:
            person = site.visitor()
            site.rows("ALTER TABLE conversations_user RENAME TO gone")
            check("the page", await asyncio.to_thread(ask, site, "GET", "/", person))
            check("the state", await asyncio.to_thread(ask, site, "GET", "/readyz"))
            check("the log", site.log)


WRONG_STARTS = {
    "a database of another kind": {"DATABASE_URL": f"mysql://chat:{DATABASE}@127.0.0.1/chat"},
    "a database that nobody serves": {
        "DATABASE_URL": f"postgresql://chat:{DATABASE}@127.0.0.1:9/chat?connect_timeout=1"
    },
    "a database at a port that is none": {"DATABASE_URL": f"postgresql://chat:{DATABASE}@127.0.0.1:x/chat"},
    "a bucket without a name": {"PICTURES_URL": f"s3://key:{PICTURES}@store.example.org/"},
    "a bucket at a port that is none": {"PICTURES_URL": f"s3://key:{PICTURES}@store.example.org:x/bucket"},
    "a provider with a name in its address": {"OPENAI_BASE_URL": f"ftp://user:{KEY}@api.example.org/v1"},
    "a secret where an address belongs": {"OPENAI_BASE_URL": KEY},
}


@pytest.mark.parametrize("wrong", WRONG_STARTS.values(), ids=WRONG_STARTS.keys())
def test_a_start_that_fails_says_why_without_the_secret(tmp_path: Path, wrong: dict[str, str]) -> None:
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "CHAT_DATA_DIR": str(tmp_path),
        "SECRET_KEY": SIGNING,
        "OPENAI_API_KEY": KEY,
        "LOG_LEVEL": "DEBUG",
        "PORT": "0",
        **wrong,
    }
    started = subprocess.run(
        [sys.executable, "manage.py", "serve"], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60
    )
    assert started.returncode != 0
    said = started.stdout + started.stderr
    assert said
    check("the start", said)
