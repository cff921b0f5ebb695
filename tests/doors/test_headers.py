"""The headers that tell browsers what to refuse: on every answer of a running site, whatever it is."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest

from tests.doors.named import HOST, named_site
from tests.support.site import Site, Visitor, running_site

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
POLICY = ["default-src 'none'", "frame-ancestors 'none'"]
FOR_PAGES = ["object-src 'none'", "base-uri 'none'", "form-action 'self'"]
TOKEN = "0123456789abcdef0123456789abcdef"


@dataclass(frozen=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: str


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with running_site() as site:
        yield site


@pytest.fixture(scope="module")
def sue(site: Site) -> Visitor:
    return site.visitor("sue@example.org", staff=True)


def ask(site: Site, method: str, path: str, visitor: Visitor | None = None, **headers: str) -> Answer:
    cookies = [f"csrftoken={TOKEN}", *([visitor.cookie] if visitor else [])]
    sent = {"Cookie": "; ".join(cookies), **{name.replace("_", "-"): value for name, value in headers.items()}}
    with closing(http.client.HTTPConnection("127.0.0.1", _port(site))) as line:
        line.request(method, path, headers=sent)
        answer = line.getresponse()
        return Answer(answer.status, answer.headers, answer.read().decode("utf-8", "replace"))


def _port(site: Site) -> int:
    return urlsplit(site.url).port or int(site.environment["PORT"])  # its name may hold none


def check(answer: Answer) -> None:
    """See that the headers are there, once each, and that the policy has no hole."""
    found = {name: answer.headers.get_all(name) for name in ALWAYS}
    assert found == {name: [value] for name, value in ALWAYS.items()}
    (policy,) = answer.headers.get_all("Content-Security-Policy") or [""]
    rules = [*POLICY, *(FOR_PAGES if "text/html" in answer.headers["Content-Type"] else [])]
    assert not [rule for rule in rules if rule not in policy.split("; ")]
    assert "unsafe" not in policy
    assert "http:" not in policy
    assert "*" not in policy
    assert "Server" not in answer.headers


ANSWERS = {
    "a page": (200, "GET", "/accounts/login/"),
    "a page to nobody": (302, "GET", "/"),
    "a word": (200, "GET", "/healthz"),
    "a head": (200, "HEAD", "/accounts/login/"),
    "an address without its slash": (301, "GET", "/accounts/login"),
    "an address that is none": (404, "GET", "/nowhere"),
    "an id that is none": (404, "GET", "/c/1"),
    "a method that is not taken": (405, "GET", "/send"),
    "a method that nobody knows": (403, "BREW", "/send"),
    "a style": (200, "GET", "/static/css/site.css"),
    "a script": (200, "GET", "/static/js/app.js"),
    "an icon": (200, "GET", "/static/icons/icon.svg"),
    "a static file that is none": (404, "GET", "/static/css/none.css"),
    "a way out of the folder": (404, "GET", "/static/../chat.sqlite3"),
    "the administration to nobody": (302, "GET", "/admin/"),
    "its style": (200, "GET", "/static/admin/css/base.css"),
    "a sign-up": (200, "GET", "/accounts/signup/"),
    "a reset of the password": (200, "GET", "/accounts/password/reset/"),
    "a picture to whoever holds a wrong address": (404, "GET", "/pictures/none"),
    "a form without its token": (403, "POST", "/accounts/login/"),
}


@pytest.mark.parametrize(("status", "method", "path"), ANSWERS.values(), ids=ANSWERS.keys())
def test_every_answer_tells_browsers_what_to_refuse(site: Site, status: int, method: str, path: str) -> None:
    answer = ask(site, method, path)
    assert answer.status == status
    check(answer)


@pytest.mark.parametrize(
    ("status", "path"),
    [(200, "/"), (200, "/chats"), (200, "/admin/"), (200, "/admin/conversations/user/"), (404, "/c/" + "0" * 32)],
)
def test_so_do_the_pages_of_somebody(site: Site, sue: Visitor, status: int, path: str) -> None:
    answer = ask(site, "GET", path, sue)
    assert answer.status == status
    check(answer)


@pytest.mark.parametrize("path", ["/accounts/login/", "/static/icons/icon.svg", "/nowhere", "/admin/", "/healthz"])
def test_so_does_the_refusal_of_a_host_that_is_not_the_sites(site: Site, path: str) -> None:
    """Static files are shown under any name: there is nothing in them, and no address of the site either."""
    answer = ask(site, "GET", path, Host="evil.example")
    assert answer.status == (200 if path.startswith("/static/") else 400)
    assert "evil.example" not in answer.body
    check(answer)


def test_so_does_the_refusal_of_a_form_with_too_many_fields(site: Site, sue: Visitor) -> None:
    body = "&".join(f"f{number}=x" for number in range(1_100))
    with closing(http.client.HTTPConnection("127.0.0.1", _port(site))) as line:
        cookies = {"Cookie": f"csrftoken={TOKEN}; {sue.cookie}", "X-CSRFToken": TOKEN}
        line.request("POST", "/send", body, {**cookies, "Content-Type": "application/x-www-form-urlencoded"})
        refused = line.getresponse()
        assert refused.status == 400
        check(Answer(refused.status, refused.headers, refused.read().decode()))


@pytest.mark.parametrize("path", ["/attachments", "/send", "/nowhere"])
def test_so_does_the_refusal_of_a_body_that_is_too_large(site: Site, path: str) -> None:
    with closing(http.client.HTTPConnection("127.0.0.1", _port(site))) as line:
        line.putrequest("POST", path)
        line.putheader("Content-Length", str(500 * 1024**2))
        line.endheaders()
        refused = line.getresponse()
        assert refused.status == 413
        check(Answer(refused.status, refused.headers, refused.read().decode()))


@pytest.mark.parametrize("origin", ["null", "https://evil.example"])
def test_the_refusal_of_a_socket_is_not_a_page(site: Site, origin: str) -> None:
    upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec_WebSocket_Version": "13"}
    answer = ask(site, "GET", "/ws/", Origin=origin, Sec_WebSocket_Key="dGhlIHNhbXBsZSBub25jZQ==", **upgrade)
    assert answer.status in (400, 403)
    assert "<" not in answer.body


def test_what_is_no_http_is_answered_with_nothing_of_ours(site: Site) -> None:
    for nonsense in (b"\x16\x03\x01\x02\x00\r\n\r\n", b"GET\r\n\r\n", b"GET / HTTP/9.9\r\nHost: x\r\n\r\n"):
        with closing(socket.create_connection(("127.0.0.1", _port(site)), timeout=10)) as line:
            line.sendall(nonsense)
            line.shutdown(socket.SHUT_WR)
            answer = b""
            while piece := line.recv(4_096):
                answer += piece
        assert b"Traceback" not in answer
        assert b"Server:" not in answer


def test_so_does_a_page_that_failed(live_site: Site) -> None:
    visitor = live_site.visitor()
    live_site.rows("ALTER TABLE conversations_conversation RENAME TO gone")
    answer = ask(live_site, "GET", "/", visitor)
    assert answer.status == 500
    assert "Traceback" not in answer.body
    check(answer)


def test_only_the_nonce_lets_a_script_run_and_each_answer_has_its_own(site: Site, sue: Visitor) -> None:
    policies = [ask(site, "GET", "/", sue).headers["Content-Security-Policy"] for _ in range(5)]
    scripts = [rule for policy in policies for rule in policy.split("; ") if rule.startswith("script-src")]
    assert len(set(scripts)) == 5
    assert all(script.startswith("script-src 'nonce-") and script.count(" ") == 1 for script in scripts)


def test_behind_https_browsers_are_told_to_stay_there_and_cookies_too() -> None:
    with named_site(BEHIND_PROXY="1") as (site, _):
        sent = {"Host": HOST, "X_Forwarded_Proto": "https"}
        for path in ("/accounts/login/", "/nowhere", "/static/icons/icon.svg", "/", "/healthz"):
            answer = ask(site, "GET", path, **sent)
            assert answer.headers.get_all("Strict-Transport-Security") == ["max-age=31536000"]
            check(answer)
        login = ask(site, "GET", "/accounts/login/", **sent)
        cookies = login.headers.get_all("Set-Cookie") or []
        assert cookies
        assert all("; Secure" in cookie and "SameSite=Lax" in cookie for cookie in cookies)
