"""What a browser needs to put the site beside its other programs."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from PIL import Image

from conversations.web.context import PAPER

pytestmark = pytest.mark.django_db


def test_the_manifest_names_the_site_and_pictures_that_are_there(settings: Any) -> None:
    settings.SITE_NAME = 'The "Harbour" 港'
    answer = Client().get("/manifest.webmanifest")
    assert answer["Content-Type"] == "application/manifest+json"
    facts = json.loads(answer.content)
    assert facts["name"] == settings.SITE_NAME
    assert (facts["start_url"], facts["scope"], facts["display"]) == ("/", "/", "standalone")
    assert facts["theme_color"] == facts["background_color"] == PAPER["light"]
    assert {"any", "maskable"} == {icon["purpose"] for icon in facts["icons"]}
    for icon in facts["icons"]:
        path = finders.find(icon["src"].removeprefix(settings.STATIC_URL))
        assert path
        data = Path(path).read_bytes()
        assert len(data) < 6_000
        if icon["type"] == "image/png":
            picture = Image.open(io.BytesIO(data))
            assert icon["sizes"] == f"{picture.width}x{picture.height}"
            corner = picture.convert("RGBA").getpixel((0, 0))
            assert isinstance(corner, tuple)
            assert (corner[3] == 255) == (icon["purpose"] == "maskable")


@pytest.mark.parametrize(("theme", "colours"), [("", 2), ("light", 1), ("dark", 1)])
def test_each_page_names_the_manifest_and_the_colour_of_its_theme(theme: str, colours: int) -> None:
    client = Client()
    client.cookies["theme"] = theme
    page = client.get("/accounts/login/").content.decode()
    assert '<link rel="manifest" href="/manifest.webmanifest">' in page
    assert re.search(r'<link rel="apple-touch-icon" href="[^"]*icons/touch-180[^"]*\.png">', page)
    shown = re.findall(r'<meta name="theme-color" content="(#\w+)"', page)
    assert shown == [PAPER[theme]] if theme else shown == list(PAPER.values())
    assert len(shown) == colours
