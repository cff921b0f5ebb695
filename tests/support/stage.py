"""Where states of the page are reached: a page of somebody who has some weeks of chats, on a site of the demo provider."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from playwright.sync_api import FilePayload, Page, expect

from tests.browser.steps import in_hands, still
from tests.support import sample
from tests.support.site import Site, Visitor

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
        self.page.goto("about:blank")  # else it might be a step inside of the page that is there
        self.go(f"c/{self.id_of(title)}{f'/{then}' if then else '#end'}" if title else "")
        if not then:
            expect(self.page.locator("html")).to_have_attribute("data-connection", "online")
            in_hands(self.page)
            self.page.wait_for_function("() => customElements.get('chat-sidebar')")

    def settle(self) -> None:
        """Wait until nothing glides or fades any more; what pulses goes on."""
        still(self.page)
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


def furnish(site: Site) -> None:
    """Give a site of the demo provider as many models as have to be searched through."""
    for name in MODELS:
        site.add_model(name, like="demo", name="demo", description=f"as fast as {name.lower()}")


def move_in(page: Page, site: Site) -> None:
    """Bring the chats of the sample along, as whoever comes from another site does."""
    page.goto(f"{site.url}/settings/data")
    file: FilePayload = {"name": "archive.zip", "mimeType": "application/zip", "buffer": sample.archive()}
    page.set_input_files("#file", [file])
    page.click("#import .button--outline")
    page.click("#import .button--primary")
    page.wait_for_load_state()
