"""Long conversations: what is far above a reader at the end is let go, and comes again."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from playwright.sync_api import Page, expect

from conversations.models.ids import new_id
from tests.browser.steps import ask, finished, frames, online
from tests.conftest import Opener
from tests.fakes.scripts import answer
from tests.support.site import Site, Visitor

COUNT = 320
IDS = "() => [...document.querySelectorAll('#thread article')].map((article) => article.dataset.message)"
WATCH = """() => {
  window.seen = [];
  const look = () => {
    const articles = document.querySelectorAll("#thread article");
    seen.push([articles.length, articles[articles.length - 1].getBoundingClientRect().bottom]);
    requestAnimationFrame(look);
  };
  look();
}"""


def lengthened(site: Site, visitor: Visitor, count: int = COUNT) -> tuple[str, list[str]]:
    """Make a conversation of ``count`` messages; return its address and their ids."""
    conversation = new_id()
    ids = [new_id() for _ in range(count)]
    now = "2026-01-01 00:00:00"
    rows = [
        (
            one.hex,
            conversation.hex,
            above.hex if above else None,
            "assistant" if number % 2 else "user",
            f"{number} words",
        )
        for number, (one, above) in enumerate(zip(ids, [None, *ids], strict=False))
    ]
    with closing(sqlite3.connect(site.folder / "chat.sqlite3", timeout=20)) as database, database:
        columns = [row[1:4] for row in database.execute("PRAGMA table_info(conversations_conversation)")]
        known = {"id": conversation.hex, "owner_id": visitor.id.hex, "leaf_id": ids[-1].hex}
        values = {
            name: known.get(name, now if "date" in kind else "")
            for name, kind, needed in columns
            if needed or name in known
        }
        database.execute(
            f"INSERT INTO conversations_conversation ({', '.join(values)}) VALUES ({', '.join('?' * len(values))})",
            list(values.values()),
        )
        database.executemany(
            "INSERT INTO conversations_message (id, conversation_id, parent_id, role, status, text, reasoning, blocks,"
            " render_version, seq, created_at) VALUES (?, ?, ?, ?, 'complete', ?, '', '[]', 0, 0, '2026-01-01')",
            rows,
        )
    return f"/c/{conversation}", [str(one) for one in ids]


@pytest.fixture(params=[False, True], ids=["desktop", "phone"])
def thread(
    request: pytest.FixtureRequest, open_browser: Opener, shared_site: Site, newcomer: Visitor
) -> tuple[Page, list[str]]:
    path, ids = lengthened(shared_site, newcomer)
    return online(open_browser(shared_site, newcomer, path=path + "#end", phone=request.param)), ids


def scroll_to_the_beginning(page: Page, count: int) -> None:
    shown = page.locator("#thread article")
    link = page.locator("a.older")
    while link.count():
        before = shown.count()
        page.evaluate("() => scrollTo(0, 0)")
        expect(shown).not_to_have_count(before)
        frames(page, 5)
    expect(shown).to_have_count(count)


def scroll_to_the_end(page: Page) -> None:
    page.evaluate("() => scrollTo(0, document.documentElement.scrollHeight)")
    expect(page.locator("#thread")).to_have_attribute("data-following", "true")


def test_far_messages_go_while_the_reader_is_at_the_end_and_come_again(thread: tuple[Page, list[str]]) -> None:
    page, ids = thread
    assert page.evaluate(IDS) == ids[-100:]
    scroll_to_the_beginning(page, COUNT)
    frames(page, 30)
    assert page.evaluate(IDS) == ids, "nothing goes while somebody reads above"
    page.evaluate(WATCH)
    page.locator("[data-do=jump]").click()
    expect(page.locator("#thread article")).to_have_count(200)
    frames(page, 20)
    assert page.evaluate(IDS) == ids[-200:]
    seen = page.evaluate("seen")
    at = next(index for index, (count, _) in enumerate(seen) if count == 200)
    bottoms = [bottom for _, bottom in seen[at - 1 :]]
    assert -1 <= bottoms[0] - bottoms[1] <= 13, "nothing jumps: the last step of the glide"
    assert max(bottoms[1:]) - min(bottoms[1:]) <= 1
    expect(page.locator("#thread")).to_have_attribute("data-following", "true")
    scroll_to_the_beginning(page, COUNT)
    assert page.evaluate(IDS) == ids


def test_a_question_below_many_messages_is_answered_and_lets_go_of_the_first(
    thread: tuple[Page, list[str]], shared_site: Site
) -> None:
    page, ids = thread
    page.evaluate("() => scrollTo(0, 0)")
    expect(page.locator("#thread article")).to_have_count(200)
    shared_site.provider.enqueue(answer("the answer"))
    ask(page, "one more")
    finished(page)
    expect(page.locator("#thread article")).to_have_count(200)
    assert page.evaluate(IDS)[:-2] == ids[-198:]
    scroll_to_the_beginning(page, COUNT + 2)


@pytest.mark.parametrize(
    "use",
    [
        "() => getSelection().selectAllChildren(document.querySelector('#thread .question'))",
        "() => document.querySelector('#thread article').focus({ preventScroll: true })",
    ],
    ids=["selected", "focused"],
)
def test_what_is_in_use_far_above_stays(thread: tuple[Page, list[str]], use: str) -> None:
    page, ids = thread
    scroll_to_the_beginning(page, COUNT)
    page.evaluate(use)
    scroll_to_the_end(page)
    frames(page, 60)
    assert page.evaluate(IDS) == ids
    page.evaluate("() => { getSelection().removeAllRanges(); document.activeElement.blur(); scrollBy(0, -100); }")
    frames(page, 10)
    scroll_to_the_end(page)
    expect(page.locator("#thread article")).to_have_count(200)


def test_a_message_far_above_is_shown_with_what_is_around_it_and_both_ways_on(
    open_browser: Opener, shared_site: Site, newcomer: Visitor
) -> None:
    path, ids = lengthened(shared_site, newcomer)
    wanted = ids[60]
    page = online(open_browser(shared_site, newcomer, path=f"{path}?at={wanted}#m-{wanted}"))
    expect(page.locator(f"#m-{wanted}")).to_be_in_viewport()
    shown = page.evaluate(IDS)
    assert wanted in shown
    assert ids[-1] not in shown
    while page.locator("a.newer").count():
        before = page.locator("#thread article").count()
        page.evaluate("() => scrollTo(0, document.body.scrollHeight)")
        expect(page.locator("#thread article")).not_to_have_count(before)
        frames(page, 5)
    assert page.evaluate(IDS)[-1] == ids[-1]
    scroll_to_the_beginning(page, COUNT)
    assert page.evaluate(IDS)[0] == ids[0]


def test_a_question_asked_far_above_the_end_stands_at_the_end(
    open_browser: Opener, shared_site: Site, newcomer: Visitor
) -> None:
    path, ids = lengthened(shared_site, newcomer)
    shared_site.provider.default = answer("here")
    page = online(open_browser(shared_site, newcomer, path=f"{path}?at={ids[20]}#m-{ids[20]}"))
    ask(page, "What now?")
    expect(page.locator("#thread article").last).to_contain_text("here")
    assert page.evaluate(IDS)[-3] == ids[-1]
    assert page.locator("a.newer").count() == 0
