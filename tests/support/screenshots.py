"""``make screenshots``: the pages and their states, desktop and phone, light and dark, in both languages."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")
os.environ.setdefault("CHAT_DATA_DIR", tempfile.mkdtemp(prefix="screenshots-"))

import django

django.setup()

from playwright.sync_api import Browser, Page, sync_playwright  # noqa: E402

from tests.support.chromium import find  # noqa: E402
from tests.support.places import OFFICE, PAGES, REFUSALS, STRANGERS, sign_up, walk_account, walk_second_steps  # noqa: E402
from tests.support.site import ROOT, Site, Visitor, demo_site  # noqa: E402
from tests.support.stage import Stage, furnish, move_in  # noqa: E402
from tests.support.states import ACTING, READING, WRITING  # noqa: E402

FOLDER = Path("screenshots")
SHAPES: dict[str, dict[str, Any]] = {
    "desktop": {"viewport": {"width": 1440, "height": 900}},
    "phone": {
        "viewport": {"width": 390, "height": 844},
        "is_mobile": True,
        "has_touch": True,
        "device_scale_factor": 2,
    },
}


ADMINISTRATION = {
    "administration": "admin/",
    "providers": "admin/conversations/provider/",
    "models": "admin/conversations/chatmodel/",
}
LANGUAGES = {"en": "en-GB", "zh": "zh-CN"}


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    with demo_site() as site, sync_playwright() as playwright:
        furnish(site)
        browser = playwright.chromium.launch(executable_path=find(), args=["--no-sandbox", "--disable-gpu"])
        for shape in SHAPES:
            for scheme in ("light", "dark"):
                for language in LANGUAGES:
                    take_states(browser, site, shape, scheme, language)
                    take_accounts(browser, site, shape, scheme, language)
        take_office(browser, site)
        browser.close()


def opened(browser: Browser, shape: str, scheme: str, language: str = "en") -> Page:
    """Open a page of a browser of its own, which speaks a language."""
    options: dict[str, Any] = {"color_scheme": scheme, "locale": LANGUAGES[language], **SHAPES[shape]}
    return browser.new_context(**options).new_page()


def signed_in(page: Page, site: Site, visitor: Visitor) -> Page:
    page.context.add_cookies([{"name": "sessionid", "value": visitor.session, "url": site.url}])
    return page


def take_states(browser: Browser, site: Site, shape: str, scheme: str, language: str) -> None:
    """Take the chat in every state, as it stands in the window; its other pages as a whole."""
    visitor = site.visitor(f"{shape}-{scheme}-{language}@example.org")
    page = signed_in(opened(browser, shape, scheme, language), site, visitor)
    move_in(page, site)
    stage = Stage(page, site, visitor)
    for name, reach in (READING | WRITING | ACTING | REFUSALS | PAGES).items():
        reach(stage)
        stage.settle()
        page.screenshot(path=file_of(shape, scheme, language, name), full_page=not page.locator(".shell").count())
        stage.leave()
    page.context.close()


def take_accounts(browser: Browser, site: Site, shape: str, scheme: str, language: str) -> None:
    """Take every page of accounts."""
    page = opened(browser, shape, scheme, language)

    def shoot(name: str) -> None:
        page.screenshot(path=file_of(shape, scheme, language, name), full_page=True)

    for name, path in STRANGERS.items():
        page.goto(f"{site.url}/{path}")
        shoot(name)
    email = f"new-{shape}-{scheme}-{language}@example.org"
    sign_up(page, site, email, then=shoot)
    walk_account(page, site, then=shoot)
    walk_second_steps(page, site, email, then=shoot)
    page.context.close()


def take_office(browser: Browser, site: Site) -> None:
    """Take the administrators' pages last: the year that they show is on all other pages as well."""
    command = [sys.executable, "manage.py", "demo_data", "--force", "--chats=1000", "--until=2026-11-23"]
    subprocess.run(command, cwd=ROOT, env=site.environment, check=True, capture_output=True)
    boss = site.visitor("boss@example.org", staff=True)
    site.rows("INSERT INTO conversations_reviewscope (reviewer_id, group_id) VALUES (?, NULL)", boss.id.hex)
    for shape in SHAPES:
        for scheme in ("light", "dark"):
            page = signed_in(opened(browser, shape, scheme), site, boss)
            for name, path in (OFFICE | ADMINISTRATION).items():
                page.goto(f"{site.url}/{path}")
                page.screenshot(path=file_of(shape, scheme, "en", name), full_page=True)
            for name in ("model", "provider"):
                page.goto(f"{site.url}/admin/conversations/{'chatmodel' if name == 'model' else name}/")
                page.locator("#result_list tbody th a").first.click()
                page.screenshot(path=file_of(shape, scheme, "en", name), full_page=True)
            page.goto(f"{site.url}/review/?status=failed")
            page.locator(".desk__table tbody a").first.click()
            page.fill("#reason", "a complaint about an answer")
            page.screenshot(path=file_of(shape, scheme, "en", "review-reason"), full_page=True)
            page.click("main button.button--primary")
            page.screenshot(path=file_of(shape, scheme, "en", "review-transcript"), full_page=True)
            page.context.close()


def file_of(shape: str, scheme: str, language: str, name: str) -> Path:
    return FOLDER / f"{shape}-{scheme}-{language}-{name}.png"


if __name__ == "__main__":
    main()
