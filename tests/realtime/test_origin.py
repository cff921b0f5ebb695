"""Which pages may open a socket."""

from __future__ import annotations

import pytest
from pytest_django import Settings

from conversations.realtime.origin import is_allowed

SITE = "https://chat.example.org"


def headers(*origins: str, host: str = "chat.example.org") -> list[tuple[bytes, bytes]]:
    return [(b"host", host.encode()), *((b"origin", origin.encode()) for origin in origins)]


FORGED = [
    "http://chat.example.org",
    "https://chat.example.org:8443",
    "https://chat.example.org:80",
    "https://chat.example.org.evil.org",
    "https://evil.org",
    "https://evilchat.example.org",
    "https://chat.example.org@evil.org",
    "https://user@chat.example.org",
    "https://chat.example.org/",
    "https://chat.example.org/path",
    "https://chat.example.org?x",
    "https://chat.example.org#x",
    "https://chat.example.org:",
    "https://chat.example.org:443x",
    "https://chat.example.org:99999",
    "https://chat.example.org\\.evil.org",
    "https:/chat.example.org",
    "https:chat.example.org",
    "//chat.example.org",
    "chat.example.org",
    "wss://chat.example.org",
    "ws://chat.example.org",
    "file://",
    "null",
    "",
    " ",
    "*",
    "https://*",
    "https://",
    "data:text/html,x",
    "chrome-extension://abc",
    "https://[::1]",
    "https://127.0.0.1",
    "https://localhost",
    "https://chat.example.org https://evil.org",
    "https://chat.example.org,https://evil.org",
    "https://chat%2eexample.org",
    "https://chat.example.org%00.evil.org",
]


@pytest.mark.parametrize("origin", FORGED)
@pytest.mark.parametrize("hosts", [["chat.example.org"], ["*"]], ids=["hosts named", "any host"])
def test_a_forged_origin_is_refused(settings: Settings, origin: str, hosts: list[str]) -> None:
    settings.SITE_ORIGINS = [SITE]
    settings.ALLOWED_HOSTS = hosts
    assert not is_allowed(headers(origin), "https")


def test_the_sites_own_origins_are_allowed(settings: Settings) -> None:
    settings.SITE_ORIGINS = [SITE, "https://other.example.org:8443"]
    assert is_allowed(headers(SITE), "https")
    assert is_allowed(headers("https://chat.example.org:443"), "https")
    assert is_allowed(headers("https://other.example.org:8443"), "https")


def test_without_configured_origins_it_must_be_the_very_host_and_port(settings: Settings) -> None:
    settings.SITE_ORIGINS = []
    settings.ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
    for host in ("localhost:8000", "127.0.0.1:8000", "[::1]:8000"):
        assert is_allowed(headers(f"http://{host}", host=host), "http")
    assert not is_allowed(headers("http://localhost:8001", host="localhost:8000"), "http")
    assert not is_allowed(headers("https://localhost:8000", host="localhost:8000"), "http")
    assert not is_allowed(headers("http://evil.org", host="evil.org"), "http")


def test_no_origin_or_two_of_them_are_refused(settings: Settings) -> None:
    settings.SITE_ORIGINS = [SITE]
    assert not is_allowed(headers(), "https")
    assert not is_allowed(headers(SITE, SITE), "https")
    assert not is_allowed([*headers(SITE), (b"host", b"evil.org")], "https")


def test_origins_are_configured_in_any_letters_and_sent_in_small_ones(settings: Settings) -> None:
    settings.SITE_ORIGINS = ["https://Chat.Example.ORG"]
    assert is_allowed(headers(SITE), "https")
    assert not is_allowed(headers("HTTPS://chat.example.org"), "https")
    assert not is_allowed(headers("https://Chat.Example.ORG"), "https")
