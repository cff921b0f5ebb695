"""The states of the page by name, and the way to each: what axe looks through, and what ``make screenshots`` shows.

Ways are told by what the page is made of, never by its words: each is taken in both languages.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID, uuid4

from playwright.sync_api import FilePayload, Page, expect

from tests.browser.steps import frames, in_hands
from tests.support import sample
from tests.support.site import PASSWORD, Site, Visitor

FIELD = "chat-composer #text"
MODELS = ["Atlas", "Breeze", "Cumulus", "Drift", "Estuary", "Fjord"]


@dataclass(frozen=True)
class Stage:
    """Where a state is reached: a page of somebody who has the chats of ``sample``, on a site of the demo provider."""

    page: Page
    site: Site
    visitor: Visitor

    def go(self, path: str) -> None:
        self.page.goto(f"{self.site.url}/{path}")

    def chat(self, title: str = "", *, then: str = "") -> None:
        """Open a chat of the sample, or a new one; ``then`` is a page of that chat."""
        path = f"c/{self.id_of(title)}" if title else ""
        self.go(f"{path}/{then}" if then else path)
        if not then:
            expect(self.page.locator("html")).to_have_attribute("data-connection", "online")
            in_hands(self.page)
            self.page.wait_for_function("() => customElements.get('chat-sidebar')")

    def settle(self) -> None:
        """Wait until nothing glides or fades any more; what pulses goes on."""
        frames(self.page, 10)
        self.page.wait_for_function(
            """() => document.getAnimations().every((one) => one.playState !== "running"
              || one.effect.getTiming().iterations === Infinity)"""
        )

    def leave(self) -> None:
        """Take back what would be there in the next state as well."""
        self.page.context.set_offline(False)
        self.page.context.clear_cookies(name="sidebar")
        if self.page.locator(FIELD).count():
            for button in self.page.locator("chat-composer [data-do=remove-picture]").all():
                button.evaluate("(button) => button.click()")
            empty = "(field) => { field.value = ''; field.dispatchEvent(new Event('input', { bubbles: true })); }"
            self.page.locator(FIELD).evaluate(empty)

    def id_of(self, title: str) -> UUID:
        find = "SELECT id FROM conversations_conversation WHERE owner_id = ? AND title = ?"
        return UUID(str(self.site.rows(find, self.visitor.id, title)[0][0]))

    def answer_of(self, title: str) -> UUID:
        return self._message_of(title, "assistant")

    def question_of(self, title: str) -> UUID:
        return self._message_of(title, "user")

    def _message_of(self, title: str, role: str) -> UUID:
        find = "SELECT id FROM conversations_message WHERE conversation_id = ? AND role = ?"
        return UUID(str(self.site.rows(find, self.id_of(title), role)[0][0]))

    def ask(self, text: str, until: str = "complete") -> None:
        self.page.fill(FIELD, text)
        self.page.press(FIELD, "Control+Enter")
        self.page.wait_for_selector(f".turn:last-of-type article[data-role=assistant][data-status={until}]")

    def click(self, *selectors: str) -> None:
        for selector in selectors:
            self.page.locator(selector).locator("visible=true").last.click()

    def press(self, keys: str) -> None:
        self.page.keyboard.press(keys)

    def dialog(self) -> None:
        """Wait for a dialog and all that it asks for."""
        expect(self.page.locator("page-dialog dialog")).to_be_visible()
        self.page.wait_for_load_state("networkidle")

    def drawer(self) -> None:
        """Open the list of chats where that is a drawer."""
        if self.page.locator(".bar__menu").is_visible():
            self.page.click(".bar__menu")
            expect(self.page.locator("#sidebar")).to_be_visible()


State = Callable[[Stage], None]


def _at(path: str, *selectors: str) -> State:
    def reach(stage: Stage) -> None:
        stage.go(path)
        stage.click(*selectors)

    return reach


def _page_of(title: str, name: str) -> State:
    return lambda stage: stage.chat(title, then=name)


def _page_about(name: str, whom: Callable[[Stage, str], UUID]) -> State:
    return lambda stage: stage.go(f"m/{whom(stage, sample.TIDES)}/{name}")


# Reading


def _opened(title: str, *selectors: str) -> State:
    def reach(stage: Stage) -> None:
        stage.chat(title)
        stage.click(*selectors)
        if selectors and "data-dialog" in selectors[-1]:
            stage.dialog()

    return reach


def _above(stage: Stage) -> None:
    stage.chat(sample.LONG)
    stage.page.mouse.wheel(0, -1200)
    expect(stage.page.locator("[data-do=jump]")).to_be_visible()


def _viewer(stage: Stage) -> None:
    stage.chat(sample.SEEN)
    stage.click(".question ~ .pictures a, .pictures a")
    expect(stage.page.locator("dialog.viewer")).to_be_visible()


def _tour(stage: Stage) -> None:
    stage.chat("A tour of the formats")
    stage.page.locator("figure.code").first.scroll_into_view_if_needed()


# Writing


def _streaming(stage: Stage) -> None:
    stage.chat()
    stage.ask("/markdown", "streaming")
    expect(stage.page.locator("figure.code")).to_be_visible()


def _asked(text: str, until: str) -> State:
    def reach(stage: Stage) -> None:
        stage.chat()
        stage.ask(text, until)

    return reach


def _waiting(stage: Stage) -> None:
    stage.chat()
    stage.ask("/slow", "streaming")
    stage.page.fill(FIELD, "And what comes after that?")
    stage.press("Control+Enter")
    expect(stage.page.locator("queued-question")).to_be_visible()


def _thinking(stage: Stage) -> None:
    stage.chat()
    stage.page.select_option("#model", label=stage.page.locator("#model option[data-label*=easoning]").inner_text())
    stage.ask("Why is the sea salty?", "streaming")


def _long_text(stage: Stage) -> None:
    stage.chat()
    stage.page.fill(FIELD, "\n".join(f"{number + 1}. a line of a longer thought" for number in range(20)))


def _pictures_attached(stage: Stage) -> None:
    stage.chat()
    file: FilePayload = {"name": "harbour.jpg", "mimeType": "image/jpeg", "buffer": sample.picture()}
    stage.page.set_input_files("chat-composer input[type=file]", [file])
    stage.page.wait_for_selector("chat-composer .tray__picture[data-state=ready]")
    stage.page.fill(FIELD, "What do you see?")


def _picture_refused(stage: Stage) -> None:
    stage.chat()
    file: FilePayload = {"name": "notes.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7\n"}
    stage.page.set_input_files("chat-composer input[type=file]", [file])
    stage.page.wait_for_selector("chat-composer .tray__picture[data-state=failed]")


def _prompts_offered(stage: Stage) -> None:
    stage.chat()
    stage.page.focus(FIELD)
    stage.page.keyboard.type("/")
    expect(stage.page.locator("#prompt-list [role=option]").first).to_be_visible()


def _prompt_asks(stage: Stage) -> None:
    _prompts_offered(stage)
    stage.page.keyboard.type("tr")
    expect(stage.page.locator("#prompt-list [role=option]").locator("visible=true")).to_have_count(1)
    stage.press("Enter")
    expect(stage.page.locator("dialog[open] input, dialog[open] textarea").first).to_be_visible()


def _models_offered(stage: Stage) -> None:
    stage.chat()
    stage.press("Control+Shift+M")
    expect(stage.page.locator(".model-search")).to_be_visible()


def _quoted(stage: Stage) -> None:
    stage.chat(sample.TIDES)
    stage.page.evaluate("getSelection().selectAllChildren(document.querySelector('#thread [data-blocks] p'))")
    stage.press("Control+'")


def _too_long(stage: Stage) -> None:
    stage.chat()
    stage.page.locator(FIELD).evaluate("(field) => { field.dataset.max = 10; }")
    stage.page.fill(FIELD, "more than ten characters")


def _full(stage: Stage) -> None:
    stage.chat()
    stage.page.locator("#model option").evaluate_all("(all) => all.forEach((one) => { one.dataset.window = 1000; })")
    stage.page.fill(FIELD, "潮" * 900)
    expect(stage.page.locator("[data-context]")).to_be_visible()


# Finding and ordering


def _listed(stage: Stage) -> None:
    stage.chat(sample.TIDES)
    stage.drawer()


def _row_menu(stage: Stage) -> None:
    _listed(stage)
    row = stage.page.locator(f'[data-row="{stage.id_of(sample.BRANCHES)}"]')
    row.hover()
    row.locator("[data-do=row-menu]").click()
    expect(stage.page.locator("#row-menu")).to_be_visible()


def _renaming(stage: Stage) -> None:
    _row_menu(stage)
    stage.click("#row-menu [data-do=rename]")
    expect(stage.page.locator("[data-renaming]")).to_be_focused()


def _moving(stage: Stage) -> None:
    _row_menu(stage)
    stage.click("#row-menu [data-do=order]")
    stage.dialog()


def _archived(stage: Stage) -> None:
    _row_menu(stage)
    stage.click("#row-menu [data-do=archive]")
    expect(stage.page.locator(".toast")).to_be_visible()


def _folder_open(stage: Stage) -> None:
    _listed(stage)
    if not stage.page.locator(".folder details[open]").count():
        stage.click(".folder summary")
    expect(stage.page.locator(".folder [data-row]").first).to_be_visible()


def _folded(stage: Stage) -> None:
    stage.chat()
    if stage.page.locator(".bar__menu").is_visible():
        stage.drawer()
    else:
        stage.press("Control+Shift+S")
        expect(stage.page.locator(".bar__unfold")).to_be_visible()


def _account_menu(stage: Stage) -> None:
    _listed(stage)
    stage.click("[popovertarget=account-menu]")


def _shortcuts(stage: Stage) -> None:
    stage.chat()
    stage.press("Control+/")
    stage.dialog()


def _searching(words: str) -> State:
    def reach(stage: Stage) -> None:
        stage.chat()
        stage.press("Control+k")
        expect(stage.page.locator("search-palette input")).to_be_focused()
        if not words:
            return
        with stage.page.expect_response(lambda answer: "part=options" in answer.url):
            stage.page.keyboard.type(words)
        frames(stage.page, 2)

    return reach


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
    stage.page.goto(
        str(stage.page.locator(".share-made input, .share-made a").first.evaluate("(it) => it.value ?? it.href"))
    )


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


# The connection


def _away(stage: Stage) -> None:
    stage.chat(sample.TIDES)
    stage.page.context.set_offline(True)
    expect(stage.page.locator("connection-bar")).to_be_visible()


READING: dict[str, State] = {
    "empty": _opened(""),
    "temporary": _at("?temporary=1"),
    "tour": _tour,
    "thought": _opened(sample.TIDES, ".thinking summary", ".sources summary"),
    "versions": _opened(sample.BRANCHES),
    "pictures": _opened(sample.SEEN),
    "viewer": _viewer,
    "right-to-left": _opened(sample.ARABIC),
    "chinese": _opened(sample.CHINESE),
    "bad-ends": _opened(sample.ENDED_BADLY),
    "reading-above": _above,
    "away": _away,
}
WRITING: dict[str, State] = {
    "streaming": _streaming,
    "thinking": _thinking,
    "complete": _asked("/code", "complete"),
    "rate-limited": _asked("/fail 429", "failed"),
    "wrong-key": _asked("/fail 401", "failed"),
    "refused": _asked("/fail refuse", "failed"),
    "cut": _asked("/fail cut", "interrupted"),
    "waiting": _waiting,
    "long-text": _long_text,
    "too-long": _too_long,
    "model-full": _full,
    "attach-menu": _opened("", "[data-attach]"),
    "tray": _pictures_attached,
    "tray-refused": _picture_refused,
    "prompts-offered": _prompts_offered,
    "prompt-asks": _prompt_asks,
    "models-offered": _models_offered,
    "quoted": _quoted,
    "editing": _opened(sample.TIDES, "article[data-role=user] [data-do=edit]"),
}
ACTING: dict[str, State] = {
    "model-menu": _opened(sample.TIDES, "[data-do=model-menu]"),
    "more": _opened(sample.TIDES, "article[data-role=assistant] a[href$='/more'][data-dialog]"),
    "bad-answer": _opened(sample.TIDES, "article[data-role=assistant] a[href$='/tell'][data-dialog]"),
    "chat-menu": _opened(sample.TIDES, "[popovertarget=chat-menu]"),
    "contents": _opened(sample.LONG, "[popovertarget=chat-menu]", "#chat-menu a[href$='/contents'][data-dialog]"),
    "tune": _opened(sample.TIDES, "[popovertarget=chat-menu]", "#chat-menu a[href$='/tune'][data-dialog]"),
    "share": _opened(sample.TIDES, "[popovertarget=chat-menu]", "#chat-menu a[href$='/share'][data-dialog]"),
    "export": _opened(sample.TIDES, "[popovertarget=chat-menu]", "#chat-menu a[href$='/export'][data-dialog]"),
    "list": _listed,
    "folder": _folder_open,
    "row-menu": _row_menu,
    "renaming": _renaming,
    "moving": _moving,
    "undo": _archived,
    "account-menu": _account_menu,
    "recent": _searching(""),
    "found": _searching("water"),
    "nothing-found": _searching("nothing like it"),
    "shortcuts": _shortcuts,
    "folded": _folded,
}
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
STATES = READING | WRITING | ACTING | REFUSALS | PAGES

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


def furnish(site: Site) -> None:
    """Give a site of the demo provider as many models as have to be searched through."""
    columns = [row[1] for row in site.rows("PRAGMA table_info(conversations_chatmodel)")]
    kept = ", ".join(f'"{one}"' for one in columns if one not in ("id", "key", "name", "label", "description"))
    for name in MODELS:
        site.rows(
            f"INSERT INTO conversations_chatmodel (id, key, name, label, description, {kept})"
            f" SELECT ?, ?, 'demo', ?, ?, {kept} FROM conversations_chatmodel WHERE key = 'demo'",
            uuid4().hex, name.lower(), name, f"as fast as {name.lower()}",
        )  # fmt: skip


def move_in(page: Page, site: Site) -> None:
    """Bring the chats of the sample along, as whoever comes from another site does."""
    page.goto(f"{site.url}/settings/data")
    file: FilePayload = {"name": "archive.zip", "mimeType": "application/zip", "buffer": sample.archive()}
    page.set_input_files("#file", [file])
    page.click("#import .button--outline")
    page.click("#import .button--primary")
    page.wait_for_load_state()
