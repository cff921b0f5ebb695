"""What axe finds wrong with a page for whoever uses assistive technology."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

TAGS = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]
IS_COVERED = """() => document.querySelector(":popover-open:not(toast-list)") !== null
  || (document.querySelector(".dock") !== null && document.documentElement.scrollHeight > innerHeight)"""
"""Tells whether a menu, or the composer above which the page scrolls, lies over a part of it: axe calls small what is
half below it."""


def found_wrong(page: Page, state: str) -> list[tuple[str, str, list[str]]]:
    """Return the state, the rule and the elements of each finding."""
    rules = {"target-size": {"enabled": not page.evaluate(IS_COVERED)}}
    options = {"runOnly": {"type": "tag", "values": TAGS}, "rules": rules}
    found: list[dict[str, Any]] = Axe().run(page, options=options).response["violations"]
    return [(state, one["id"], [node["html"][:160] for node in one["nodes"]]) for one in found]
