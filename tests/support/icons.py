"""Make the icons of the installed page from ``static/icons/icon.svg``. ``python -m tests.support.icons`` writes them."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from tests.support.chromium import find

FOLDER = Path(__file__).resolve().parents[2] / "static" / "icons"
ROUND = {"icon-192.png": 192, "icon-512.png": 512}
FULL = {"maskable-512.png": 512, "touch-180.png": 180}
"""To the edges: the system cuts its own shape out. The lines stay within the middle four fifths, as it asks for."""


def main() -> None:
    svg = (FOLDER / "icon.svg").read_text(encoding="utf-8")
    square = svg.replace(' rx="9"', "")
    assert square != svg
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find(), args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        for drawing, sizes in ((svg, ROUND), (square, FULL)):
            for name, size in sizes.items():
                (FOLDER / name).write_bytes(drawn(page, drawing, size))
        browser.close()


def drawn(page: Page, svg: str, size: int) -> bytes:
    """Return a small PNG: 64 colours are more than the three and their edges need."""
    page.set_viewport_size({"width": size, "height": size})
    page.set_content(f"<style>body {{ margin: 0 }} svg {{ display: block; inline-size: {size}px }}</style>{svg}")
    picture = Image.open(io.BytesIO(page.screenshot(omit_background=True)))
    small = io.BytesIO()
    picture.quantize(64, method=Image.Quantize.FASTOCTREE).save(small, "PNG", optimize=True)
    return small.getvalue()


if __name__ == "__main__":
    main()
