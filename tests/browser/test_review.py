"""The desk in a browser: what people plant in their chats does not run where others read them."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from conversations.models.ids import new_id
from tests.browser.steps import ask, finished, online
from tests.browser.test_order import chats
from tests.conftest import Opener
from tests.fakes.scripts import answer, error, status
from tests.support.site import Site, Visitor

PLANTED = '<img src=x onerror="document.title=\'stolen\'"><script>document.title="stolen"</script>'


def may_review(site: Site, visitor: Visitor) -> None:
    """Give somebody the permission and everybody as their scope."""
    site.rows(
        "INSERT INTO conversations_user_user_permissions (user_id, permission_id)"
        " SELECT ?, id FROM auth_permission WHERE codename IN ('review', 'view_auditentry')", visitor.id.hex
    )  # fmt: skip
    site.rows("INSERT INTO conversations_reviewscope (reviewer_id, group_id) VALUES (?, NULL)", visitor.id.hex)


def unharmed(page: Page) -> None:
    assert page.title() != "stolen"
    assert page.locator("img[onerror], .desk script").count() == 0


def test_scripts_planted_in_titles_names_messages_errors_and_reasons_stay_text(
    open_browser: Opener, live_site: Site
) -> None:
    alice, rita = live_site.visitor(), live_site.visitor("rita@example.org")
    live_site.rows("UPDATE conversations_user SET name = ? WHERE id = ?", PLANTED[:150], alice.id.hex)
    may_review(live_site, rita)
    live_site.provider.default = answer(f"Fine. {PLANTED}")
    hers = online(open_browser(live_site, alice))
    ask(hers, PLANTED)
    finished(hers)
    live_site.provider.default = [status(500, error("server_error", PLANTED))]
    ask(hers, f"{PLANTED} again")
    finished(hers, "failed")
    live_site.rows("UPDATE conversations_conversation SET title = ?", PLANTED)

    page = open_browser(live_site, rita, path=f"/review/?q=stolen&person=alice&model={new_id()}")
    expect(page.get_by_role("alert")).to_be_visible()  # there is no such model
    page.goto(f"{live_site.url}/review/?q=stolen")
    unharmed(page)
    page.keyboard.press("o")  # a single letter means nothing outside of the list
    page.keyboard.press("Alt+ArrowDown")
    expect(page.get_by_role("link", name=PLANTED)).to_be_focused()
    page.keyboard.press("o")
    unharmed(page)
    page.get_by_label("Reason").fill(f"a complaint {PLANTED}")
    page.get_by_role("button", name="Open the transcript").click()
    expect(page.locator("article")).to_have_count(4)
    page.keyboard.press("Alt+ArrowDown")
    page.keyboard.press("j")
    expect(page.locator(".desk__said").nth(1)).to_be_focused()
    unharmed(page)
    page.goto(f"{live_site.url}/audit/")
    expect(page.get_by_role("cell", name="review.opened")).to_be_visible()
    unharmed(page)
    page.get_by_role("button", name="Check the chain").click()
    expect(page.get_by_role("status")).to_contain_text("The chain holds")
    hers.reload()
    expect(hers.get_by_role("note").filter(has_text="Reviewed on")).to_contain_text(PLANTED)
    unharmed(hers)


def test_a_report_goes_all_the_way_to_the_person_who_made_it(open_browser: Opener, live_site: Site) -> None:
    alice, rita = live_site.visitor(), live_site.visitor("rita@example.org")
    may_review(live_site, rita)
    live_site.provider.default = answer("The moon is a cheese.")
    hers = online(open_browser(live_site, alice))
    ask(hers, "What is the moon?")
    finished(hers)
    up = hers.get_by_role("button", name="Good answer")
    up.click()
    expect(up).to_have_attribute("aria-pressed", "true")
    hers.get_by_role("link", name="Bad answer, or report it").click()
    hers.get_by_role("checkbox", name="It is wrong").check()
    hers.get_by_label("In your words").fill("It is rock.")
    hers.get_by_role("button", name="Report it").click()
    expect(hers.get_by_role("heading", name="Thank you")).to_be_visible()
    hers.keyboard.press("Escape")
    expect(hers.get_by_role("dialog")).to_have_count(0)

    desk = open_browser(live_site, rita, path="/review/queue")
    desk.locator("tbody a").click()
    expect(desk.get_by_text("It is rock.")).to_be_visible()
    desk.get_by_role("button", name="Take it").click()
    desk.get_by_label("A note for the other reviewers").fill(f"She is right. {PLANTED}")
    desk.get_by_role("button", name="Add the note").click()
    expect(desk.get_by_text("She is right.")).to_be_visible()
    desk.get_by_label("Labels, divided by commas").fill(PLANTED[:30])
    desk.get_by_role("button", name="Save").click()
    expect(desk.get_by_label("Labels, divided by commas")).to_have_value(PLANTED[:30])
    unharmed(desk)
    desk.goto(f"{live_site.url}/review/queue")
    expect(desk.get_by_role("cell", name=PLANTED[:30])).to_be_visible()
    unharmed(desk)
    desk.locator("tbody a").click()
    desk.get_by_role("link", name="Read the chat").click()
    desk.get_by_role("button", name="Open the transcript").click()
    expect(desk.locator("article").last).to_contain_text("The moon is a cheese.")
    expect(desk.locator("article button")).to_have_count(0)
    desk.goto(f"{live_site.url}/review/queue?state=mine")
    desk.locator("tbody a").click()
    desk.get_by_label("What the person is told").fill("You are right; the model was changed.")
    desk.get_by_role("button", name="Resolve").click()
    expect(desk.get_by_text("You are right; the model was changed.")).to_be_visible()
    desk.goto(f"{live_site.url}/audit/")
    desk.get_by_role("button", name="Check the chain").click()
    expect(desk.get_by_role("status")).to_contain_text("The chain holds: 3 entries.")

    hers.reload()
    notes = hers.get_by_role("note").filter(has_text="Your report was looked at")
    expect(notes).to_contain_text("You are right; the model was changed.")
    expect(notes).to_contain_text("You reported an answer in it")


def test_the_heads_of_a_long_table_stay_in_sight(open_browser: Opener, shared_site: Site, newcomer: Visitor) -> None:
    may_review(shared_site, newcomer)
    chats(shared_site, newcomer, *(f"Chat {number:02}" for number in range(40)))
    page = open_browser(shared_site, newcomer, path=f"/review/?person={newcomer.email}")
    table = page.get_by_role("region", name="Conversations")
    expect(table.get_by_role("row")).to_have_count(41)
    table.get_by_role("link", name="Chat 39").scroll_into_view_if_needed()
    assert table.evaluate("(region) => region.scrollTop") > 0
    head, edge = (one.bounding_box() for one in (table.get_by_role("columnheader").first, table))
    assert head
    assert edge
    assert abs(head["y"] - edge["y"]) < 3
