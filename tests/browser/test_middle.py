"""What is done in the middle of a long chat, where the page does not reach the end, lands in the right place once."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.steps import ask, field, finished, last_answer, online, prose
from tests.browser.test_paging import lengthened
from tests.conftest import Opener
from tests.fakes.scripts import answer
from tests.support.site import Site, Visitor


@pytest.fixture
def middle(open_browser: Opener, shared_site: Site, newcomer: Visitor) -> tuple[Page, list[str]]:
    """A chat of 320 messages, opened at its hundredth question."""
    path, ids = lengthened(shared_site, newcomer)
    page = online(open_browser(shared_site, newcomer, path=f"{path}?at={ids[200]}#m-{ids[200]}"))
    expect(page.locator("a.newer")).to_have_count(1)
    return page, ids


def test_an_edited_question_is_sent_as_it_was_written(middle: tuple[Page, list[str]], shared_site: Site) -> None:
    page, ids = middle
    shared_site.provider.enqueue(answer("an answer to the other words"))
    page.locator(f"#m-{ids[200]}").get_by_role("link", name="Edit question").click()
    editor = page.get_by_role("textbox", name="Question")
    editor.fill("other words")
    editor.press("Control+Enter")
    expect(prose(page)).to_have_text("an answer to the other words")
    expect(page.locator(".question").last).to_have_text("other words")
    expect(page.locator("a.newer")).to_have_count(0)


def test_what_is_sent_is_asked_once_at_the_end_and_leaves_the_field(
    middle: tuple[Page, list[str]], shared_site: Site
) -> None:
    page, ids = middle
    shared_site.provider.enqueue(answer("heard"))
    field(page).fill("from the middle")
    field(page).press("Enter")
    expect(field(page)).to_have_value("")
    field(page).press("Enter")
    finished(page)
    expect(prose(page)).to_have_text("heard")
    expect(page.locator(".question").filter(has_text="from the middle")).to_have_count(1)
    expect(page.locator(f"#m-{ids[-1]}")).to_have_count(1)


def test_another_version_of_an_answer_stands_where_its_branch_ends(
    middle: tuple[Page, list[str]], shared_site: Site
) -> None:
    page, ids = middle
    shared_site.provider.enqueue(answer("another version"))
    page.locator(f"#m-{ids[201]}").get_by_role("button", name="Answer again").click()
    expect(prose(page)).to_have_text("another version")
    expect(last_answer(page)).to_contain_text("another version")
    expect(page.locator("a.newer")).to_have_count(0)
    shared_site.provider.enqueue(answer("goes on there"))
    ask(page, "and then?")
    expect(prose(page)).to_have_text("goes on there")


def test_a_version_that_is_switched_to_from_the_top_leaves_the_reader_there(
    open_browser: Opener, shared_site: Site, newcomer: Visitor
) -> None:
    path, ids = lengthened(shared_site, newcomer, 40)
    page = online(open_browser(shared_site, newcomer, path=f"{path}#end"))
    shared_site.provider.enqueue(answer("short"))
    page.locator(f"#m-{ids[0]}").get_by_role("link", name="Edit question").click()
    page.get_by_role("textbox", name="Question").fill("begin anew")
    page.get_by_role("textbox", name="Question").press("Control+Enter")
    expect(prose(page)).to_have_text("short")
    page.reload()
    online(page)
    switch = page.get_by_role("link", name="Previous version").first
    before = switch.bounding_box()
    switch.click()
    expect(page.locator(".question")).to_have_count(20)
    page.evaluate("async () => { for (let n = 0; n < 60; n += 1) await new Promise(requestAnimationFrame); }")
    after = page.get_by_role("link", name="Next version").first.bounding_box()
    assert before
    assert after
    assert abs(before["y"] - after["y"]) <= 1
