"""A person and pictures: paste, drop, pick, wait, fail, retry, send, reload, edit, look."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.steps import field, finished, in_hands, online, prose
from tests.fakes.scripts import answer
from tests.pictures.samples import HTML, MARK, animation, photo
from tests.support.site import Site, Visitor

Opener = Callable[..., Page]

GIVE = """({ how, name, type, content, text }) => {
  const bytes = Uint8Array.from(atob(content), (sign) => sign.charCodeAt(0));
  const data = new DataTransfer();
  data.items.add(new File([bytes], name, { type }));
  if (text) data.setData("text/plain", text);
  const target = how === "paste" ? document.querySelector("[name=text]") : document.querySelector("#thread");
  const options = { bubbles: true, cancelable: true };
  const event = how === "paste"
    ? new ClipboardEvent("paste", { ...options, clipboardData: data })
    : new DragEvent("drop", { ...options, dataTransfer: data });
  return target.dispatchEvent(event);
}"""


@pytest.fixture(params=["desktop", "phone"])
def chat(open_browser: Opener, shared_site: Site, newcomer: Visitor, request: pytest.FixtureRequest) -> Page:
    page = open_browser(shared_site, newcomer, phone=request.param == "phone")
    in_hands(online(page))
    page.select_option("#model", "test-vision")
    return page


def give(
    page: Page, how: str, content: bytes, *, name: str = "cat.jpg", kind: str = "image/jpeg", text: str = ""
) -> bool:
    """Paste or drop a file; tells whether the browser would do its own thing as well."""
    encoded = base64.b64encode(content).decode()
    return bool(page.evaluate(GIVE, {"how": how, "name": name, "type": kind, "content": encoded, "text": text}))


def pick(page: Page, tmp_path: Path, *contents: bytes) -> None:
    paths = []
    for number, content in enumerate(contents):
        path = tmp_path / f"picture-{number}.jpg"
        path.write_bytes(content)
        paths.append(path)
    page.set_input_files("chat-composer input[type=file]", paths)


def cards(page: Page, state: str) -> Locator:
    return page.locator(f"chat-composer .tray__picture[data-state={state}]")


def sent_parts(site: Site) -> list[dict[str, object]]:
    parts = site.provider.requests[-1].messages[-1]["content"]
    assert isinstance(parts, list)
    return parts


def send(page: Page) -> None:
    page.get_by_role("button", name="Send", exact=True).click()


def test_a_picture_is_pasted_or_dropped_or_picked_and_the_model_sees_its_pixels(
    chat: Page, shared_site: Site, tmp_path: Path
) -> None:
    assert give(chat, "paste", photo(), name="pasted.jpg") is False
    assert give(chat, "drop", photo((300, 400), kind="PNG"), name="dropped.png", kind="image/png") is False
    pick(chat, tmp_path, photo((200, 100)))
    expect(cards(chat, "ready")).to_have_count(3)
    expect(chat.locator("[data-cost]")).to_contain_text("765 tokens")
    field(chat).fill("What is this?")
    shared_site.provider.enqueue(answer("Three pictures."))
    send(chat)
    finished(chat)
    expect(chat.locator(".pictures img")).to_have_count(3)
    expect(cards(chat, "ready")).to_have_count(0)
    text, *pictures = sent_parts(shared_site)
    assert text == {"type": "text", "text": "What is this?"}
    sizes = []
    for part in pictures:
        assert set(part) == {"type", "image_url"}
        assert part["type"] == "image_url"
        url = part["image_url"]["url"]  # type: ignore[index]
        head, _, body = url.partition(",")
        content = base64.b64decode(body, validate=True)
        assert MARK.encode() not in content
        with Image.open(io.BytesIO(content)) as seen:
            assert head == f"data:{seen.get_format_mimetype()};base64"
            sizes.append(seen.size)
    assert sizes == [(400, 300), (300, 400), (200, 100)]
    image = chat.locator(".pictures img").first
    image.scroll_into_view_if_needed()
    assert image.evaluate("image => image.decode().then(() => image.naturalWidth)") == 400


def test_words_on_the_clipboard_count_more_than_a_picture_beside_them(chat: Page) -> None:
    assert give(chat, "paste", photo(), text="a\tb") is True
    expect(chat.locator("chat-composer .tray__picture")).to_have_count(0)


def test_pictures_alone_can_be_sent(chat: Page, shared_site: Site) -> None:
    give(chat, "paste", photo())
    expect(cards(chat, "ready")).to_have_count(1)
    shared_site.provider.enqueue(answer("A picture."))
    send(chat)
    finished(chat)
    expect(chat.locator(".question")).to_be_hidden()
    assert [part["type"] for part in sent_parts(shared_site)] == ["image_url"]


def test_what_is_refused_says_why_and_leaves_the_text_alone(chat: Page) -> None:
    field(chat).fill("my words")
    give(chat, "paste", HTML, name="<b>x</b>.png", kind="image/png")
    expect(cards(chat, "failed")).to_contain_text("no picture")
    expect(cards(chat, "failed").locator("[data-name]")).to_have_text("<b>x</b>.png")
    send(chat)
    expect(chat.locator(".question")).to_have_count(0)
    expect(field(chat)).to_have_value("my words")
    cards(chat, "failed").get_by_role("button", name="Remove").click()
    expect(chat.locator("chat-composer .tray__picture")).to_have_count(0)
    expect(field(chat)).to_be_focused()


def test_a_failed_upload_is_tried_again(chat: Page) -> None:
    tries = []

    def fail_once(route: Route) -> None:
        tries.append(1)
        if len(tries) == 1:
            body = json.dumps({"code": "unavailable", "message": "Try it in a minute."})
            route.fulfill(status=200, content_type="application/json", body=body)
        else:
            route.continue_()

    chat.route("**/attachments", fail_once)
    give(chat, "paste", photo())
    expect(cards(chat, "failed")).to_contain_text("Try it in a minute.")
    cards(chat, "failed").get_by_role("button", name="Try again").click()
    expect(cards(chat, "ready")).to_have_count(1)


def test_sending_waits_for_the_upload_and_can_be_called_off(chat: Page, shared_site: Site) -> None:
    held: list[Route] = []
    chat.route("**/attachments", lambda route: held.append(route))
    give(chat, "paste", photo())
    expect(cards(chat, "uploading")).to_have_count(1)
    field(chat).fill("look")
    field(chat).press("Control+Enter")
    expect(chat.locator("chat-composer form")).to_have_attribute("data-state", "uploading")
    field(chat).press("Escape")
    expect(chat.locator("chat-composer form")).to_have_attribute("data-state", "ready")
    field(chat).press("Control+Enter")
    shared_site.provider.enqueue(answer("Seen."))
    held[0].continue_()
    finished(chat)
    assert [part["type"] for part in sent_parts(shared_site)] == ["text", "image_url"]


def test_a_drafts_pictures_survive_a_reload(chat: Page, shared_site: Site) -> None:
    give(chat, "paste", photo(), name="kept.jpg")
    field(chat).fill("not sent yet")
    expect(cards(chat, "ready")).to_have_count(1)
    chat.reload()
    expect(cards(chat, "ready").locator("[data-name]")).to_have_text("kept.jpg")
    expect(field(chat)).to_have_value("not sent yet")
    shared_site.provider.enqueue(answer("Seen."))
    send(online(chat))
    finished(chat)
    assert [part["type"] for part in sent_parts(shared_site)] == ["text", "image_url"]
    chat.reload()
    expect(chat.locator(".pictures img")).to_have_count(1)
    expect(chat.locator("chat-composer .tray__picture")).to_have_count(0)


def test_a_model_that_cannot_see_says_so_before_and_offers_one_that_can(chat: Page, shared_site: Site) -> None:
    chat.select_option("#model", "test-model")
    give(chat, "paste", photo())
    note = chat.locator("chat-composer [data-vision]")
    expect(note).to_contain_text("cannot see pictures")
    field(chat).fill("look")
    send(chat)
    expect(chat.locator(".question")).to_have_count(0)
    note.get_by_role("button").click()
    expect(chat.locator("#model")).to_have_value("test-vision")
    expect(note).to_be_hidden()
    shared_site.provider.enqueue(answer("Seen."))
    send(chat)
    finished(chat)
    assert shared_site.provider.requests[-1].json["model"] == "test-vision"


def test_an_edited_question_keeps_its_pictures_or_changes_them(chat: Page, shared_site: Site) -> None:
    give(chat, "paste", photo((200, 100)), name="one.jpg")
    give(chat, "paste", photo((100, 200)), name="two.jpg")
    expect(cards(chat, "ready")).to_have_count(2)
    field(chat).fill("look")
    shared_site.provider.enqueue(answer("First."))
    send(chat)
    finished(chat)
    chat.get_by_role("link", name="Edit question").click()
    editor = chat.locator("message-editor")
    expect(editor.locator(".tray__picture")).to_have_count(2)
    editor.get_by_role("button", name="Remove one.jpg").click()
    shared_site.provider.enqueue(answer("Second."))
    editor.get_by_role("button", name="Send as new version").click()
    expect(prose(chat)).to_have_text("Second.")
    expect(chat.locator(".pictures img")).to_have_count(1)
    assert len(sent_parts(shared_site)) == 2
    chat.get_by_role("link", name="Previous").first.click()
    expect(chat.locator(".pictures img")).to_have_count(2)


def test_the_pictures_of_a_conversation_go_along_with_the_next_question(chat: Page, shared_site: Site) -> None:
    give(chat, "paste", animation(), name="moving.gif", kind="image/gif")
    expect(cards(chat, "ready")).to_have_count(1)
    shared_site.provider.enqueue(answer("Seen."))
    field(chat).fill("look")
    send(chat)
    finished(chat)
    field(chat).fill("and what else?")
    shared_site.provider.enqueue(answer("Nothing."))
    send(chat)
    expect(prose(chat)).to_have_text("Nothing.")
    first = shared_site.provider.requests[-1].messages[0]["content"]
    assert [part["type"] for part in first] == ["text", "image_url"]


def test_a_picture_is_looked_at_large_with_the_keyboard_too(chat: Page, shared_site: Site) -> None:
    give(chat, "paste", photo((200, 100)), name="one.jpg")
    give(chat, "paste", photo((100, 200)), name="two.jpg")
    expect(cards(chat, "ready")).to_have_count(2)
    shared_site.provider.enqueue(answer("Seen."))
    send(chat)
    finished(chat)
    chat.locator("a[data-picture]").first.focus()
    chat.keyboard.press("Enter")
    viewer = chat.locator(".viewer")
    expect(viewer).to_be_visible()
    expect(viewer.locator("img")).to_have_attribute("alt", "one.jpg")
    chat.keyboard.press("ArrowRight")
    expect(viewer.locator("img")).to_have_attribute("alt", "two.jpg")
    expect(viewer.get_by_role("button", name="Next picture")).to_be_hidden()
    expect(viewer.get_by_role("link", name="Download")).to_have_attribute("download", "two.jpg")
    chat.keyboard.press("Escape")
    expect(viewer).to_be_hidden()
    expect(chat.locator("a[data-picture]").last).to_be_focused()


def test_a_public_address_goes_along_and_is_not_loaded_here(chat: Page, shared_site: Site) -> None:
    chat.locator("chat-composer [data-attach]").click()
    chat.get_by_role("button", name="Picture by its address…").click()
    box = chat.get_by_label("Public address of a picture")
    box.fill("https://pictures.example.org/cat.png")
    box.press("Enter")
    expect(cards(chat, "ready")).to_contain_text("cat.png")
    shared_site.provider.enqueue(answer("A cat."))
    field(chat).fill("look")
    send(chat)
    finished(chat)
    url = "https://pictures.example.org/cat.png"
    assert sent_parts(shared_site)[1] == {"type": "image_url", "image_url": {"url": url}}
    expect(chat.locator(".picture--address")).to_have_attribute("href", url)


def test_a_huge_photo_is_made_smaller_before_it_travels(chat: Page, tmp_path: Path) -> None:
    noise = io.BytesIO()
    Image.effect_noise((3_000, 2_500), 80).convert("RGB").save(noise, "JPEG", quality=95)
    sizes: list[int] = []

    def watch(route: Route) -> None:
        sizes.append(len(route.request.post_data_buffer or b""))
        route.continue_()

    chat.route("**/attachments", watch)
    pick(chat, tmp_path, noise.getvalue())
    expect(cards(chat, "ready")).to_have_count(1, timeout=20_000)
    assert 0 < sizes[0] * 2 < len(noise.getvalue())


def test_more_pictures_than_a_message_takes_are_left_out_and_said(chat: Page, tmp_path: Path) -> None:
    pick(chat, tmp_path, *[photo((40 + number, 30)) for number in range(12)])
    expect(cards(chat, "ready")).to_have_count(10)
    expect(chat.locator("chat-composer [data-note]")).to_contain_text("10 pictures at most")


def test_a_file_beyond_the_limit_is_not_even_sent(chat: Page) -> None:
    sent: list[str] = []
    chat.on("request", lambda request: sent.append(request.url) if request.url.endswith("/attachments") else None)
    chat.locator("chat-composer picture-tray").evaluate("tray => tray.dataset.largest = 1000")
    chat.evaluate(
        """() => {
          const tray = document.querySelector("chat-composer picture-tray");
          tray.replaceWith(tray.cloneNode(true));
        }"""
    )
    give(chat, "drop", photo((900, 700)), name="large.jpg")
    expect(cards(chat, "failed")).to_contain_text("large.jpg")
    expect(cards(chat, "failed")).to_contain_text("Larger than")
    assert sent == []


def test_a_file_dropped_beside_the_chat_does_not_replace_the_page(chat: Page) -> None:
    stays = chat.evaluate(
        """() => {
          const data = new DataTransfer();
          data.items.add(new File(["x"], "x.txt", { type: "text/plain" }));
          const event = new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true });
          return document.querySelector("chat-sidebar").dispatchEvent(event);
        }"""
    )
    assert stays is False
    expect(cards(chat, "failed")).to_have_count(1)
