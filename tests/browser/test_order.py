"""Ordering chats in the sidebar, by pointer and keyboard, in two tabs at once."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from conversations.models import Conversation
from tests.browser.steps import ask, finished, online, prose
from tests.conftest import Opener
from tests.fakes.scripts import Gate, answer, done, finish, hold, sse
from tests.support.site import Site, Visitor


def row(page: Page, title: str) -> Locator:
    return page.locator("#sidebar [data-row]").filter(has_text=title)


def pick(page: Page, title: str, name: str) -> None:
    """Choose from the menu of a row, by keyboard."""
    page.wait_for_function("() => customElements.get('chat-sidebar')")
    row(page, title).locator("[data-do=row-menu]").focus()
    page.keyboard.press("Enter")
    menu = page.locator("#row-menu")
    expect(menu).to_be_visible()
    menu.get_by_role("button", name=name, exact=True).focus()
    page.keyboard.press("Enter")


def chats(site: Site, visitor: Visitor, *titles: str) -> None:
    now = timezone.now()
    for minutes, title in enumerate(titles):
        row = Conversation(owner_id=visitor.id, title=title, touched_at=now - timedelta(minutes=minutes))
        values = {one.column: getattr(row, one.attname) for one in Conversation._meta.local_concrete_fields}
        times = {name: value.isoformat(" ") for name, value in values.items() if isinstance(value, datetime)}
        names, places = ", ".join(values), ", ".join("?" * len(values))
        insert = f"INSERT INTO conversations_conversation ({names}) VALUES ({places})"
        site.rows(insert, *(values | times).values())


def test_chats_are_ordered_by_menu_and_pointer_and_two_tabs_agree(
    open_browser: Opener, shared_site: Site, newcomer: Visitor
) -> None:
    chats(shared_site, newcomer, "Alpha", "Beta", "Gamma")
    one = online(open_browser(shared_site, newcomer))
    two = online(open_browser(shared_site, newcomer))

    def both(*expected: str) -> None:
        for page in (one, two):
            page.wait_for_function(
                """(expected) => JSON.stringify([...document.querySelectorAll("#sidebar h2, #sidebar [data-title]")]
                  .filter((node) => node.checkVisibility()).map((node) => node.textContent)) === expected""",
                arg=one.evaluate("(list) => JSON.stringify(list)", list(expected)),
            )

    both("Today", "Alpha", "Beta", "Gamma")
    pick(one, "Gamma", "Pin")
    both("Pinned", "Gamma", "Today", "Alpha", "Beta")
    expect(row(one, "Gamma").locator("[data-do=row-menu]")).to_be_focused()

    pick(one, "Beta", "Move or tag…")
    dialog = one.get_by_role("dialog")
    dialog.get_by_label("Or a new folder").fill("Travel")
    one.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    both("Pinned", "Gamma", "Travel", "Today", "Alpha")

    one.get_by_text("Travel").click()
    expect(row(one, "Beta")).to_be_visible()
    row(one, "Alpha").locator("a").first.drag_to(one.locator("[data-folder]"))
    expect(one.locator("[data-folder] [data-row]")).to_have_count(2)
    two.get_by_text("Travel").click()
    both("Pinned", "Gamma", "Travel", "Alpha", "Beta")
    assert not Axe().run(one).response["violations"]

    pick(two, "Alpha", "Archive")
    both("Pinned", "Gamma", "Travel", "Beta")
    two.keyboard.press("Control+z")
    both("Pinned", "Gamma", "Travel", "Alpha", "Beta")

    two.goto(f"{shared_site.url}/chats")
    assert not Axe().run(two).response["violations"]
    two.get_by_label("Choose Beta").check()
    two.get_by_label("Choose Gamma").check()
    two.get_by_role("button", name="Archive").click()
    expect(two.get_by_role("status")).to_have_text("Done with 2 chats.")
    expect(one.locator("[data-row]")).to_have_count(1)
    two.goto(shared_site.url)
    online(two)
    both("Travel", "Alpha")


def test_a_name_that_is_typed_here_and_changed_elsewhere_is_the_same_in_both_and_old_chats_stay_where_they_are(
    open_browser: Opener, shared_site: Site, newcomer: Visitor
) -> None:
    chats(shared_site, newcomer, *(f"Chat {number:02}" for number in range(50)))
    here, there = (online(open_browser(shared_site, newcomer)) for _ in range(2))
    for page in (here, there):
        page.wait_for_function("() => customElements.get('chat-sidebar')")
    row(here, "Chat 03").get_by_role("link").first.focus()
    here.keyboard.press("F2")
    expect(here.locator("[data-renaming]")).to_be_focused()
    pick(there, "Chat 03", "Rename")
    there.locator("[data-renaming]").fill("Named elsewhere")
    there.keyboard.press("Enter")
    expect(row(there, "Named elsewhere")).to_have_count(1)
    here.keyboard.press("Escape")
    expect(row(here, "Named elsewhere")).to_have_count(1)

    find = "SELECT id FROM conversations_conversation WHERE title = 'Chat 49' AND owner_id = ?"
    (old,) = shared_site.rows(find, newcomer.id.hex)[0]
    token = there.locator("[name=csrfmiddlewaretoken]").first.input_value()
    form = {"title": "Old one", "csrfmiddlewaretoken": token}
    there.request.post(f"{shared_site.url}/c/{UUID(old)}/rename", form=form, headers={"Referer": shared_site.url})
    pick(there, "Chat 01", "Rename")
    there.locator("[data-renaming]").fill("Named after that")
    there.keyboard.press("Enter")
    expect(row(here, "Named after that")).to_have_count(1)
    expect(row(here, "Old one")).to_have_count(0)
    assert here.locator("#sidebar [data-row]").first.inner_text().strip() == "Chat 00"


def test_answers_are_marked_until_looked_at_turns_are_deleted_and_temporary_chats_left(
    open_browser: Opener, shared_site: Site, newcomer: Visitor
) -> None:
    one, two = (online(open_browser(shared_site, newcomer)) for _ in range(2))
    shared_site.provider.gate = Gate()
    shared_site.provider.enqueue(sse("begun"), hold(), sse(" and ended", finish()), done())
    ask(one, "Where does it end")
    expect(prose(one)).to_have_text("begun")
    one.get_by_role("link", name="New chat").first.click()
    expect(online(one).get_by_role("img", name="Answering")).to_be_visible()
    shared_site.provider.release()
    for page in (one, two):
        expect(page.get_by_role("img", name="New answer")).to_be_visible()
    two.locator("[data-row] a").first.click()
    expect(prose(online(two))).to_have_text("begun and ended")
    for page in (one, two):
        expect(page.get_by_role("img", name="New answer")).to_be_hidden()

    one.locator("[data-row] a").first.click()
    expect(prose(online(one))).to_have_text("begun and ended")
    two.get_by_role("link", name="More for this turn").last.click()
    dialog = two.get_by_role("dialog")
    expect(dialog).to_contain_text("1 message below it")
    assert not Axe().run(two).response["violations"]
    dialog.get_by_role("button", name="Delete the turn").click()
    for page in (one, two):
        expect(page.locator("[data-hero]")).to_be_visible()
        expect(page.locator("article[data-message]:not([data-message=''])")).to_have_count(0)

    shared_site.provider.enqueue(answer("hush"))
    two.goto(f"{shared_site.url}/?temporary=1")
    ask(online(two), "keep this to yourself")
    finished(two)
    expect(two.get_by_role("region", name="Temporary chat")).to_contain_text("Temporary chat")
    expect(two.locator("[data-row]")).to_have_count(1)
    two.reload()
    expect(prose(online(two))).to_have_text("hush")
    left = two.url.rpartition("/")[2].partition("#")[0]
    with two.expect_response(f"**/c/{left}/leave") as response:
        two.get_by_role("link", name="New chat").first.click()
    assert response.value.status == 204
    assert shared_site.rows("SELECT 1 FROM conversations_conversation WHERE id = ?", UUID(left)) == []
