"""From what was said back into the composer, and out of the page."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.steps import ask, field, finished, in_hands, online
from tests.conftest import Opener
from tests.fakes.scripts import answer, done, finish, sse, usage
from tests.support.site import Site, Visitor

TEXT = "## Tides\n\nThe **moon** pulls.\n\n- twice a day\n- every day\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```py\nx = 1\ny = 2\n```\n\n$$a + b$$\n"


def test_messages_are_quoted_and_copied_as_text(open_browser: Opener, shared_site: Site, newcomer: Visitor) -> None:
    page = online(open_browser(shared_site, newcomer, permissions=["clipboard-read", "clipboard-write"]))
    shared_site.provider.enqueue(answer(TEXT))
    ask(page, "why?")
    finished(page)
    in_hands(page)

    field(page).fill("as you say:")
    page.locator("article[data-role=assistant]").get_by_label("More for this turn").click()
    page.get_by_role("button", name="Quote", exact=True).click()
    expect(field(page)).to_be_focused()
    quoted = "\n".join(f"> {line}".rstrip() for line in TEXT.strip().split("\n"))
    expect(field(page)).to_have_value(f"as you say:\n\n{quoted}\n\n")
    assert field(page).evaluate("(field) => field.selectionStart === field.value.length")

    field(page).fill("")
    select(page, "#thread [data-blocks] li")
    page.locator("article[data-role=assistant]").get_by_label("More for this turn").click()
    page.get_by_role("button", name="Quote", exact=True).click()
    expect(field(page)).to_have_value("> twice a day\n\n")

    field(page).fill("")
    select(page, "#thread .question")
    page.keyboard.press("Control+'")
    expect(field(page)).to_have_value("> why?\n\n")

    page.locator("article[data-role=assistant]").get_by_label("More for this turn").click()
    page.get_by_role("button", name="Copy as text").click()
    expect(page.locator("#status")).to_have_text("Copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert "*" not in copied
    assert "Copy" not in copied
    assert "Tides\n" in copied
    assert "The moon pulls." in copied
    assert "twice a day" in copied
    assert "x = 1\ny = 2\n" in copied, "its lines as they are"
    assert "a+b" in copied, "a formula on one line"


def select(page: Page, selector: str) -> None:
    page.evaluate("(selector) => getSelection().selectAllChildren(document.querySelector(selector))", selector)


@pytest.fixture
def small_models(shared_site: Site) -> Iterator[None]:
    shared_site.rows("UPDATE conversations_chatmodel SET context_window = 1000")
    yield
    shared_site.rows("UPDATE conversations_chatmodel SET context_window = NULL")


@pytest.mark.usefixtures("small_models")
def test_how_full_the_model_is_is_told_from_half_of_it_on(
    open_browser: Opener, shared_site: Site, newcomer: Visitor
) -> None:
    page = online(open_browser(shared_site, newcomer))
    hint = page.locator("[data-context]")
    shared_site.provider.enqueue(sse("short"), sse(finish()), sse(usage(480, 40)), done())
    expect(hint).to_be_hidden()
    ask(page, "hello")
    finished(page)
    expect(hint).to_have_text("≈ 520 of the 1K tokens that the model reads")
    field(page).fill("潮" * 1000)
    expect(hint).to_contain_text("≈ 1.2K tokens, and the model reads 1K")
    expect(page.get_by_role("button", name="Send")).to_have_attribute("aria-disabled", "false")
    page.reload()
    online(page)
    expect(hint).to_be_visible()
    field(page).fill("")
    expect(hint).to_have_text("≈ 520 of the 1K tokens that the model reads")
