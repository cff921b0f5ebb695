"""``make screenshots``: pictures of the pages and their states, desktop and phone, light and dark, in screenshots/."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")
os.environ.setdefault("CHAT_DATA_DIR", tempfile.mkdtemp(prefix="screenshots-"))

import django

django.setup()

from playwright.sync_api import Browser, Page, sync_playwright  # noqa: E402

from tests.browser.steps import in_hands  # noqa: E402
from tests.support.chromium import find  # noqa: E402
from tests.support.site import ROOT, Site, Visitor  # noqa: E402

FOLDER = Path("screenshots")
SHAPES = {
    "desktop": {"viewport": {"width": 1440, "height": 900}},
    "phone": {
        "viewport": {"width": 390, "height": 844},
        "is_mobile": True,
        "has_touch": True,
        "device_scale_factor": 2,
    },
}


def ask(page: Page, text: str, *, until: str) -> None:
    page.fill("chat-composer textarea", text)
    page.click("[data-do=send]")
    page.wait_for_selector(f"section.turn:last-of-type article[data-role=assistant][data-status={until}]")


def click(page: Page, what: str, *, drawer: bool = False) -> None:
    in_hands(page)
    page.wait_for_function("() => customElements.get('chat-sidebar')")
    if drawer and page.locator(".bar__menu").is_visible():
        page.click(".bar__menu")
    page.hover(what)
    page.click(what)


def at(page: Page, address: str) -> None:
    """Open a page of a chat with an answer."""
    ask(page, "/markdown", until="complete")
    page.goto(f"{page.url.split('#')[0]}/{address}")


STATES: dict[str, Callable[[Page], None]] = {
    "empty": lambda page: None,
    "streaming": lambda page: (ask(page, "/markdown", until="streaming"), page.wait_for_selector("figure.code"))[0],
    "answer": lambda page: ask(page, "/markdown", until="complete"),
    "code": lambda page: ask(page, "/code", until="complete"),
    "rate-limited": lambda page: ask(page, "/fail 429", until="failed"),
    "wrong-key": lambda page: ask(page, "/fail 401", until="failed"),
    "row-menu": lambda page: click(page, "[data-row] >> nth=1 >> [data-do=row-menu]", drawer=True),
    "move": lambda page: (STATES["row-menu"](page), click(page, "#row-menu [data-do=order]"))[0],
    "more": lambda page: (ask(page, "/markdown", until="complete"), click(page, "a[href$='/more'] >> nth=-1"))[0],
    "temporary": lambda page: (page.goto(f"{page.url}?temporary=1"), ask(page, "/code", until="complete"))[1],
    "tune": lambda page: (ask(page, "/code", until="complete"), page.goto(f"{page.url.split('#')[0]}/tune"))[0],
    "export": lambda page: at(page, "export"),
    "print": lambda page: at(page, "print"),
    "cut": lambda page: ask(page, "/fail cut", until="interrupted"),
    "folded": lambda page: (  # last: it stays folded
        page.wait_for_function("() => customElements.get('chat-sidebar')"),
        page.keyboard.press("Control+Shift+S"),
    )[1],
}


STRANGERS = {
    "login": "accounts/login/",
    "signup": "accounts/signup/",
    "password-reset": "accounts/password/reset/",
    "password-reset-done": "accounts/password/reset/done/",
    "confirm-email": "accounts/confirm-email/",
    "inactive": "accounts/inactive/",
    "not-found": "nowhere",
}
PERSONS = {
    "settings": "settings/",
    "reading": "settings/reading",
    "settings-chat": "settings/chat",
    "shortcuts": "shortcuts",
    "prompts": "settings/prompts",
    "email": "accounts/email/",
    "password": "accounts/password/change/",
    "second-steps": "accounts/2fa/",
    "second-steps-code": "accounts/2fa/totp/activate/",
    "passkey": "accounts/2fa/webauthn/add/",
    "sessions": "accounts/sessions/",
    "connections": "accounts/3rdparty/",
    "your-data": "settings/data",
    "delete-account": "settings/delete",
    "chats": "chats",
    "archive": "chats?in=archive",
    "logout": "accounts/logout/",
}
"""The account's pages; those that could shut the owner out ask for the password first, and are shown behind it."""
OFFICE = {
    "usage": "usage/?period=2026",
    "usage-month": "usage/?period=2026-05",
    "usage-refused": "usage/?person=nobody",
    "administration": "admin/",
    "providers": "admin/conversations/provider/",
    "models": "admin/conversations/chatmodel/",
    "review": "review/",
    "review-sample": "review/?status=failed&draw=2&per=week&seed=1",
    "review-queue": "review/queue",
    "log": "audit/",
}
"""What administrators see, on a site with a made-up year."""
LANGUAGES = {"en": "en-GB", "zh": "zh-CN"}


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        site = Site(Path(folder), None)
        try:
            site.start()
            browser = playwright.chromium.launch(executable_path=find(), args=["--no-sandbox", "--disable-gpu"])
            for shape in SHAPES:
                for scheme in ("light", "dark"):
                    visitor = site.visitor(f"{shape}-{scheme}@example.org")
                    take(browser, site, visitor, shape, scheme)
                    for language in LANGUAGES:
                        take_accounts(browser, site, shape, scheme, language)
            take_office(browser, site)
            browser.close()
        finally:
            site.close()


def take(browser: Browser, site: Site, visitor: Visitor, shape: str, scheme: str) -> None:
    context = browser.new_context(color_scheme=scheme, **SHAPES[shape])  # type: ignore[arg-type]
    context.add_cookies([{"name": "sessionid", "value": visitor.session, "url": site.url}])
    page = context.new_page()
    for name, reach in STATES.items():
        page.goto(site.url)
        page.wait_for_selector("html[data-connection=online]")
        reach(page)
        page.wait_for_timeout(500)  # what glides has arrived
        page.screenshot(path=FOLDER / f"{shape}-{scheme}-{name}.png")
    context.close()


def take_accounts(browser: Browser, site: Site, shape: str, scheme: str, language: str) -> None:
    """Take every page of accounts, in one language: the browser's own."""
    options = {"color_scheme": scheme, "locale": LANGUAGES[language], **SHAPES[shape]}
    context = browser.new_context(**options)  # type: ignore[arg-type]
    page = context.new_page()

    def shoot(name: str) -> None:
        page.screenshot(path=FOLDER / f"{shape}-{scheme}-{language}-{name}.png", full_page=True)

    for name, path in STRANGERS.items():
        page.goto(f"{site.url}/{path}")
        shoot(name)
    page.goto(f"{site.url}/accounts/signup/")
    page.fill("input[name=email]", f"{shape}-{scheme}-{language}@example.org")
    page.fill("input[name=password1]", "short")
    page.click("main button.button--primary")
    shoot("signup-refused")
    page.fill("input[name=password1]", "correct horse battery")
    page.click("main button.button--primary")
    page.wait_for_selector("chat-composer")
    shoot("chat")
    for name, path in PERSONS.items():
        page.goto(f"{site.url}/{path}")
        if "/reauthenticate/" in page.url:
            shoot("is-it-you")
            page.fill("input[name=password]", "correct horse battery")
            page.click("main button.button--primary")
        shoot(name)
    context.close()


def take_office(browser: Browser, site: Site) -> None:
    """Take the administrators' pages last: the year that they show is on all other pages as well."""
    command = [sys.executable, "manage.py", "demo_data", "--force", "--chats=1000", "--until=2026-11-23"]
    subprocess.run(command, cwd=ROOT, env=site.environment, check=True, capture_output=True)
    boss = site.visitor("boss@example.org", staff=True)
    site.rows("INSERT INTO conversations_reviewscope (reviewer_id, group_id) VALUES (?, NULL)", boss.id.hex)
    for shape, options in SHAPES.items():
        for scheme in ("light", "dark"):
            context = browser.new_context(color_scheme=scheme, **options)  # type: ignore[arg-type]
            context.add_cookies([{"name": "sessionid", "value": boss.session, "url": site.url}])
            page = context.new_page()
            for name, path in OFFICE.items():
                page.goto(f"{site.url}/{path}")
                page.screenshot(path=FOLDER / f"{shape}-{scheme}-{name}.png", full_page=True)
            for name in ("model", "provider"):
                page.goto(f"{site.url}/admin/conversations/{'chatmodel' if name == 'model' else name}/")
                page.locator("#result_list tbody th a").first.click()
                page.screenshot(path=FOLDER / f"{shape}-{scheme}-{name}.png", full_page=True)
            page.goto(f"{site.url}/review/?status=failed")
            page.locator(".desk__table tbody a").first.click()
            page.fill("#reason", "a complaint about an answer")
            page.screenshot(path=FOLDER / f"{shape}-{scheme}-review-reason.png", full_page=True)
            page.click("main button.button--primary")
            page.screenshot(path=FOLDER / f"{shape}-{scheme}-review-transcript.png", full_page=True)
            context.close()


if __name__ == "__main__":
    main()
