"""What is believed of X-Forwarded-For and X-Forwarded-Proto, and from whom."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from contextlib import closing
from urllib.parse import urlsplit

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from chatsite.proxied import client_address, is_secure
from tests.support.site import Site, Visitor, running_site

TOKEN = "0123456789abcdef0123456789abcdef"
FORM = {"Cookie": f"csrftoken={TOKEN}", "X-CSRFToken": TOKEN, "Content-Type": "application/x-www-form-urlencoded"}
SIGNUPS_PER_MINUTE = 20
"""Of one address: django-allauth's own bound."""


@pytest.fixture(scope="module")
def proxied_site() -> Iterator[Site]:
    with running_site(BEHIND_PROXY="1") as site:
        site.visitor()  # somebody must exist before anybody may sign up
        yield site


def post(site: Site, path: str, body: str, **headers: str) -> http.client.HTTPResponse:
    with closing(http.client.HTTPConnection(urlsplit(site.url).netloc, timeout=30)) as line:
        line.request("POST", path, body, {**FORM, **{name.replace("_", "-"): value for name, value in headers.items()}})
        reply = line.getresponse()
        reply.read()
        return reply


def signups(site: Site, *forwarded: str) -> list[int]:
    """Return the status of an empty sign-up form from each of these chains of addresses."""
    return [post(site, "/accounts/signup/", "", X_Forwarded_For=one).status for one in forwarded]


@pytest.mark.parametrize(
    ("header", "proxies", "expected"),
    [
        ("203.0.113.7", 1, "203.0.113.7"),
        ("6.6.6.6, 203.0.113.7", 1, "203.0.113.7"),
        ("6.6.6.6, 203.0.113.7, 198.51.100.1", 2, "203.0.113.7"),
        ("203.0.113.7:51000", 1, "203.0.113.7"),
        ("2001:db8::7", 1, "2001:db8::7"),
        ("[2001:db8::7]:51000", 1, "2001:db8::7"),
        ("203.0.113.7", 2, None),
        ("6.6.6.6, unknown", 1, None),
        ("6.6.6.6,", 1, None),
        ("", 1, None),
    ],
)
def test_the_address_is_the_one_that_our_outermost_proxy_saw(header: str, proxies: int, expected: str | None) -> None:
    assert client_address([(b"x-forwarded-for", header.encode())], proxies) == expected


def test_a_header_sent_twice_is_one_list() -> None:
    assert client_address([(b"x-forwarded-for", b"6.6.6.6"), (b"X-Forwarded-For", b"203.0.113.7")], 1) == "203.0.113.7"


@pytest.mark.parametrize(
    ("header", "proxies", "expected"),
    [("https", 1, True), ("HTTPS", 3, True), ("https, http", 2, True), ("https, http", 1, False), ("", 1, False)],
)
def test_the_scheme_is_the_one_that_our_outermost_proxy_was_reached_by(
    header: str, proxies: int, expected: bool
) -> None:
    assert is_secure([(b"x-forwarded-proto", header.encode())], proxies) is expected


def test_behind_a_proxy_each_client_has_a_limit_of_its_own_and_cannot_forge_another(proxied_site: Site) -> None:
    forged = [f"6.6.6.{number}, 203.0.113.7" for number in range(SIGNUPS_PER_MINUTE + 1)]
    assert signups(proxied_site, *forged) == [200] * SIGNUPS_PER_MINUTE + [429]
    assert signups(proxied_site, "203.0.113.8") == [200]


def test_without_a_proxy_the_header_is_ignored(live_site: Site) -> None:
    live_site.visitor()
    forged = [f"203.0.113.{number}" for number in range(SIGNUPS_PER_MINUTE + 1)]
    assert signups(live_site, *forged) == [200] * SIGNUPS_PER_MINUTE + [429]


def test_https_is_believed_from_a_proxy_only(proxied_site: Site, shared_site: Site) -> None:
    def cookie(site: Site, forwarded: str, real: str) -> str:
        told = {"X_Forwarded_Proto": forwarded, "X_Forwarded_Host": "evil.org"}
        reply = post(site, "/preferences", "theme=dark", Origin=site.url.replace("http", real, 1), **told)
        assert reply.status == 302
        return reply.headers["Set-Cookie"] or ""

    assert "Secure" in cookie(proxied_site, "https", "https")
    assert "Secure" not in cookie(proxied_site, "http", "http")
    assert "Secure" not in cookie(shared_site, "https", "http")


async def test_a_socket_of_an_https_page_opens_behind_a_proxy_only(proxied_site: Site, shared_site: Site) -> None:
    async def open_from(site: Site, visitor: Visitor) -> None:
        address = site.url.replace("http", "ws", 1) + "/ws/"
        headers = {"Cookie": visitor.cookie, "X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.7"}
        async with connect(address, origin=site.url.replace("http", "https", 1), additional_headers=headers):
            pass

    await open_from(proxied_site, proxied_site.visitor("bob@example.org"))
    with pytest.raises(InvalidStatus, match="403"):
        await open_from(shared_site, shared_site.visitor("forwarded@example.org"))
