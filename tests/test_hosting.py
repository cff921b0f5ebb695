"""docs/hosting.md and what it hands out, against the settings and routes they must fit.

Where nginx or Caddy is installed, its block is also run for real, in front of a real process.
"""

from __future__ import annotations

import asyncio
import http.client
import json
import os
import re
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from django.conf import settings
from django.urls import resolve

from conversations.realtime.consumers import BEAT_SECONDS
from conversations.realtime.routing import websocket_urlpatterns
from tests.fakes.scripts import Gate, answer, done, hold, sse
from tests.support.servers import free_port, postgres, postgres_programs, redis
from tests.support.site import Site, Visitor, running_site
from tests.support.socket import open_page

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "hosting.md").read_text(encoding="utf-8")
COMPOSE = (ROOT / "compose.yaml").read_text(encoding="utf-8")
CADDYFILE = (ROOT / "deploy" / "Caddyfile").read_text(encoding="utf-8")
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
SETTINGS = set(re.findall(r'env_\w+\(\s*"([A-Z_]+)"', (ROOT / "chatsite" / "settings.py").read_text(encoding="utf-8")))
LARGEST_BODY = settings.CHAT_MAX_IMPORT_MB * 1024 * 1024 + 64 * 1024
SECONDS_AFTER_DRAINING = 5
"""``registry.drain`` waits so long for the last texts to be stored."""
UNITS = {"k": 1024, "m": 1024**2, "g": 1024**3, "MB": 10**6, "MiB": 1024**2, "GB": 10**9, "GiB": 1024**3}
STICKY = re.compile(r"ip_hash|\bhash \$|sticky|lb_policy (?:cookie|ip_hash|client_ip_hash|uri_hash|header)")
TOKEN = "0123456789abcdef0123456789abcdef"


def block(language: str) -> str:
    (found,) = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    return str(found)


def size(text: str) -> int:
    number, unit = re.fullmatch(r"(\d+)(\w+)", text).groups()  # type: ignore[union-attr]
    return int(number) * UNITS[unit]


NGINX, CADDY, UNIT = block("nginx"), block("caddy"), block("ini")
WEBSOCKET = "/" + str(websocket_urlpatterns[0].pattern)


# The proxies' blocks


def test_nginx_lets_the_largest_upload_through_so_that_the_site_refuses_in_its_own_words() -> None:
    (found,) = re.findall(r"client_max_body_size (\w+);", NGINX)
    assert size(found) > LARGEST_BODY


@pytest.mark.parametrize("config", [CADDY, CADDYFILE], ids=["page", "deploy/Caddyfile"])
def test_caddy_lets_the_largest_upload_through_and_holds_nothing_back(config: str) -> None:
    (found,) = re.findall(r"max_size (\w+)", config)
    assert size(found) > LARGEST_BODY
    assert "flush_interval -1" in config
    assert "trusted_proxies" not in config, "or a browser could say where it comes from"


def test_nginx_upgrades_the_websocket_and_keeps_it_open_between_two_beats() -> None:
    (location,) = re.findall(rf"location {WEBSOCKET} \{{(.*?)\}}", NGINX, re.DOTALL)
    assert "proxy_set_header Upgrade $http_upgrade;" in location
    assert 'proxy_set_header Connection "upgrade";' in location
    assert "proxy_http_version 1.1;" in NGINX
    for seconds in re.findall(r"proxy_(?:read|send)_timeout (\d+)s;", location):
        assert int(seconds) > 2 * BEAT_SECONDS


def test_nginx_tells_host_address_and_scheme_wherever_it_passes_something_on() -> None:
    told = ("Host $host", "X-Forwarded-For $proxy_add_x_forwarded_for", "X-Forwarded-Proto $scheme")
    outer = re.sub(r"location .*?\{.*?\}", "", NGINX, flags=re.DOTALL)
    locations = re.findall(r"location .*?\{(.*?)\}", NGINX, re.DOTALL)
    assert len(locations) == 2
    for location in locations:
        effective = location if "proxy_set_header" in location else outer
        assert [header for header in told if f"proxy_set_header {header};" not in effective] == []
    assert "proxy_buffering off;" in outer


@pytest.mark.parametrize("config", [NGINX, CADDY, CADDYFILE], ids=["nginx", "Caddy", "deploy/Caddyfile"])
def test_nobody_sticks_to_a_process(config: str) -> None:
    assert not STICKY.search(config)
    upstreams = set(re.findall(r"127\.0\.0\.1:\d+", config))
    assert len(upstreams) >= 2 or "dynamic a web 8000" in config


def test_health_is_asked_at_addresses_that_exist_under_a_name_the_site_answers_to() -> None:
    (path,) = re.findall(r"health_uri (\S+)", CADDY)
    assert resolve(path).url_name == "healthz", "or Redis alone could take the whole site away"
    (host,) = re.findall(r"health_headers \{\s+Host (\S+)", CADDY)
    assert CADDY.startswith(f"{host} {{")


# Docker and systemd


def test_every_variable_of_the_page_and_of_compose_exists() -> None:
    of_compose = {"SITE_HOST", "POSTGRES_PASSWORD"}
    of_accounts = {"OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET", "OIDC_NAME"}
    named = set(re.findall(r"(?:^|`|Environment=)([A-Z]+(?:_[A-Z]+)+)(?==|`)", PAGE, re.MULTILINE))
    assert len(named) > 15
    assert named - SETTINGS - of_compose - of_accounts - {"SECRET_KEY_FILE"} == set()
    web = COMPOSE.partition("\n  web:")[2].partition("\n  postgres:")[0]
    set_there = set(re.findall(r"^      ([A-Z_]+):", web, re.MULTILINE))
    assert len(set_there) > 8
    assert set_there - SETTINGS == set()
    example = re.search(r"```sh\n(SITE_HOST=.*?)```", PAGE, re.DOTALL)
    assert example
    assert set(re.findall(r"\$\{(\w+)", COMPOSE)) <= set(re.findall(r"^(\w+)=", example[1], re.MULTILINE))
    told = re.search(r"`compose.yaml` sets for itself.*?\.\n", PAGE, re.DOTALL)
    assert told
    assert set_there - set(re.findall(r"`([A-Z_]+)`", told[0])) == {"SECRET_KEY"}


def test_nothing_is_killed_before_its_answers_had_their_time() -> None:
    needed = settings.CHAT_DRAIN_SECONDS + SECONDS_AFTER_DRAINING
    (grace,) = re.findall(r"stop_grace_period: (\d+)s", COMPOSE)
    (timeout,) = re.findall(r"TimeoutStopSec=(\d+)", UNIT)
    assert int(grace) > needed
    assert int(timeout) > needed
    assert "KillMode=mixed" in UNIT


def test_the_image_gets_all_it_copies_and_does_not_run_as_root() -> None:
    admitted = {
        line[1:] for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines() if line[0] == "!"
    }
    copied = {
        source
        for line in re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.MULTILINE)
        for source in line.split()[:-1]
    }
    assert copied == admitted
    assert all((ROOT / path).exists() for path in copied)
    assert re.search(r"^USER (?!root)\w+$", DOCKERFILE, re.MULTILINE)
    assert DOCKERFILE.count("\nFROM ") + DOCKERFILE.startswith("FROM ") == 2


def test_the_images_health_check_tells_a_site_that_answers_from_one_that_does_not(shared_site: Site) -> None:
    found = re.search(r"^HEALTHCHECK .*?CMD (\[.*?\])$", DOCKERFILE.replace("\\\n", ""), re.MULTILINE)
    assert found
    command = json.loads(found[1])

    def status(port: object) -> int:
        environment = {"PATH": os.environ["PATH"], "PORT": str(port), "ALLOWED_HOSTS": "localhost, other.example.org"}
        return subprocess.run(command, env=environment, stderr=subprocess.DEVNULL, timeout=30, check=False).returncode

    assert status(urlsplit(shared_site.url).port) == 0
    assert status(free_port()) != 0


# Backup


async def test_a_copy_taken_while_an_answer_runs_can_be_restored_elsewhere(live_site: Site, tmp_path: Path) -> None:
    (program,) = re.findall(r"python3 -c '(import sqlite3.*?)'", PAGE)
    copy = tmp_path / "chat.sqlite3"
    site, alice = live_site, live_site.visitor()
    site.provider.gate = Gate()
    site.provider.enqueue(answer("told before"))
    site.provider.enqueue(sse("half of"), hold(), done())
    async with open_page(site, alice) as page:
        before = await page.ask("one")
        await page.end_of(before["answer"])
        running = await page.ask("two", conversation=before["conversation"], parent=before["answer"])
        await page.text_beyond(running["answer"], 0)
        command = ["python3", "-c", program, site.folder / "chat.sqlite3", copy]
        await asyncio.to_thread(subprocess.run, command, check=True)
    site.provider.release()
    with closing(sqlite3.connect(copy)) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    other = Site(tmp_path, site.provider)
    try:
        other.start()
        assert other.text_of(before["answer"]) == ("complete", "told before")
        with closing(http.client.HTTPConnection(urlsplit(other.url).netloc, timeout=30)) as line:
            line.request("GET", f"/c/{before['conversation']}", headers={"Cookie": alice.cookie})
            assert line.getresponse().status == 200
    finally:
        other.close()


async def test_the_commands_for_postgresql_bring_back_what_was_there(tmp_path: Path) -> None:
    dump, restore = re.findall(r"^(pg_(?:dump|restore) .*?)(?: +#.*)?$", PAGE, re.MULTILINE)
    with postgres() as database, redis() as layer, running_site(DATABASE_URL=database, REDIS_URL=layer) as site:
        environment = {"PATH": f"{postgres_programs()}:{os.environ['PATH']}", "DATABASE_URL": database}

        async def run(command: str) -> None:
            await asyncio.to_thread(subprocess.run, command, shell=True, cwd=tmp_path, env=environment, check=True)

        alice = site.visitor()
        site.provider.enqueue(answer("told before"))
        async with open_page(site, alice) as page:
            kept = await page.ask("one")
            await page.end_of(kept["answer"])
            await run(dump)
            lost = await page.ask("two")
            await page.end_of(lost["answer"])
        site.terminate()
        assert await asyncio.to_thread(site.wait) == 0
        await run(restore)
        site.start()
        assert site.text_of(kept["answer"]) == ("complete", "told before")
        assert site.rows("SELECT id FROM conversations_message WHERE id = ?", UUID(lost["answer"])) == []
        async with open_page(site, alice) as page:
            again = await page.ask("three", conversation=kept["conversation"], parent=kept["answer"])
            assert (await page.end_of(again["answer"]))["status"] == "complete"


# The blocks, run for real


@dataclass(frozen=True)
class Front:
    url: str


@contextmanager
def nginx(folder: Path, site: Site) -> Iterator[Front]:
    port = free_port()
    config = re.sub(r"server \{\s+listen 80;.*?\n\}\n", "", NGINX, flags=re.DOTALL)
    config = re.sub(r"ssl_certificate\w* .*?;|listen \[::\].*?;", "", config)
    config = config.replace("listen 443 ssl http2;", f"listen 127.0.0.1:{port};")
    config = re.sub(r"server 127\.0\.0\.1:\d+", f"server {urlsplit(site.url).netloc}", config)
    config = config.replace("Host $host;", "Host $http_host;")  # the port is the test's own
    paths = " ".join(f"{name}_temp_path {folder};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    head = f"daemon off; pid {folder}/pid; error_log stderr; events {{}} http {{ access_log off; {paths}"
    (folder / "nginx.conf").write_text(f"{head}\n{config}}}\n", encoding="utf-8")
    with _running(["nginx", "-p", folder, "-c", folder / "nginx.conf", "-e", "stderr"], port) as front:
        yield front


@contextmanager
def caddy(folder: Path, site: Site) -> Iterator[Front]:
    port = free_port()
    config = CADDY.replace("Host chat.example.org", "Host 127.0.0.1")
    config = config.replace("chat.example.org {", f"http://127.0.0.1:{port} {{", 1)
    config = re.sub(r"127\.0\.0\.1:8001 127\.0\.0\.1:8002", urlsplit(site.url).netloc, config)
    (folder / "Caddyfile").write_text(f"{{\n\tadmin off\n}}\n{config}", encoding="utf-8")
    with _running(["caddy", "run", "--config", folder / "Caddyfile", "--adapter", "caddyfile"], port, folder) as front:
        yield front


@contextmanager
def _running(command: list[str | Path], port: int, home: Path | None = None) -> Iterator[Front]:
    environment = {"PATH": os.environ["PATH"], **({"HOME": str(home)} if home else {})}
    process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_until_ready(process, port)
        yield Front(f"http://127.0.0.1:{port}")
    finally:
        process.terminate()
        process.wait()


def _wait_until_ready(process: subprocess.Popen[bytes], port: int) -> None:
    limit = time.monotonic() + 20
    while True:
        try:
            with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=5)) as line:
                line.request("GET", "/readyz")
                if line.getresponse().status == 200:
                    return
        except OSError:
            pass
        assert process.poll() is None, "the proxy does not take its block"
        assert time.monotonic() < limit, "the proxy does not pass anything on"
        time.sleep(0.05)


def _installed(name: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(shutil.which(name) is None, reason=f"{name} is not installed")


@pytest.mark.parametrize(
    "proxy", [pytest.param(nginx, marks=_installed("nginx")), pytest.param(caddy, marks=_installed("caddy"))]
)
async def test_the_block_carries_pages_sockets_and_uploads_and_the_site_refuses_what_is_too_large(
    proxy: Callable[[Path, Site], AbstractContextManager[Front]], tmp_path: Path
) -> None:
    with running_site(BEHIND_PROXY="1") as site, proxy(tmp_path, site) as front:
        alice = site.visitor()
        site.provider.enqueue(answer("through ", "a ", "proxy"))
        async with open_page(front, alice) as page:
            accepted = await page.ask("hello")
            assert (await page.end_of(accepted["answer"]))["status"] == "complete"
        assert upload(front, alice, b"no picture") == (400, "invalid")
        assert upload(front, alice, bytes(settings.CHAT_MAX_UPLOAD_MB * 1024 * 1024 + 1)) == (413, "too_long")


def upload(front: Front, visitor: Visitor, content: bytes) -> tuple[int, str]:
    headers = {"Cookie": f"{visitor.cookie}; csrftoken={TOKEN}", "X-CSRFToken": TOKEN, "X-Requested-With": "fetch"}
    with closing(http.client.HTTPConnection(urlsplit(front.url).netloc, timeout=30)) as line:
        line.request("POST", "/attachments", content, {**headers, "Content-Type": "image/jpeg"})
        reply = line.getresponse()
        return reply.status, json.loads(reply.read())["code"]
