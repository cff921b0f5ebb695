"""The websocket's door on the wire: who comes from another site's page gets no socket, not for a moment.

What decides is tried value by value in tests/realtime/test_origin.py; here are whole handshakes, byte for byte.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest

from tests.doors.named import HOST, ORIGIN, named_site
from tests.support.site import Site, Visitor, running_site


@dataclass(frozen=True)
class Door:
    """A site, where it listens, and the origin and host that belong to it."""

    site: Site
    visitor: Visitor
    port: int
    origin: str
    host: str

    def is_open(self, *lines: bytes, host: str = "") -> bool:
        """Ask for a socket with these header lines, and tell whether there is one or a refusal instead of it."""
        head = [
            b"GET /ws/ HTTP/1.1",
            b"Host: " + (host or self.host).encode(),
            b"Connection: Upgrade",
            b"Upgrade: websocket",
            b"Sec-WebSocket-Version: 13",
            b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
            b"Cookie: " + self.visitor.cookie.encode(),
            *lines,
        ]
        with closing(socket.create_connection(("127.0.0.1", self.port), timeout=10)) as line:
            line.sendall(b"\r\n".join(head) + b"\r\n\r\n")
            answer = b""
            while b"\r\n" not in answer and (piece := line.recv(4_096)):
                answer += piece
        status = int(answer.split(b" ", 2)[1])
        assert status in (101, 400, 403), answer
        return status == 101


@pytest.fixture(scope="module")
def named() -> Iterator[Door]:
    """A site behind a proxy: browsers know it by one https address."""
    with named_site() as (site, port):
        yield Door(site, site.visitor(), port, ORIGIN, HOST)


@pytest.fixture(scope="module")
def unnamed() -> Iterator[Door]:
    """A site on this machine without any configured origin: the very host and port of the request count."""
    with running_site() as site:
        host = urlsplit(site.url).netloc
        yield Door(site, site.visitor(), int(host.rpartition(":")[2]), site.url, host)


@pytest.fixture(params=["named", "unnamed"])
def door(request: pytest.FixtureRequest) -> Door:
    found: Door = request.getfixturevalue(request.param)
    return found


FORGED = {
    "null": "null",
    "Null": "Null",
    "undefined": "undefined",
    "about:blank": "about:blank",
    "a file": "file:///index.html",
    "an opaque data address": "data:text/html;base64,PGI+",
    "a blob of the site": "blob:{origin}/0b3c",
    "a view of the source": "view-source:{origin}",
    "an extension": "moz-extension://4f2a",
    "a sandbox in words": "sandbox://{host}",
    "another port": "{origin}1",
    "no port": "{scheme}://{name}:",
    "port 0": "{scheme}://{name}:0",
    "a port with a sign": "{scheme}://{name}:+{port}",
    "a port with zeros before it": "{scheme}://{name}:0{port}",
    "a port in other digits": "{scheme}://{name}:４４３",
    "a port beyond all ports": "{scheme}://{name}:65979",
    "two ports": "{scheme}://{name}:{port}:{port}",
    "the other scheme": "{other}://{host}",
    "the socket's own scheme": "ws://{host}",
    "the scheme in capitals": "{SCHEME}://{host}",
    "the scheme with one capital": "{Scheme}://{host}",
    "everything in capitals": "{SCHEME}://{HOST}",
    "a longer scheme": "x{scheme}://{host}",
    "three slashes": "{scheme}:///{host}",
    "one slash": "{scheme}:/{host}",
    "backslashes": "{scheme}:\\\\{host}",
    "a backslash at the end": "{origin}\\",
    "no scheme": "//{host}",
    "only the host": "{host}",
    "a dot at the end": "{scheme}://{name}.:{port}",
    "a dot at the end, no port": "{scheme}://{name}.",
    "a dot at the beginning": "{scheme}://.{host}",
    "two dots": "{scheme}://{name}..:{port}",
    "the name as a beginning": "{origin}.evil.example",
    "the name as a beginning with a hyphen": "{scheme}://{name}-evil.example:{port}",
    "the name as an end": "{scheme}://evil{host}",
    "a name below it": "{scheme}://evil.{host}",
    "the name above it": "{scheme}://example.org",
    "a name beside it": "{scheme}://other.example.org:{port}",
    "the name as a user": "{scheme}://{host}@evil.example",
    "the name as a user with a password": "{scheme}://{name}:{port}@evil.example:{port}",
    "an empty user": "{scheme}://@{host}",
    "an empty user and password": "{scheme}://:@{host}",
    "a user": "{scheme}://evil@{host}",
    "a path": "{origin}/ws/",
    "a slash": "{origin}/",
    "a query": "{origin}?evil.example",
    "a fragment": "{origin}#evil.example",
    "a parameter": "{origin};evil.example",
    "a letter that looks the same": "{scheme}://chаt.example.org",
    "the same letter in punycode": "{scheme}://xn--cht-5cd.example.org",
    "a wide full stop": "{scheme}://chat．example．org",
    "an ideographic full stop": "{scheme}://chat。example。org",
    "wide letters": "{scheme}://ｃhat.example.org",
    "a soft hyphen": "{scheme}://ch\xadat.example.org",
    "a joiner of no width": "{scheme}://chat\u200d.example.org",
    "a long s": "http\u017f://chat.example.org",
    "an escaped dot": "{scheme}://chat%2Eexample.org",
    "an escaped NUL": "{origin}%00.evil.example",
    "a tab": "{scheme}://{name}\t:{port}",
    "a blank inside": "{scheme}://{name} :{port}",
    "two, separated by a blank": "{origin} {origin}",
    "two, separated by a comma": "{origin}, {origin}",
    "two, the other one first": "https://evil.example {origin}",
    "in quotes": '"{origin}"',
    "in angle brackets": "<{origin}>",
    "a star": "*",
    "nothing": "",
    "the loopback address": "{scheme}://[::1]:{port}",
    "the loopback address inside IPv6": "{scheme}://[::ffff:127.0.0.1]:{port}",
    "the loopback address, short": "{scheme}://127.1:{port}",
    "the loopback address as a number": "{scheme}://2130706433:{port}",
    "the loopback address in hexadecimal": "{scheme}://0x7f.0.0.1:{port}",
    "the loopback address, any": "{scheme}://0.0.0.0:{port}",
    "the loopback name": "{scheme}://localhost:{port}",
    "an open bracket": "{scheme}://[{name}",
    "brackets around a name": "{scheme}://[{name}]:{port}",
}


def written(template: str, door: Door) -> bytes:
    parts = urlsplit(door.origin)
    text = template.format(
        origin=door.origin,
        host=door.host,
        HOST=door.host.upper(),
        name=parts.hostname,
        scheme=parts.scheme,
        SCHEME=parts.scheme.upper(),
        Scheme=parts.scheme.title(),
        other="http" if parts.scheme == "https" else "https",
        port=parts.port or 443,
    )
    return text.encode()


def test_the_very_origin_is_let_in(door: Door) -> None:
    """The premise of all that follows."""
    assert door.is_open(b"Origin: " + door.origin.encode())


@pytest.mark.parametrize("forged", FORGED.values(), ids=FORGED.keys())
def test_a_forged_origin_gets_no_socket(door: Door, forged: str) -> None:
    assert not door.is_open(b"Origin: " + written(forged, door))


def test_no_origin_gets_no_socket(door: Door) -> None:
    assert not door.is_open()


@pytest.mark.parametrize("name", [b"Referer", b"Sec-WebSocket-Origin", b"X-Origin", b"Host-Origin"])
def test_another_header_is_no_origin(door: Door, name: bytes) -> None:
    assert not door.is_open(name + b": " + door.origin.encode())


@pytest.mark.parametrize("other", [b"https://evil.example", b"null", b""])
def test_of_two_origins_neither_counts(door: Door, other: bytes) -> None:
    own = b"Origin: " + door.origin.encode()
    for lines in ((own, b"Origin: " + other), (b"Origin: " + other, own), (own, own), (own, b"oRIGIN: " + other)):
        assert not door.is_open(*lines)


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "localhost.evil.example", "*", "0.0.0.0"])
def test_a_name_that_was_pointed_at_this_machine_is_not_its_own(unnamed: Door, host: str) -> None:
    """DNS that changes its mind: origin and host agree, but the site is not called that."""
    assert not unnamed.is_open(b"Origin: http://" + host.encode(), host=host)


@pytest.mark.parametrize("line", [b"X-Forwarded-Host: evil.example", b"Forwarded: host=evil.example;proto=https"])
def test_a_host_that_only_a_proxy_could_tell_is_not_believed(door: Door, line: bytes) -> None:
    assert not door.is_open(b"Origin: https://evil.example", line)
    assert not door.is_open(b"Origin: http://evil.example", line)


def test_a_host_in_other_letters_is_the_same_host(unnamed: Door) -> None:
    host = f"localhost:{unnamed.port}"
    assert unnamed.is_open(f"Origin: http://{host}".encode(), host=host.upper())
