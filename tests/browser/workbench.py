"""A page with our modules and nothing else, for laws that need a browser but no server.

Served through Playwright's routing from an address that is not secure, as a site in a home network would be.
"""

from __future__ import annotations

import mimetypes
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Page, Route

STATIC = Path(__file__).resolve().parents[2] / "static"
ADDRESS = "http://workbench.test/"
CONTEXT = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Workbench</title>
<style>body {{ margin: 0 }} ::highlight(ahead) {{ color: transparent }} [data-ahead] {{ visibility: hidden }}</style>
<body>{body}<div id="status"></div><div id="alert"></div>{words}</body></html>"""
WORDS = """<div id="words" hidden data-text-thinking-one="Thinking {count} s"
  data-text-thinking-other="Thinking {count} s"></div>"""


def open_workbench(page: Page, *, body: str = "", words: str = WORDS) -> Page:
    """Show ``body`` on a page from which ``import("/static/js/…")`` works."""

    def answer(route: Route) -> None:
        path = urlsplit(route.request.url).path
        if path.startswith("/static/"):
            file = STATIC / path.removeprefix("/static/")
            kind = mimetypes.guess_type(file.name)[0] or "text/plain"
            route.fulfill(body=file.read_bytes(), content_type=kind)
        else:
            route.fulfill(body=CONTEXT.format(body=body, words=words), content_type="text/html")

    page.route(f"{ADDRESS}**", answer)
    page.goto(ADDRESS)
    return page
