"""The demo provider really looks at what it is sent."""

from __future__ import annotations

import base64

import pytest
from PIL import Image

from conversations.demo.pictures import describe
from tests.pictures.samples import photo, saved


def seen(content: bytes) -> str:
    return describe("data:image/png;base64," + base64.b64encode(content).decode())


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_format_size_and_main_colours_are_told(kind: str) -> None:
    words = seen(photo((320, 200), kind=kind))
    assert "320 × 200" in words
    assert kind.lower() in words.lower()
    assert "red" in words
    assert "blue" in words


@pytest.mark.parametrize(
    ("colour", "word"),
    [((0, 0, 0), "black"), ((255, 255, 255), "white"), ((128, 128, 128), "grey"), ((20, 160, 60), "green"),
     ((250, 220, 30), "yellow"), ((240, 140, 20), "orange"), ((150, 40, 220), "violet")],
)  # fmt: skip
def test_colours_have_their_plain_names(colour: tuple[int, int, int], word: str) -> None:
    assert f"mostly {word}" in seen(saved(Image.new("RGB", (30, 30), colour), "PNG"))


def test_what_cannot_be_decoded_is_told_as_such() -> None:
    assert "do not recognise" in seen(b"nothing at all")
    assert "cannot be decoded" in describe("data:image/png;base64,***")
    assert "colour" not in seen(photo()[:300])
