"""Uploads against a running site: bounds that hold before anything is collected, and a store that speaks S3."""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Iterator
from contextlib import closing
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import pytest

from tests.fakes.scripts import answer
from tests.pictures.samples import photo
from tests.support.servers import free_port
from tests.support.site import Site, Visitor, running_site
from tests.support.socket import open_page

TOKEN = "0123456789abcdef0123456789abcdef"
"""A CSRF token needs no secret of the server: cookie and header must agree."""


def headers_of(visitor: Visitor) -> dict[str, str]:
    return {
        "Cookie": f"{visitor.cookie}; csrftoken={TOKEN}",
        "X-CSRFToken": TOKEN,
        "X-Requested-With": "fetch",
        "X-File-Name": "cat.jpg",
        "Content-Type": "image/jpeg",
    }


def call(site: Site, method: str, path: str, visitor: Visitor, body: bytes | None = None) -> tuple[int, bytes]:
    with closing(http.client.HTTPConnection(urlsplit(site.url).netloc, timeout=30)) as line:
        line.request(method, path, body, headers_of(visitor))
        reply = line.getresponse()
        return reply.status, reply.read()


def test_a_body_that_says_it_is_too_large_is_refused_before_it_is_sent(shared_site: Site, newcomer: Visitor) -> None:
    host, port = urlsplit(shared_site.url).netloc.split(":")
    lines = [f"{name}: {value}" for name, value in headers_of(newcomer).items()]
    head = "\r\n".join(["POST /attachments HTTP/1.1", f"Host: {host}:{port}", "Content-Length: 99999999999", *lines])
    with socket.create_connection((host, int(port)), timeout=10) as line:
        line.sendall(head.encode() + b"\r\n\r\nsome")
        assert b" 413 " in line.recv(4096)


def test_a_file_of_chats_may_be_larger_than_a_picture_but_not_without_bound(
    shared_site: Site, newcomer: Visitor
) -> None:
    host, port = urlsplit(shared_site.url).netloc.split(":")
    lines = [f"{name}: {value}" for name, value in headers_of(newcomer).items()]
    for size, is_taken in ((150 * 1024**2, True), (300 * 1024**2, False)):
        head = "\r\n".join(
            ["POST /settings/import HTTP/1.1", f"Host: {host}:{port}", f"Content-Length: {size}", *lines]
        )
        with socket.create_connection((host, int(port)), timeout=1) as line:
            line.sendall(head.encode() + b"\r\n\r\nsome")
            if is_taken:
                with pytest.raises(TimeoutError):
                    line.recv(4096)
            else:
                assert b" 303 See Other\r\nLocation: /settings/data?too_large\r\n" in line.recv(4096)
    refused = Request(f"{shared_site.url}/settings/data?too_large", headers={"Cookie": newcomer.cookie})
    with pytest.raises(HTTPError) as told:
        urlopen(refused)
    assert "This file is larger than 200 MB." in told.value.read().decode()


def test_a_body_that_grows_beyond_the_bound_is_refused(shared_site: Site, newcomer: Visitor) -> None:
    host, port = urlsplit(shared_site.url).netloc.split(":")
    lines = [f"{name}: {value}" for name, value in headers_of(newcomer).items()]
    head = "\r\n".join(["POST /attachments HTTP/1.1", f"Host: {host}:{port}", "Transfer-Encoding: chunked", *lines])
    with socket.create_connection((host, int(port)), timeout=30) as line:
        line.sendall(head.encode() + b"\r\n\r\n")
        piece = b"100000\r\n" + b"x" * 0x100000 + b"\r\n"
        try:
            for _ in range(60):
                line.sendall(piece)
        except OSError:
            return  # it hung up on us
        assert b" 413 " in line.recv(4096)


@pytest.fixture(scope="module")
def store() -> Iterator[str]:
    """An S3-speaking server with a bucket."""
    import boto3
    from moto.server import ThreadedMotoServer

    port = free_port()
    server = ThreadedMotoServer("127.0.0.1", port, verbose=False)
    server.start()
    client = boto3.client(
        "s3", endpoint_url=f"http://127.0.0.1:{port}", aws_access_key_id="key", aws_secret_access_key="secret",
        region_name="us-east-1",
    )  # fmt: skip
    client.create_bucket(Bucket="pictures")
    client.close()
    yield f"s3://key:secret@127.0.0.1:{port}/pictures?scheme=http&region=us-east-1"
    server.stop()


async def test_pictures_can_live_in_a_store_that_speaks_s3(store: str) -> None:
    with running_site(PICTURES_URL=store) as site:
        alice = site.visitor()
        status, body = call(site, "POST", "/attachments", alice, photo())
        assert status == 201
        facts = json.loads(body)
        status, content = call(site, "GET", f"/attachments/{facts['id']}", alice)
        assert (status, content[:3]) == (200, b"\xff\xd8\xff")
        assert not (site.folder / "pictures").exists()
        site.provider.enqueue(answer("Seen."))
        async with open_page(site, alice) as page:
            accepted = await page.ask("look", attachments=[facts["id"]], model="test-vision")
            await page.end_of(accepted["answer"])
        parts = site.provider.requests[-1].messages[-1]["content"]
        assert parts[1]["image_url"]["url"].startswith("data:image/jpeg;base64,/9j/")
