"""What docs/page.md promises of keys, focus, targets and widths, and no other test walks through."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.steps import ask, field, finished, frames, online, pick_from_row, prose
from tests.conftest import Opener
from tests.fakes.scripts import answer
from tests.support.site import Site, Visitor

CODE = (
    "def area(radius):\n    return 3.14159 * radius ** 2  # a comment that is long enough to need room on a telephone"
)
RICH = f"""## Heading

See [the source](https://example.org/source) and `code`.

```python
{CODE}
```

```sql
SELECT 1;
```

| Model | Context | Price per million tokens | Sees pictures | Released on |
|---|---:|---:|---|---|
| small-model-with-a-long-name | 128,000 | 0.15 | yes | 2026-01-01 |

""" + "\n\n".join(f"Paragraph {number} with enough words for a line or two of text." for number in range(12))


def chat_with(page: Page, site: Site, *texts: str) -> Page:
    for number, text in enumerate(texts):
        site.provider.enqueue(answer(text))
        ask(page, f"question {number}")
        finished(page)
    return page


@pytest.fixture
def chat(open_browser: Opener, shared_site: Site, newcomer: Visitor) -> Page:
    return chat_with(online(open_browser(shared_site, newcomer)), shared_site, RICH, RICH)


def test_whoever_walks_with_tab_meets_everything_in_order_and_nothing_is_covered(chat: Page) -> None:
    chat.goto(chat.url.partition("#")[0])
    chat.locator(".skip").focus()
    walked = []
    for _ in range(150):
        here = chat.evaluate(
            """() => {
              const it = document.activeElement, box = it.getBoundingClientRect();
              if (it === document.body) return null;
              const [x, y] = [box.left + Math.min(box.width / 2, 40), box.top + Math.min(box.height / 2, 12)];
              const top = document.elementFromPoint(x, y);
              const place = it.matches(".skip, [href='#text']") ? "skip" : it.closest("#sidebar") ? "sidebar"
                : it.closest(".bar") ? "bar" : it.closest("#thread") ? "thread" : it.closest(".dock") ? "dock" : "other";
              return { place, what: it.outerHTML.slice(0, 120), seen: !!top && (it.contains(top) || top.contains(it)) };
            }"""
        )
        if here is None or (walked and here["place"] == "skip"):
            break
        walked.append(here)
        chat.keyboard.press("Tab")
        frames(chat, 1)
    assert [one["what"] for one in walked if not one["seen"]] == []
    places = [one["place"] for one in walked]
    assert list(dict.fromkeys(places)) == ["skip", "sidebar", "bar", "thread", "dock"]
    assert places == sorted(places, key=["skip", "sidebar", "bar", "thread", "dock"].index)
    chat.locator(".skip").press("Enter")
    expect(field(chat)).to_be_focused()
    chat.evaluate("scrollBy(0, -400)")
    while chat.evaluate("!document.activeElement.closest('#thread')"):
        chat.keyboard.press("Shift+Tab")
    frames(chat, 2)
    below = "document.querySelector('.dock').getBoundingClientRect().top - document.activeElement.getBoundingClientRect().bottom"
    assert chat.evaluate(below) >= 0


def test_alt_and_arrows_walk_from_message_to_message(chat: Page) -> None:
    field(chat).focus()
    seen = []
    for _ in range(4):
        chat.keyboard.press("Alt+ArrowUp")
        frames(chat, 3)
        top = "document.activeElement.getBoundingClientRect().top - document.querySelector('.bar').offsetHeight"
        seen.append(chat.evaluate("document.activeElement.dataset.role"))
        assert chat.evaluate(top) >= 0
    assert seen == ["assistant", "user", "assistant", "user"]
    expect(chat.locator("#thread")).to_have_attribute("data-following", "false")
    chat.keyboard.press("Alt+ArrowDown")
    assert chat.evaluate("document.activeElement.dataset.role") == "assistant"


def test_what_is_selected_in_code_is_the_code_and_nothing_pops_up_over_it(chat: Page) -> None:
    chat.evaluate("() => getSelection().selectAllChildren(document.querySelector('#thread pre'))")
    assert chat.evaluate("getSelection().toString()").rstrip("\n") == CODE
    frames(chat, 5)
    expect(chat.locator(":popover-open, dialog[open]")).to_have_count(0)


def test_menus_are_walked_with_arrows_and_give_the_focus_back(chat: Page) -> None:
    opener = chat.locator("[data-do=row-menu]").first
    opener.focus()
    chat.keyboard.press("Enter")
    menu = chat.locator("#row-menu")
    expect(menu).to_be_visible()
    focused = "document.activeElement.textContent.trim()"
    chat.keyboard.press("Home")
    first = chat.evaluate(focused)
    chat.keyboard.press("ArrowDown")
    second = chat.evaluate(focused)
    chat.keyboard.press("End")
    last = chat.evaluate(focused)
    assert len({first, second, last}) == 3
    chat.keyboard.press("Home")
    chat.keyboard.press(last[0])
    assert chat.evaluate(focused)[0] == last[0]
    chat.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    expect(opener).to_be_focused()


def test_a_title_is_changed_in_its_row_and_never_by_an_input_methods_enter(chat: Page) -> None:
    row = chat.locator("[data-row]").first
    title = row.locator("[data-title]").inner_text()
    row.dblclick()
    box = chat.locator("[data-renaming]")
    expect(box).to_be_focused()
    assert chat.evaluate("getSelection().toString()") == title
    box.fill("a name half typed")
    box.evaluate(
        """(box) => box.dispatchEvent(
          new KeyboardEvent("keydown", { key: "Enter", keyCode: 229, bubbles: true, cancelable: true }))"""
    )
    expect(box).to_be_focused()
    chat.keyboard.press("Escape")
    expect(row.locator("[data-title]")).to_have_text(title)
    row.locator("a").first.focus()
    chat.keyboard.press("F2")
    chat.locator("[data-renaming]").fill("<b>bold</b> name")
    chat.keyboard.press("Enter")
    expect(row.locator("[data-title]")).to_have_text("<b>bold</b> name")


def test_a_field_that_grows_moves_no_reader_and_choosing_a_model_moves_no_caret(chat: Page) -> None:
    frames(chat, 30)
    last = chat.locator(".turn").last
    field(chat).press_sequentially("1 2")
    field(chat).fill("\n".join(str(number) for number in range(20)))
    frames(chat, 40)
    room = """() => document.querySelector('.dock').getBoundingClientRect().top
      - [...document.querySelectorAll('#thread [data-blocks]')].at(-1).getBoundingClientRect().bottom"""
    assert chat.evaluate(room) >= 0
    field(chat).fill("")
    chat.evaluate("() => scrollBy(0, -600)")
    frames(chat, 10)
    before = last.bounding_box()
    for number in range(20):
        chat.keyboard.type(str(number))
        chat.keyboard.press("Shift+Enter")
    frames(chat, 10)
    assert last.bounding_box() == before
    field(chat).evaluate("(field) => field.setSelectionRange(5, 9)")
    chat.get_by_role("combobox", name="Model").select_option("Other Model")
    assert field(chat).evaluate("(field) => [field.selectionStart, field.selectionEnd]") == [5, 9]


def test_a_narrow_screen_scrolls_nowhere_sideways_and_every_target_can_be_hit(
    open_browser: Opener, shared_site: Site, newcomer: Visitor
) -> None:
    page = online(open_browser(shared_site, newcomer, phone=True))
    chat_with(page, shared_site, RICH)
    long = "anthropic-claude-sonnet-4-5-20250929"
    page.locator("#model option:checked").evaluate("(option, name) => { option.textContent = name; }", long)
    for width, height in ((390, 844), (320, 640), (844, 390)):
        page.set_viewport_size({"width": width, "height": height})
        frames(page, 5)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        room = (
            "document.querySelector('.dock').getBoundingClientRect().top - document.querySelector('.bar').offsetHeight"
        )
        assert page.evaluate(room) >= 150
    page.set_viewport_size({"width": 390, "height": 844})
    small = """() => [...document.querySelectorAll("button, a[href], input, select, summary")]
      .filter((one) => one.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && !one.closest(".prose p"))
      .map((one) => [one, one.getBoundingClientRect()])
      .filter(([one, box]) => box.width && (box.width < 24 || box.height < 24) && !one.matches(".skip"))
      .map(([one]) => one.outerHTML.slice(0, 100))"""
    assert page.evaluate(small) == []
    send = page.get_by_role("button", name="Send").bounding_box()
    assert send
    assert min(send["width"], send["height"]) >= 44
    assert page.evaluate("parseFloat(getComputedStyle(document.querySelector('#text')).fontSize)") >= 16
    view = page.locator("meta[name=viewport]").get_attribute("content") or ""
    assert "viewport-fit=cover" in view
    assert "interactive-widget=resizes-content" in view
    assert "scal" not in view.replace("initial-scale", "")


def test_words_that_are_half_as_long_again_and_wider_spaced_are_not_cut_off(
    open_browser: Opener, shared_site: Site, newcomer: Visitor
) -> None:
    page = chat_with(online(open_browser(shared_site, newcomer, phone=True)), shared_site, "**short**")
    page.evaluate(
        """() => {
          const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
          while (walk.nextNode()) {
            const node = walk.currentNode, inside = node.parentElement;
            if (!inside.closest(".prose, script, style, textarea, template, option") && node.data.trim())
              node.data += "~".repeat(Math.ceil(node.data.trim().length * .4));
          }
          const sheet = new CSSStyleSheet();
          sheet.replaceSync("* { letter-spacing: .12em !important; word-spacing: .16em !important; }");
          document.adoptedStyleSheets = [sheet];
        }"""
    )
    frames(page, 5)
    cut = """() => [...document.querySelectorAll("button, .button, h1, h2, label, p")]
      .filter((one) => one.checkVisibility({ visibilityProperty: true }) && !one.closest("#sidebar, .quiet, .bar__title"))
      .filter((one) => one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).display !== "inline"
        && getComputedStyle(one).textOverflow !== "ellipsis")
      .map((one) => one.outerHTML.slice(0, 120))"""
    assert page.evaluate(cut) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    expect(prose(page)).to_have_text("short")


def test_a_toast_stays_long_enough_waits_for_its_reader_and_can_be_closed(
    open_browser: Opener, shared_site: Site, newcomer: Visitor
) -> None:
    page = online(open_browser(shared_site, newcomer))
    chat_with(page, shared_site, "one")
    page.clock.install()
    page.reload()
    online(page)
    pick_from_row(page, page.locator("[data-row]").first, "delete")
    toast = page.locator("toast-list .toast")
    expect(page.locator("[data-hero]")).to_be_visible()  # the chat has gone, and the toast has come along
    expect(toast).to_contain_text("Chat deleted")
    page.clock.pause_at(page.evaluate("Date.now() / 1000 + 0.1"))  # from now on only as told
    page.clock.run_for(8_000)
    expect(toast).to_be_visible()
    toast.hover()
    page.clock.run_for(20_000)
    expect(toast).to_be_visible()
    page.mouse.move(1, 1)
    page.clock.run_for(11_000)
    expect(toast).to_have_count(0)


def test_one_part_that_fails_leaves_the_others_alone_and_is_reported(
    open_browser: Opener, shared_site: Site, newcomer: Visitor
) -> None:
    page = online(open_browser(shared_site, newcomer))
    page.add_init_script(
        """const define = customElements.define.bind(customElements);
        customElements.define = (name, element) => {
          if (name === "chat-sidebar") throw new Error("broken on purpose");
          define(name, element);
        };"""
    )
    with page.expect_request("**/report") as report:
        page.reload()
    assert report.value.method == "POST"
    told = report.value.post_data or ""
    assert "message=Error" in told
    assert "broken" not in told  # where it broke, and no word that could be somebody's
    chat_with(online(page), shared_site, "all the same")
    expect(prose(page)).to_have_text("all the same")
    page.reload()
    page.locator("[data-row] .row__more").first.click()
    expect(page).to_have_url(re.compile("/order$"))
