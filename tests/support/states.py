"""The states of the chat by name, and the way to each: what axe looks through, and what ``make screenshots`` shows.

Ways are told by what the page is made of, never by its words: each is taken in both languages.
"""

from __future__ import annotations

from playwright.sync_api import FilePayload, expect

from tests.browser.steps import frames
from tests.support import sample
from tests.support.stage import FIELD, Stage, State

# Reading


def _opened(title: str, *selectors: str) -> State:
    def reach(stage: Stage) -> None:
        stage.chat(title)
        stage.click(*selectors)
        if selectors and "data-dialog" in selectors[-1]:
            stage.dialog()

    return reach


def _temporary(stage: Stage) -> None:
    stage.go("?temporary=1")


def _above(stage: Stage) -> None:
    stage.chat(sample.LONG)
    stage.page.mouse.wheel(0, -1200)
    expect(stage.page.locator("[data-do=jump]")).to_be_visible()


def _viewer(stage: Stage) -> None:
    stage.chat(sample.SEEN)
    stage.click(".pictures a")
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
    stage.page.select_option("#model", "demo-reasoning")
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


# The connection


def _away(stage: Stage) -> None:
    stage.chat(sample.TIDES)
    stage.page.context.set_offline(True)
    expect(stage.page.locator("connection-bar")).to_be_visible()


READING: dict[str, State] = {
    "empty": _opened(""),
    "temporary": _temporary,
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
