"""What a person can do, in a real browser against a running site, on a desktop and on a phone."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from tests.browser.steps import ask, finished, last_answer, online, press_stop, prose
from tests.conftest import Opener
from tests.fakes.scripts import Gate, answer, done, error, finish, hold, reasoning, sse, status
from tests.support.site import PASSWORD, Site, Visitor

MARKDOWN = """# Title

Some **bold** and `code`, a [link](https://example.org/x), ~~gone~~.

- [x] done
- [ ] open

| a | b |
|---|--:|
| 1 | 2 |

```python
def f():
    return 1
```

$$x^2$$
"""


def pieces(text: str) -> list[str]:
    return [text[at : at + 4] for at in range(0, len(text), 4)]


@pytest.fixture(params=[False, True], ids=["desktop", "phone"])
def chat(request: pytest.FixtureRequest, open_browser: Opener, shared_site: Site, newcomer: Visitor) -> Page:
    return online(open_browser(shared_site, newcomer, phone=request.param))


def test_an_answer_appears_formatted_and_survives_a_reload(chat: Page, shared_site: Site) -> None:
    shared_site.provider.enqueue(answer(*pieces(MARKDOWN)))
    ask(chat, "show me everything")
    finished(chat)
    prose = chat.locator("[data-blocks]").last
    for selector in ("h3", "strong", "s", "li.task input[checked]", ".table td.r", "figure.code .k", "math[display]"):
        expect(prose.locator(selector).first).to_be_attached()
    link = prose.get_by_role("link", name="link")
    expect(link).to_have_attribute("rel", "noopener noreferrer nofollow")
    expect(prose.get_by_role("button", name="Copy code")).to_be_visible()
    before = prose.locator(".code code").inner_html()
    expect(chat).to_have_url(re.compile(r"/c/[0-9a-f-]{36}$"))
    chat.reload()
    expect(chat.locator("[data-blocks]").last.locator(".code code")).to_have_js_property("innerHTML", before)


def test_the_question_is_shown_at_once_and_text_streams_in(chat: Page, shared_site: Site) -> None:
    shared_site.provider.gate = Gate()
    shared_site.provider.enqueue(sse("first words"), hold(), sse(" and last"), sse(finish()), done())
    ask(chat, "my question")
    expect(chat.locator(".question").last).to_have_text("my question")
    answering = chat.locator("article[data-role=assistant]").last
    expect(answering).to_contain_text("first words")
    expect(answering).to_have_attribute("aria-busy", "true")
    expect(chat.get_by_role("button", name="Stop", exact=True)).to_be_visible()
    shared_site.provider.release()
    finished(chat)
    expect(answering).to_contain_text("first words and last")
    expect(chat.get_by_label("Your message")).to_have_value("")


def test_stop_keeps_what_was_seen_and_continue_goes_on(chat: Page, shared_site: Site) -> None:
    shared_site.provider.gate = Gate()
    shared_site.provider.enqueue(sse("half of it"), hold(), done())
    ask(chat, "long one")
    expect(chat.locator("article[data-role=assistant]").last).to_contain_text("half of it")
    press_stop(chat)
    finished(chat, "stopped")
    expect(chat.locator("article[data-role=assistant]").last).to_contain_text("Stopped after")
    shared_site.provider.enqueue(answer(" and the rest"))
    chat.get_by_role("button", name="Continue").click()
    finished(chat)
    expect(chat.locator("[data-blocks]").last).to_have_text("half of it and the rest")


def test_another_version_can_be_asked_for_and_switched_to(chat: Page, shared_site: Site) -> None:
    shared_site.provider.enqueue(answer("version one"))
    ask(chat, "q")
    finished(chat)
    shared_site.provider.enqueue(answer("version two"))
    chat.get_by_role("button", name="Answer again").last.click()
    expect(chat.locator("[data-blocks]").last).to_have_text("version two")
    finished(chat)
    nav = chat.get_by_role("navigation", name="Versions of this answer")
    expect(nav).to_contain_text("2 / 2")
    nav.get_by_role("link", name="Previous version").click()
    expect(chat.locator("[data-blocks]").last).to_have_text("version one")
    expect(nav).to_contain_text("1 / 2")
    chat.goto(chat.url.split("?")[0])
    expect(chat.locator("[data-blocks]").last).to_have_text("version one")


def test_an_edited_question_is_a_branch_and_the_old_one_stays_reachable(chat: Page, shared_site: Site) -> None:
    shared_site.provider.enqueue(answer("to the typo"))
    ask(chat, "tpyo")
    finished(chat)
    chat.get_by_label("Edit question").first.click()
    editor = chat.locator("message-editor textarea")
    expect(editor).to_have_value("tpyo")
    editor.fill("typo")
    shared_site.provider.enqueue(answer("to the right word"))
    chat.get_by_role("button", name="Send as new version").click()
    expect(chat.locator("[data-blocks]").last).to_have_text("to the right word")
    finished(chat)
    nav = chat.get_by_role("navigation", name="Versions of this question")
    expect(nav).to_contain_text("2 / 2")
    nav.get_by_role("link", name="Previous version").click()
    expect(chat.locator("[data-blocks]").last).to_have_text("to the typo")
    expect(chat.locator(".question")).to_have_text("tpyo")


def test_a_failure_is_a_card_with_its_trace_id_and_retry_replaces_it(chat: Page, shared_site: Site) -> None:
    body = {"success": False, "error": {"code": "api_error", "message": "fetch failed"}, "trace_id": "trace-7"}
    shared_site.provider.enqueue(*[status(500, body)])
    shared_site.provider.enqueue(status(500, body))
    shared_site.provider.enqueue(status(500, body))
    ask(chat, "will fail")
    finished(chat, "failed")
    card = chat.locator(".failure")
    expect(card).to_contain_text("The provider had a problem")
    expect(card).to_contain_text("provider_error")
    expect(card).to_contain_text("trace-7")
    expect(card).not_to_contain_text("fetch failed")
    expect(chat.locator(".question").last).to_have_text("will fail")
    shared_site.provider.enqueue(answer("better now"))
    chat.get_by_role("button", name="Retry").click()
    finished(chat)
    expect(chat.locator(".failure")).to_have_count(0)
    expect(chat.locator("[data-blocks]").last).to_have_text("better now")


def test_who_can_mend_a_failure_in_the_settings_is_led_there(open_browser: Opener, shared_site: Site) -> None:
    boss = shared_site.visitor(f"boss-{uuid4().hex}@example.org", staff=True)
    person = shared_site.visitor(f"person-{uuid4().hex}@example.org")
    for visitor, links in ((boss, 1), (person, 0)):
        page = online(open_browser(shared_site, visitor))
        shared_site.provider.enqueue([status(401, error("invalid_api_key"))])
        ask(page, "will fail")
        finished(page, "failed")
        for _ in ("at once", "after a reload"):
            expect(page.locator(".failure").get_by_role("link", name="Choose another model")).to_be_visible()
            expect(page.locator(".failure").get_by_role("link", name="Open settings")).to_have_count(links)
            page.reload()


def test_a_cut_answer_keeps_its_text_and_offers_to_continue(chat: Page, shared_site: Site) -> None:
    shared_site.provider.enqueue([sse("what came")])
    ask(chat, "cut me")
    finished(chat, "interrupted")
    expect(chat.locator("[data-blocks]").last).to_have_text("what came")
    expect(chat.locator(".failure")).to_contain_text("The answer was cut off")
    chat.reload()
    expect(chat.locator("[data-blocks]").last).to_have_text("what came")
    expect(chat.locator(".failure")).to_contain_text("The answer was cut off")


def test_thinking_is_folded_and_kept(chat: Page, shared_site: Site) -> None:
    shared_site.provider.enqueue(sse(reasoning("step one, step two"), "the answer", finish()), done())
    ask(chat, "think")
    finished(chat)
    summary = chat.locator("details.thinking summary").last
    expect(summary).to_be_visible()
    expect(chat.locator("[data-reasoning]").last).to_be_hidden()
    summary.click()
    expect(chat.locator("[data-reasoning]").last).to_have_text("step one, step two")


def test_the_time_of_thinking_goes_on_over_a_reload(chat: Page, shared_site: Site) -> None:
    shared_site.provider.gate = Gate()
    shared_site.provider.enqueue(sse(reasoning("let me see")), hold(), sse("so", finish()), done())
    ask(chat, "think")
    words = chat.locator("[data-thinking-words]").last
    expect(words).to_have_text(re.compile(r"[2-9] s"))
    chat.add_init_script(
        """addEventListener("DOMContentLoaded", () => {
          window.told = [];
          const look = () => told.push([...document.querySelectorAll("[data-thinking-words]")].at(-1)?.textContent);
          new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true });
        });"""
    )
    chat.reload()
    expect(words).to_have_text(re.compile(r"[2-9] s"))
    assert not [one for one in chat.evaluate("told") if one and re.search(r"\b[01] s", one)]
    shared_site.provider.release()
    finished(chat)
    expect(words).to_have_text(re.compile(r"Thought for [2-9] s"))


def test_reload_in_the_middle_shows_the_text_so_far_and_then_the_rest_once(chat: Page, shared_site: Site) -> None:
    shared_site.provider.gate = Gate()
    shared_site.provider.enqueue(sse("alpha beta "), hold(), sse("gamma"), sse(finish()), done())
    ask(chat, "reload me")
    expect(chat.locator("[data-blocks]").last).to_contain_text("alpha beta")
    chat.reload()
    expect(chat.locator("[data-blocks]").last).to_have_text(re.compile("alpha beta"))
    online(chat)
    shared_site.provider.release()
    finished(chat)
    expect(chat.locator("[data-blocks]").last).to_have_text("alpha beta gamma")


def test_closing_the_tab_changes_nothing(open_browser: Opener, shared_site: Site, newcomer: Visitor) -> None:
    shared_site.provider.gate = Gate()
    shared_site.provider.enqueue(sse("begun "), hold(), sse("finished"), sse(finish()), done())
    page = online(open_browser(shared_site, newcomer))
    ask(page, "leave me")
    expect(page.locator("[data-blocks]").last).to_contain_text("begun")
    url = page.url
    page.close()
    shared_site.provider.release()
    again = open_browser(shared_site, newcomer, path=url.removeprefix(shared_site.url))
    finished(again)
    expect(again.locator("[data-blocks]").last).to_have_text("begun finished")


def test_two_tabs_show_the_same_conversation_live(open_browser: Opener, shared_site: Site, newcomer: Visitor) -> None:
    one = online(open_browser(shared_site, newcomer))
    shared_site.provider.enqueue(answer("first"))
    ask(one, "q1")
    finished(one)
    two = online(open_browser(shared_site, newcomer, path=one.url.removeprefix(shared_site.url)))
    shared_site.provider.enqueue(answer("second"))
    ask(one, "q2")
    expect(two.locator(".question").last).to_have_text("q2")
    expect(two.locator("[data-blocks]").last).to_have_text("second")
    finished(two)


def test_a_stale_tab_branches_and_says_so(open_browser: Opener, shared_site: Site, newcomer: Visitor) -> None:
    one = online(open_browser(shared_site, newcomer))
    shared_site.provider.enqueue(answer("first"))
    ask(one, "q1")
    finished(one)
    stale = open_browser(shared_site, newcomer, path=one.url.removeprefix(shared_site.url))
    online(stale)
    stale.evaluate("customElements.whenDefined('toast-list')")
    stale.context.set_offline(True)
    shared_site.provider.enqueue(answer("newer"))
    ask(one, "q2")
    finished(one)
    ask(stale, "from the stale tab")
    shared_site.provider.enqueue(answer("to the stale tab"))
    stale.context.set_offline(False)
    expect(stale.locator("[data-blocks]").last).to_have_text("to the stale tab", timeout=20_000)
    expect(stale.get_by_role("navigation", name="Versions of this question")).to_contain_text("2 / 2")
    expect(stale.locator("toast-list")).to_contain_text("Both versions are kept")


def test_a_restarted_server_is_found_again_and_the_page_catches_up(live_site: Site, open_browser: Opener) -> None:
    alice = live_site.visitor()
    page = online(open_browser(live_site, alice))
    live_site.provider.gate = Gate()
    live_site.provider.enqueue(sse("safe text"), hold(), done())
    ask(page, "survive")
    expect(page.locator("[data-blocks]").last).to_contain_text("safe text")
    page.evaluate("() => new Promise((done) => setTimeout(done, 1300))")  # the checkpoint comes once a second
    live_site.kill()
    expect(page.locator("connection-bar")).to_be_visible(timeout=10_000)
    page.get_by_label("Your message").fill("typed while away")
    live_site.start()
    expect(page.locator("html")).to_have_attribute("data-connection", "online", timeout=30_000)
    expect(page.locator("article[data-role=assistant]").last).to_have_attribute(
        "data-status", "interrupted", timeout=20_000
    )
    expect(page.locator("[data-blocks]").last).to_have_text("safe text")
    expect(page.get_by_label("Your message")).to_have_value("typed while away")
    live_site.provider.enqueue(answer(" goes on"))
    page.get_by_role("button", name="Continue").first.click()
    finished(page)
    expect(page.locator("[data-blocks]").last).to_have_text("safe text goes on")


def test_a_draft_survives_a_reload_and_a_model_can_be_picked(chat: Page, shared_site: Site) -> None:
    chat.get_by_label("Your message").fill("half a thought")
    chat.get_by_label("Model").select_option("other-model")
    chat.evaluate("() => new Promise((done) => setTimeout(done, 300))")
    chat.reload()
    expect(chat.get_by_label("Your message")).to_have_value("half a thought")
    online(chat)
    shared_site.provider.enqueue(answer("x"))
    chat.get_by_role("button", name="Send").click()
    finished(chat)
    assert shared_site.provider.requests[-1].model == "other-model"


def test_a_model_that_was_chosen_is_remembered(chat: Page, shared_site: Site) -> None:
    model = chat.get_by_label("Model")
    model.select_option("other-model")
    chat.reload()  # without a word typed; leaving saves it
    online(chat)
    expect(model).to_have_value("other-model")
    shared_site.provider.enqueue(answer("x"))
    ask(chat, "first")
    finished(chat)
    chat.goto(shared_site.url)
    online(chat)
    expect(model).to_have_value("other-model")  # a new chat begins with the one used last


def test_the_keyboard_sends_breaks_lines_and_leaves_input_methods_alone(
    open_browser: Opener, shared_site: Site, newcomer: Visitor
) -> None:
    page = online(open_browser(shared_site, newcomer))
    field = page.get_by_label("Your message")
    field.press_sequentially("one")
    field.press("Shift+Enter")
    field.press_sequentially("two")
    expect(field).to_have_value("one\ntwo")
    session = page.context.new_cdp_session(page)
    session.send("Input.imeSetComposition", {"text": "nihao", "selectionStart": 5, "selectionEnd": 5})
    page.keyboard.press("Enter")
    session.send("Input.insertText", {"text": "你好"})
    session.send(
        "Input.dispatchKeyEvent",
        {"type": "rawKeyDown", "key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 229},
    )
    expect(page.locator("article")).to_have_count(0)
    shared_site.provider.enqueue(answer("sent"))
    page.keyboard.press("Enter")
    finished(page)
    expect(page.locator(".question")).to_contain_text("two")


def test_everything_works_without_javascript(open_browser: Opener, shared_site: Site, newcomer: Visitor) -> None:
    page = open_browser(shared_site, newcomer, java_script_enabled=False)
    shared_site.provider.enqueue(answer("plain **answer**"))
    page.get_by_label("Your message").fill("no script")
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".question")).to_have_text("no script")
    finished(page)
    expect(page.locator("[data-blocks] strong")).to_have_text("answer")
    shared_site.provider.enqueue(answer("again"))
    page.get_by_role("button", name="Answer again").click()
    finished(page)
    page.get_by_role("link", name="Previous version").click()
    expect(page.locator("[data-blocks]")).to_have_text("plain answer")


def test_an_answer_that_is_on_its_way_arrives_without_javascript(
    open_browser: Opener, shared_site: Site, newcomer: Visitor
) -> None:
    page = open_browser(shared_site, newcomer, java_script_enabled=False)
    shared_site.provider.gate = Gate()
    shared_site.provider.enqueue(hold(), sse("here it is"), done())
    page.get_by_label("Your message").fill("wait for me")
    page.get_by_role("button", name="Send").click()
    expect(last_answer(page)).to_have_attribute("data-status", "waiting")
    with page.expect_navigation():
        pass
    shared_site.provider.gate.open()
    finished(page)
    expect(prose(page)).to_have_text("here it is")


def test_the_first_administrator_then_others_sign_up_and_in(live_site: Site, open_browser: Opener) -> None:
    (link,) = live_site.wait_for_log(r"http://\S+(/welcome/\S+)")
    closed = open_browser(live_site, path="/accounts/signup/")
    expect(closed.get_by_role("heading", name="Sign-up is closed")).to_be_visible()
    page = open_browser(live_site, path=link)
    page.get_by_label("Email").fill("root@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Make the administrator").click()
    expect(page.get_by_label("Your message")).to_be_visible()
    assert live_site.rows("SELECT is_superuser FROM conversations_user") == [(1,)]
    used = open_browser(live_site, path="/accounts/login/")
    assert used.request.get(live_site.url + link).status == 404
    used.goto(live_site.url + "/accounts/signup/")
    used.get_by_label("Email").fill("new@example.org")
    used.get_by_label("Password").fill(PASSWORD)
    used.get_by_role("button", name="Make the account").click()
    expect(used.get_by_label("Your message")).to_be_visible()
    other = open_browser(live_site, path="/")
    other.get_by_label("Email").fill("new@example.org")
    other.get_by_label("Password").fill(PASSWORD)
    other.get_by_role("button", name="Sign in", exact=True).click()
    expect(other.get_by_label("Your message")).to_be_visible()
