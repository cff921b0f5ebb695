"""The pages for what went wrong, and how they are found in the log."""

from __future__ import annotations

import re
import urllib.request
from http.client import HTTPMessage
from urllib.error import HTTPError

from tests.support.site import Site, Visitor


def fetched(site: Site, path: str, visitor: Visitor | None = None, data: bytes | None = None) -> tuple[int, str, str]:
    """Return status, request id and text of a page."""
    request = urllib.request.Request(site.url + path, data, {"Cookie": visitor.cookie} if visitor else {})
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, id_in(answer.headers), answer.read().decode()
    except HTTPError as refused:
        with refused:
            return refused.code, id_in(refused.headers), refused.read().decode()


def id_in(headers: HTTPMessage) -> str:
    return headers["X-Request-ID"] or ""


def test_every_response_carries_an_id_of_its_own(shared_site: Site) -> None:
    paths = ("/healthz", "/accounts/login/", "/static/css/site.css", "/nowhere")
    ids = [fetched(shared_site, path)[1] for path in (*paths, *paths)]
    assert all(re.fullmatch(r"[0-9a-f]{16}", one) for one in ids)
    assert len(set(ids)) == len(ids)


def test_an_error_page_names_the_id_of_its_line_in_the_log(live_site: Site) -> None:
    visitor = live_site.visitor()
    live_site.rows("ALTER TABLE conversations_conversation RENAME TO gone")
    pages = {
        404: fetched(live_site, "/nowhere"),
        403: fetched(live_site, "/send", visitor, b"text=no+token"),
        500: fetched(live_site, "/", visitor),
    }
    for expected, (status, request_id, text) in pages.items():
        assert status == expected
        assert f"Trace id: <code>{request_id}</code>" in text
        main = text.partition("<main")[2]
        assert '<a class="button button--primary" href="/">' in main  # one way on, in the site's own layout
        assert main.count("button--primary") == 1
        assert "css/site" in text
        live_site.wait_for_log(rf"(?m)^timestamp=.*\btrace_id={request_id}\b")
    assert "Traceback" not in pages[500][2]


def test_a_page_of_somebody_else_names_the_id_too(shared_site: Site, newcomer: Visitor) -> None:
    status, request_id, text = fetched(shared_site, "/c/00000000-0000-0000-0000-000000000000", newcomer)
    assert status == 404
    assert request_id
    assert f"Trace id: <code>{request_id}</code>" in text
