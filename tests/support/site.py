"""A running site: the real server process, on a real port, in front of a scripted provider."""

from __future__ import annotations

import atexit
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Self
from uuid import UUID, uuid4

import psycopg
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.backends.db import SessionStore

from conversations.models import User
from tests.fakes.upstream import ScriptedProvider

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0
PASSWORD = "correct horse battery"


@dataclass(frozen=True)
class Visitor:
    """Somebody who is logged in on a site."""

    id: UUID
    email: str
    session: str

    @property
    def cookie(self) -> str:
        return f"{settings.SESSION_COOKIE_NAME}={self.session}"


class Site:
    """A server process with a data directory of its own; it can be killed and started again."""

    def __init__(self, folder: Path, provider: ScriptedProvider | None, **environment: str) -> None:
        self.folder, self.provider = folder, provider
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "CHAT_DATA_DIR": str(folder),
            "SECRET_KEY": settings.SECRET_KEY,
            "CHAT_COMMANDS_PER_MINUTE": "6000",
            "PORT": "0",
            **({"OPENAI_API_KEY": "test-key-canary", "OPENAI_BASE_URL": provider.base_url} if provider else {}),
            **({"CHAT_MODELS": "test-model,other-model,test-vision"} if provider else {}),
            **environment,
        }
        self.url = ""
        self.process: subprocess.Popen[bytes] | None = None
        self._starts = 0

    # Lifecycle

    def start(self, *arguments: str) -> Self:
        self._starts += 1
        port = re.search(r":(\d+)", self.url.removeprefix("http:"))
        if port:
            self.environment["PORT"] = port[1]  # a restarted site keeps its address
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "serve", *arguments],
                cwd=ROOT, env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip
        ready = self.wait_for_log(r"Chat is ready at (https?://\S+)/\n", count=self._starts)
        self.url = ready[-1]
        return self

    def wait_for_log(self, pattern: str, *, count: int = 1) -> list[str]:
        """Return all matches in the log once there are ``count`` of them."""
        assert self.process is not None
        limit = time.monotonic() + PATIENCE
        while len(found := re.findall(pattern, self.log)) < count:
            assert self.process.poll() is None, f"the site did not start:\n{self.log}"
            assert time.monotonic() < limit, f"{pattern!r} did not come:\n{self.log}"
            time.sleep(0.02)
        return found

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def terminate(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)

    def wait(self, timeout: float = PATIENCE) -> int:
        assert self.process is not None
        return self.process.wait(timeout)

    def neighbour(self, *, shares_files: bool = False) -> Site:
        """Start a second process on the same database, at an address of its own."""
        folder = self.folder / "neighbour"
        folder.mkdir()
        files = self.folder if shares_files else folder
        other = Site(folder, self.provider, **{**self.environment, "PORT": "0", "CHAT_DATA_DIR": str(files)})
        return other.start("--no-migrate")

    def is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/readyz", timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def wait_until_draining(self) -> None:
        limit = time.monotonic() + PATIENCE
        while self.is_ready():
            assert time.monotonic() < limit, "the site does not drain"
            time.sleep(0.02)

    def close(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.kill()

    # What there is

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text(encoding="utf-8", errors="replace")

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """Read or write the site's database beside it; placeholders are ``?``."""
        if url := self.environment.get("DATABASE_URL"):
            with psycopg.connect(url, autocommit=True) as connection:
                cursor = connection.execute(sql.replace("?", "%s"), values)
                return cursor.fetchall() if cursor.description else []
        with closing(sqlite3.connect(self.folder / "chat.sqlite3", timeout=20)) as database, database:
            plain = [value.hex if isinstance(value, UUID) else value for value in values]
            return database.execute(sql, plain).fetchall()

    def visitor(self, email: str = "alice@example.org", *, staff: bool = False) -> Visitor:
        """Make an account and a session without the pages, which have tests of their own."""
        user = User(email=email, password=make_password(PASSWORD), is_staff=staff, is_superuser=staff)
        now = datetime.now(UTC)
        self.rows(
            "INSERT INTO conversations_user (id, password, is_superuser, email, name, is_active, is_staff, date_joined,"
            " language, send_key, instructions) VALUES (?, ?, ?, ?, '', ?, ?, ?, '', 'enter', '')",
            user.pk, user.password, staff, email, True, staff, now.isoformat(" "),
        )  # fmt: skip
        return Visitor(user.pk, email, self.session_of(user))

    def add_model(self, label: str, *, like: str, **changed: str) -> None:
        """Offer one more model: a copy of the one with the key ``like``, but for what is ``changed``."""
        values = {"id": uuid4().hex, "key": label.lower().replace(" ", "-"), "name": label, "label": label, **changed}
        columns = [row[1] for row in self.rows("PRAGMA table_info(conversations_chatmodel)")]
        taken = ", ".join("?" if one in values else f'"{one}"' for one in columns)
        given = [values[one] for one in columns if one in values]
        names = ", ".join(f'"{one}"' for one in columns)
        copy = f"SELECT {taken} FROM conversations_chatmodel WHERE key = ?"
        self.rows(f"INSERT INTO conversations_chatmodel ({names}) {copy}", *given, like)

    def person(self, visitor: Visitor) -> User:
        """Return as much of an account as a session is made of."""
        ((password,),) = self.rows("SELECT password FROM conversations_user WHERE id = ?", visitor.id)
        return User(pk=visitor.id, password=password)

    def session_of(self, user: User) -> str:
        store = SessionStore()
        key = os.urandom(16).hex()
        known = {
            "_auth_user_id": str(user.pk),
            "_auth_user_backend": "django.contrib.auth.backends.ModelBackend",
            "_auth_user_hash": user.get_session_auth_hash(),
        }
        self.rows(
            "INSERT INTO django_session (session_key, session_data, expire_date) VALUES (?, ?, ?)",
            key, store.encode(known), (datetime.now(UTC) + timedelta(days=1)).isoformat(" "),
        )  # fmt: skip
        return key

    def text_of(self, message: str | UUID) -> tuple[str, str]:
        """Return status and text of a message as stored."""
        ((status, text),) = self.rows("SELECT status, text FROM conversations_message WHERE id = ?", UUID(str(message)))
        return status, text


@cache
def _prepared() -> Path:
    """Return a data directory as a first start leaves it: the tables made, the files collected, nobody there.

    To make these is two thirds of a start, and every test's site would do it again.
    """
    folder = Path(tempfile.mkdtemp(prefix="prepared-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    site = Site(folder, None).start()
    site.terminate()
    site.wait()
    (folder / "log").unlink()
    return folder


@contextmanager
def running_site(**environment: str) -> Iterator[Site]:
    """Run a site with its provider for as long as the block lasts."""
    with tempfile.TemporaryDirectory(prefix="site-") as folder, ScriptedProvider() as provider:
        shutil.copytree(_prepared(), folder, dirs_exist_ok=True)
        site = Site(Path(folder), provider, **environment)
        try:
            yield site.start()
        finally:
            site.close()


@contextmanager
def demo_site() -> Iterator[Site]:
    """Run a site as it is before anybody has given it a provider."""
    with tempfile.TemporaryDirectory(prefix="site-") as folder:
        shutil.copytree(_prepared(), folder, dirs_exist_ok=True)
        site = Site(Path(folder), None)
        try:
            yield site.start()
        finally:
            site.close()


def reloaded(site: Site, visitor: Visitor, conversation: str | UUID) -> str:
    """Return the page as a reload gives it."""
    request = urllib.request.Request(f"{site.url}/c/{conversation}", headers={"Cookie": visitor.cookie})
    with urllib.request.urlopen(request, timeout=10) as reply:
        text: str = reply.read().decode()
    return text
