"""The pages beside the chat by name, and the way to each, like ``states``."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from playwright.sync_api import FilePayload, Page, expect

from tests.support import sample
from tests.support.site import PASSWORD, Site
from tests.support.stage import Stage, State


def _at(path: str, *selectors: str) -> State:
    def reach(stage: Stage) -> None:
        stage.go(path)
        stage.click(*selectors)

    return reach


def _page_of(title: str, name: str) -> State:
    return lambda stage: stage.chat(title, then=name)


def _page_about(name: str, whom: Callable[[Stage, str], UUID]) -> State:
    return lambda stage: stage.go(f"m/{whom(stage, sample.TIDES)}/{name}")


def _chosen(stage: Stage) -> None:
    stage.go("chats")
    for number in (0, 1):
        stage.page.locator("input[name=chat]").nth(number).check()


# Sharing and taking along


def _shared(stage: Stage) -> None:
    stage.chat(sample.TIDES, then="share")
    stage.click(".share-form .button--primary")
    expect(stage.page.locator(".share-made")).to_be_visible()


def _read_by_others(stage: Stage) -> None:
    _shared(stage)
    stage.page.goto(stage.page.locator(".share-made input").input_value())


def _links(stage: Stage) -> None:
    _shared(stage)
    stage.go("settings/links")


def _look_through(stage: Stage, content: bytes) -> None:
    stage.go("settings/data")
    file: FilePayload = {"name": "chats.json", "mimeType": "application/json", "buffer": content}
    stage.page.set_input_files("#file", [file])
    stage.click("#import .button--outline")


def _looked_through(stage: Stage) -> None:
    _look_through(stage, _SMALL)
    expect(stage.page.locator("#import ul")).to_be_visible()


def _import_refused(stage: Stage) -> None:
    _look_through(stage, b'{"a": 1,\n"b"}')
    expect(stage.page.locator("#import .refusal")).to_be_visible()


_SMALL = (
    b'{"format": "chatsite", "version": 2, "conversations": [{"id": "1", "title": "From elsewhere", "messages": ['
    b'{"id": "1", "parent": null, "role": "user", "text": "Hello"}]}]}'
)


PAGES: dict[str, State] = {
    "search": _at("search?q=tides"),
    "chats": _chosen,
    "folder-of-chats": _at("chats", "a[href*='folder=']"),
    "tag": _at("chats", "a[href*='tag=']"),
    "archive": _at("chats?in=archive"),
    "order": _page_of(sample.TIDES, "order"),
    "contents-page": _page_of(sample.LONG, "contents"),
    "edit": _page_about("edit", Stage.question_of),
    "more-page": _page_about("more", Stage.answer_of),
    "tell": _page_about("tell", Stage.answer_of),
    "share-page": _page_of(sample.TIDES, "share"),
    "shared": _shared,
    "read-by-others": _read_by_others,
    "links": _links,
    "tune-page": _page_of(sample.TIDES, "tune"),
    "export-page": _page_of(sample.TIDES, "export"),
    "print": _page_of("A tour of the formats", "print"),
    "prompts": _at("settings/prompts"),
    "prompt": _at("settings/prompts", "a[href*='/settings/prompts/']"),
    "looked-through": _looked_through,
}
REFUSALS: dict[str, State] = {"import-refused": _import_refused, "not-found": _at("nowhere")}

STRANGERS = {
    "login": "accounts/login/",
    "signup": "accounts/signup/",
    "password-reset": "accounts/password/reset/",
    "password-reset-done": "accounts/password/reset/done/",
    "confirm-email": "accounts/confirm-email/",
    "inactive": "accounts/inactive/",
}
"""Pages for whoever is not signed in."""
PERSONS = {
    "settings": "settings/",
    "reading": "settings/reading",
    "settings-chat": "settings/chat",
    "your-data": "settings/data",
    "delete-account": "settings/delete",
    "shortcuts-page": "shortcuts",
    "email": "accounts/email/",
    "password": "accounts/password/change/",
    "second-steps": "accounts/2fa/",
    "second-steps-code": "accounts/2fa/totp/activate/",
    "passkey": "accounts/2fa/webauthn/add/",
    "sessions": "accounts/sessions/",
    "connections": "accounts/3rdparty/",
    "logout": "accounts/logout/",
}
"""The account's pages; those that could shut the owner out ask for the password first, and are shown behind it."""
OFFICE = {
    "usage": "usage/?period=2026",
    "usage-month": "usage/?period=2026-05",
    "usage-refused": "usage/?person=nobody",
    "review": "review/",
    "review-sample": "review/?status=failed&draw=2&per=week&seed=1",
    "review-queue": "review/queue",
    "log": "audit/",
}
"""What administrators see beside Django's own pages."""


def sign_up(page: Page, site: Site, email: str, *, then: Callable[[str], object]) -> None:
    """Make an account, after one refusal; ``then`` is called with the name of each state on the way."""
    page.goto(f"{site.url}/accounts/signup/")
    page.fill("input[name=email]", email)
    page.fill("input[name=password1]", "short")
    page.click("main button.button--primary")
    then("signup-refused")
    page.fill("input[name=password1]", PASSWORD)
    page.click("main button.button--primary")
    page.wait_for_selector("chat-composer")


def walk_account(page: Page, site: Site, *, then: Callable[[str], object]) -> None:
    """Go through the pages of the account that is signed in, and answer to the question whose it is."""
    for name, path in PERSONS.items():
        page.goto(f"{site.url}/{path}")
        if "/reauthenticate/" in page.url:
            then("is-it-you")
            page.fill("input[name=password]", PASSWORD)
            page.click("main button.button--primary")
        then(name)


def code_of(secret: str) -> str:
    """Return what an authenticator app shows now."""
    return str(format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time()))))


def walk_second_steps(page: Page, site: Site, email: str, *, then: Callable[[str], object]) -> None:
    """Go through what there is once a second step is set up, sign out, and come to that step."""
    page.goto(f"{site.url}/accounts/2fa/totp/activate/")
    secret = page.locator("main input[readonly], main input[disabled]").first.input_value()
    page.fill("input[name=code]", code_of(secret))
    page.click("main button.button--primary")
    page.wait_for_url("**/recovery-codes/**")
    then("recovery-codes")
    for name, path in {
        "recovery-codes-anew": "accounts/2fa/recovery-codes/generate/",
        "second-steps-set": "accounts/2fa/",
        "second-steps-off": "accounts/2fa/totp/deactivate/",
        "passkeys": "accounts/2fa/webauthn/",
    }.items():
        page.goto(f"{site.url}/{path}")
        then(name)
    page.goto(f"{site.url}/accounts/logout/")
    page.click("main button.button--primary")
    page.fill("input[name=login]", email)
    page.fill("input[name=password]", PASSWORD)
    page.click("main form button.button--primary")
    page.wait_for_url("**/authenticate/**")
    then("second-step")
