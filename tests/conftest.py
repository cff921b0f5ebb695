"""The cast, the network's edge, and what many tests stand on.

alice owns things, bob is another person and must see none of them, sue is staff.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import settings as hypothesis_settings
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.support.site import Site, Visitor, running_site

hypothesis_settings.register_profile("site", deadline=None)  # a machine may be slow: laws are not timed
hypothesis_settings.load_profile("site")

CHROMIUM = os.environ.get("CHROMIUM", "")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # Playwright's loop runs in the tests' own thread


@pytest.fixture(autouse=True, scope="session")
def _loopback_only() -> Iterator[None]:
    """Nothing in a test may reach another machine."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if isinstance(address, tuple) and address[0] not in ("127.0.0.1", "::1", "localhost"):
            raise AssertionError(f"a test tried to reach {address}")
        connect(self, address)

    socket.socket.connect = guarded  # type: ignore[method-assign, assignment]
    yield
    socket.socket.connect = connect  # type: ignore[method-assign]


@pytest.fixture(autouse=True)
def _cheap_passwords(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


# The cast


def _person(email: str, **fields: Any) -> Any:
    from conversations.models import User

    return User.objects.create_user(email=email, password="correct horse battery", **fields)


@pytest.fixture
def alice(db: None) -> Any:
    return _person("alice@example.org")


@pytest.fixture
def bob(db: None) -> Any:
    return _person("bob@example.org")


@pytest.fixture
def sue(db: None) -> Any:
    return _person("sue@example.org", is_staff=True, is_superuser=True)


# A running site


@pytest.fixture(scope="session")
def shared_site() -> Iterator[Site]:
    """A site for tests that leave it as it is; each makes its own people."""
    with running_site() as site:
        yield site


@pytest.fixture
def live_site() -> Iterator[Site]:
    """A site of one's own, to be killed and restarted."""
    with running_site() as site:
        yield site


@pytest.fixture
def newcomer(shared_site: Site, request: pytest.FixtureRequest) -> Iterator[Visitor]:
    """Somebody new on the shared site; answers that a failed test has left do not become the next one's."""
    yield shared_site.visitor(f"{abs(hash(request.node.nodeid))}-{os.getpid()}@example.org")
    if shared_site.provider:
        shared_site.provider.forget()


# Browsers


@pytest.fixture(scope="module")  # not longer: Playwright's loop runs in the tests' thread and shuts out all others
def browser() -> Iterator[Browser]:
    from tests.support.chromium import find

    path = CHROMIUM or find()
    assert path, "The browser tests need Chromium: run `make test`, or set CHROMIUM to its path."
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield chromium
        chromium.close()


expect.set_options(timeout=15_000)  # a machine may be slow; what is right comes at once all the same

Opener = Callable[..., Page]


@pytest.fixture
def open_browser(browser: Browser) -> Iterator[Opener]:
    """Open a page of its own context; console errors and requests to other hosts fail the test at its end."""
    contexts: list[BrowserContext] = []
    wrongs: list[str] = []

    def opener(
        site: Site,
        visitor: Visitor | None = None,
        *,
        path: str = "/",
        phone: bool = False,
        elsewhere: str = "",
        **options: Any,
    ) -> Page:
        shape = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True} if phone else {}
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 800}, **shape, **options})
        contexts.append(context)
        if visitor:
            context.add_cookies([{"name": "sessionid", "value": visitor.session, "url": site.url}])
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on(
            "console",
            lambda message: wrongs.append(f"{message.text} {message.location}") if _is_wrong(message) else None,
        )
        page.on("pageerror", lambda error: wrongs.append(str(error)))
        if elsewhere:  # another site that the browser is sent to, whose own page may ask for what it likes in vain
            page.route(
                lambda url: not _is_own(url, site.url) and not url.startswith(elsewhere), lambda route: route.fulfill()
            )
        else:
            page.on("request", lambda request: _is_own(request.url, site.url) or wrongs.append(request.url))
        page.goto(site.url + path)
        return page

    yield opener
    for context in contexts:
        context.close()
    assert not wrongs, wrongs


def _is_wrong(message: Any) -> bool:
    # A server or a network that is gone on purpose: the page's own business, the browser notes it all the same.
    expected = ("WebSocket", "ERR_CONNECTION", "ERR_EMPTY_RESPONSE", "ERR_INTERNET_DISCONNECTED")
    # A refused upload: the page shows it, the browser notes it all the same.
    is_upload = message.location.get("url", "").endswith("/attachments")
    return message.type == "error" and not is_upload and not any(part in message.text for part in expected)


def _is_own(url: str, site: str) -> bool:
    return url.startswith((site, site.replace("127.0.0.1", "localhost"), "data:", "blob:"))


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A bare page, for what needs a browser but no site."""
    context = browser.new_context()
    yield context.new_page()
    context.close()
