"""Start the site: ``manage.py serve``."""

from __future__ import annotations

import asyncio
import fcntl
import gc
import hashlib
import logging
import sys
from argparse import ArgumentParser
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any

import allauth
import daphne.server
import django
import uvloop

# Daphne installs its reactor on import, on the loop of the policy of that moment.
with suppress(ImportError):
    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())

from asgiref.sync import sync_to_async
from channels.db import database_sync_to_async as in_database
from daphne.endpoints import build_endpoint_description_strings
from daphne.http_protocol import HTTPFactory, WebRequest
from daphne.server import Server, twisted_loop
from daphne.ws_protocol import WebSocketFactory, WebSocketProtocol
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import DatabaseError, connection
from django.utils.module_loading import import_string
from twisted.internet import defer

from conversations import catalogue, process
from conversations.accounts import factors
from conversations.actions import attachments, conversations, retention, sharing
from conversations.demo import DemoServer, serve_demo
from conversations.generation import ledger, recovery
from conversations.generation.registry import registry
from conversations.models import Provider, User
from conversations.protocol import MAX_COMMAND_BYTES
from conversations.realtime import sessions
from conversations.transfer import importing
from conversations.upstream import UpstreamError
from conversations.web.views.welcome import token

logger = logging.getLogger("conversations.serve")

_HOUR = 3600
_FIRST_SWEEP = 60
_STARTING = 0x63686174
"""The advisory lock of a database that is being prepared: any number that nobody else uses."""


class Command(BaseCommand):
    help = "Migrate, collect the static files, and serve the site until SIGTERM or Ctrl+C."
    requires_system_checks: list[str] = []  # the start must be quick; `make lint` runs them all

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default=settings.HOST)
        parser.add_argument("--port", type=int, default=settings.PORT, help="0 takes any free port.")
        parser.add_argument("--no-migrate", action="store_true", help="Leave the database as it is.")

    def handle(self, *, host: str, port: int, no_migrate: bool, **options: Any) -> None:
        with one_at_a_time():
            if not no_migrate:
                call_command("migrate", verbosity=0, interactive=False)
            collect_static()
        recovery.bury_dead_neighbours(process.HOST_NAME)
        ledger.beat(process.ID, process.HOST_NAME, process.PID)
        server = ChatServer(host, port, out=self.stdout)
        gc.collect()
        gc.freeze()  # what lives now lives for ever: the collector need not look at it again
        gc.set_threshold(20_000, 20, 50)
        server.run()
        if server.failure:
            sys.exit(f"The site cannot start: {server.failure}")


class ChatProtocol(WebSocketProtocol):
    """Daphne's bound on messages is meant for what comes in, but Autobahn holds it against what goes out as well."""

    def sendMessage(self, *args: Any, **options: Any) -> None:
        bound = getattr(self, "maxMessagePayloadSize", 0)
        self.maxMessagePayloadSize = 0
        try:
            super().sendMessage(*args, **options)
        finally:
            self.maxMessagePayloadSize = bound


WebSocketFactory.protocol = ChatProtocol


class BoundedRequest(WebRequest):
    """A body beyond the bound is not collected: the server under us would write any number of bytes to the disk.

    Its refusal passes no middleware and brings the headers of every other answer along itself.
    """

    _LARGEST = settings.CHAT_MAX_UPLOAD_MB * 1024 * 1024 + 64 * 1024
    _LARGEST_IMPORT = settings.CHAT_MAX_IMPORT_MB * 1024 * 1024 + 64 * 1024
    _IMPORT = b"/settings/import"
    _TOO_LARGE = b"HTTP/1.1 413 Payload Too Large\r\nContent-Type: application/json\r\n"
    _SAY_SO = b"HTTP/1.1 303 See Other\r\nLocation: /settings/data?too_large\r\n"
    """A file of chats is sent by a form: its person is led to a page that says what is wrong, in their language."""
    _HEAD = (
        b"Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n"
        b"Cross-Origin-Opener-Policy: same-origin\r\n"
        b"Referrer-Policy: same-origin\r\n"
        b"X-Content-Type-Options: nosniff\r\n"
        b"X-Frame-Options: DENY\r\n"
        b"Connection: close\r\n"
    )
    _received = 0

    @property
    def _is_import(self) -> bool:
        """Only the channel knows the address yet: the request is told of it when all has come."""
        return getattr(self.channel, "_path", b"").partition(b"?")[0] == self._IMPORT

    @property
    def _largest(self) -> int:
        return self._LARGEST_IMPORT if self._is_import else self._LARGEST

    def gotLength(self, length: int | None) -> None:
        super().gotLength(length)
        if length is not None and length > self._largest:
            self._refuse()

    def handleContentChunk(self, data: bytes) -> None:
        self._received += len(data)
        if self._received > self._largest:
            self._refuse()
        else:
            super().handleContentChunk(data)

    def _refuse(self) -> None:
        begin, body = self._TOO_LARGE, b'{"code": "too_long", "message": "This is larger than the site takes."}'
        if self._is_import:
            begin, body = self._SAY_SO, b""
        self.channel.transport.write(begin + self._HEAD + b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        self.channel.loseConnection()


class BoundedFactory(HTTPFactory):
    def buildProtocol(self, addr: Any) -> Any:
        protocol = super().buildProtocol(addr)
        protocol.requestFactory = BoundedRequest
        return protocol


daphne.server.HTTPFactory = BoundedFactory


class ChatServer(Server):
    """Daphne with a start and an end of our own.

    Daphne has no lifespan events and cancels consumers as soon as the reactor stops. Overriding that one step lets
    running answers finish first, with their sockets still open.
    """

    def __init__(self, host: str, port: int, *, out: Any) -> None:
        super().__init__(
            import_string(settings.ASGI_APPLICATION),
            endpoints=build_endpoint_description_strings(host=host, port=port),
            server_name="",
            websocket_max_message_size=MAX_COMMAND_BYTES + 1024,
            websocket_max_frame_size=MAX_COMMAND_BYTES + 1024,
            request_buffer_size=64 * 1024,
        )
        self._host, self._out = host, out
        self._demo: DemoServer | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.failure = ""

    def listen_success(self, port: Any) -> None:
        super().listen_success(port)
        self._begin(self._open(port.getHost().port))

    def listen_error(self, failure: Any) -> None:
        super().listen_error(failure)
        self.failure = f"{failure.getErrorMessage()} Set PORT or HOST to another one."
        self.stop()

    def kill_all_applications(self) -> Any:
        """Let answers finish, store the rest, then do what Daphne does."""
        drained = defer.Deferred.fromFuture(twisted_loop.create_task(self._close()))
        drained.addCallback(lambda _: super(ChatServer, self).kill_all_applications())
        return drained

    async def _open(self, port: int) -> None:
        try:
            if settings.CHAT_DEMO:
                self._demo = await serve_demo()
            await in_database(catalogue.use_demo)(self._demo.base_url if self._demo else None)
            await in_database(catalogue.seal_anew)()
            await in_database(factors.seal_anew)()
            await in_database(sharing.seal_anew)()
            provider = await in_database(catalogue.use_environment)()
            registry.keep()
            self._begin(self._sweep())
            self._begin(sessions.watch())
            self._say(await in_database(User.objects.exists)(), port)
            if provider is not None and not settings.CHAT_MODELS:
                self._begin(self._list_models(provider))
        except Exception:
            logger.exception("The start failed")
            self.failure = "see the log above."
            self.stop()

    async def _list_models(self, provider: Provider) -> None:
        """Take over the provider's own list of models; where it has none, those of the reference provider."""
        try:
            endpoint = await in_database(catalogue.endpoint_of)(provider)
            names = catalogue.conversational(await process.upstream().list_models(endpoint))
        except UpstreamError as exc:
            logger.warning("The provider lists no models (%s: %s); using known names", exc.code, exc.message)
            names = []
        await in_database(catalogue.add_models)(provider, names or catalogue.REFERENCE_MODELS)

    async def _sweep(self) -> None:
        """Soon after the start and every hour remove what was deleted long ago or has vanished; once a day pictures
        that nobody uses."""
        await asyncio.sleep(_FIRST_SWEEP)
        for hour in count():
            try:
                if gone := await in_database(conversations.purge)():
                    logger.info("Swept %d conversations", gone)
                if hour % 24 == 0:
                    await in_database(retention.purge)()
                    unused = await sync_to_async(attachments.sweep, thread_sensitive=False)()
                    forgotten = await in_database(importing.sweep)()
                    logger.info("Swept %d unused pictures and %d files of chats", unused, forgotten)
            except (DatabaseError, OSError):
                logger.exception("The sweep failed; the next one tries again")
            await asyncio.sleep(_HOUR)

    async def _close(self) -> None:
        await registry.drain(settings.CHAT_DRAIN_SECONDS)
        if self._demo is not None:
            await self._demo.close()
        await process.upstream().aclose()

    def _begin(self, coroutine: Coroutine[Any, Any, None]) -> None:
        task = twisted_loop.create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _say(self, has_users: bool, port: int) -> None:
        host = f"[{self._host}]" if ":" in self._host else self._host
        address = settings.SITE_ORIGINS[0] if settings.SITE_ORIGINS else f"http://{host}:{port}"
        if not has_users:
            self._out.write(f"Make the first administrator (works once): {address}/welcome/{token()}")
        if self._demo is not None:
            self._out.write("No provider is configured: the built-in demo answers. Set OPENAI_API_KEY for a real one.")
        self._out.write(f"Chat is ready at {address}/")
        self._out.flush()


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Let processes that start together prepare database and files one after another, on one machine or several."""
    with (settings.DATA_DIR / "starting.lock").open("a") as file, connection.cursor() as cursor:
        fcntl.flock(file, fcntl.LOCK_EX)
        if connection.vendor != "postgresql":
            yield
            return
        cursor.execute("SELECT pg_advisory_lock(%s)", [_STARTING])
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_STARTING])


def collect_static() -> None:
    """Collect the static files if any of them changed since the last time."""
    stamp = Path(settings.STATIC_ROOT) / ".collected"
    wanted = _fingerprint()
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted:
        return
    call_command("collectstatic", verbosity=0, interactive=False, clear=False)
    stamp.write_text(wanted, encoding="utf-8")


def _fingerprint() -> str:
    digest = hashlib.sha256(f"{django.__version__} {allauth.__version__}".encode())
    for root in (*settings.STATICFILES_DIRS, settings.BASE_DIR / "chatsite"):  # what is collected, and how
        for path in sorted(Path(root).rglob("*")):
            if path.is_file() and path.suffix != ".pyc":
                status = path.stat()
                digest.update(f"{path}:{status.st_mtime_ns}:{status.st_size}\n".encode())
    return digest.hexdigest()
