"""What a person does in a chat, as the browser tests' vocabulary."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect


def online(page: Page) -> Page:
    """Wait until the page is there for good: connected, and with what comes at the first sign of hands on it."""
    expect(page.locator("html")).to_have_attribute("data-connection", "online")
    touch(page)
    return page


def touch(page: Page) -> None:
    """Give a sign of hands on the page, which brings what only they need."""
    page.dispatch_event("body", "pointermove")


def in_hands(page: Page) -> None:
    """Wait for what comes with that sign."""
    touch(page)
    page.wait_for_function("() => customElements.get('page-dialog')")


def field(page: Page) -> Locator:
    return page.get_by_label("Your message")


def ask(page: Page, text: str) -> None:
    field(page).fill(text)
    page.get_by_role("button", name="Send").click()


def last_answer(page: Page) -> Locator:
    return page.locator("article[data-role=assistant]").last


DRAFTS = "Object.keys(localStorage).filter((key) => key.startsWith('draft:')).length"
"""How many drafts the browser keeps."""


def prose(page: Page) -> Locator:
    return page.locator("[data-blocks]").last


def finished(page: Page, how: str = "complete") -> None:
    expect(last_answer(page)).to_have_attribute("data-status", how, timeout=15_000)


def frames(page: Page, count: int) -> None:
    """Let the page paint ``count`` times."""
    page.evaluate("async (count) => { for (; count > 0; count -= 1) await new Promise(requestAnimationFrame); }", count)


STAND_STILL = """async () => {
  for (let at = scrollY, still = 0, all = 0; still < 6 && all < 60; all += 1) {
    await new Promise(requestAnimationFrame);
    still = scrollY === at ? still + 1 : 0;
    at = scrollY;
  }
}"""


def still(page: Page) -> None:
    """Wait until the page has not scrolled for six frames; beside an answer that grows, for a second at most."""
    page.evaluate(STAND_STILL)


def until(page: Page, is_so: Callable[[], bool]) -> None:
    """Let the page paint until something has come that only the test can see; ten seconds at most."""
    for _ in range(600):
        if is_so():
            return
        frames(page, 1)
    raise AssertionError("it never came")


def press_stop(page: Page) -> None:
    """Press Stop until it listens: it is deaf for 300 ms, lest a double click on Send press it."""
    expect(page.get_by_role("button", name="Stop", exact=True)).to_be_visible()
    page.evaluate(
        """async () => {
          const button = document.querySelector("[data-do=stop]");
          while (!button.ariaDisabled || button.ariaDisabled === "false") {
            button.click();
            await new Promise(requestAnimationFrame);
          }
        }"""
    )


def pick_from_row(page: Page, row: Locator, act: str) -> None:
    """Open the menu of a chat in the list, and choose from it."""
    page.wait_for_function("() => customElements.get('chat-sidebar')")
    in_hands(page)
    row.locator("[data-do=row-menu]").click()
    page.locator(f"#row-menu [data-do={act}]").click()
