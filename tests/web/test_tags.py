"""Tags that every template knows."""

from __future__ import annotations

import pytest
from django.template import Context, Template, TemplateSyntaxError
from django.utils.translation import override


def test_what_is_the_same_for_everybody_is_made_once_for_each_language() -> None:
    made = []

    class Noted(dict[str, str]):
        def __str__(self) -> str:
            made.append(1)
            return "noted"

    template = Template("{% load i18n %}{% same note %}{% translate 'Send' %} {{ note }}{% endsame %}")
    shown = {}
    for language in ("en", "zh-hans", "en", "zh-hans"):
        with override(language):
            shown.setdefault(language, set()).add(template.render(Context({"note": Noted()})))
    assert shown == {"en": {"Send noted"}, "zh-hans": {"发送 noted"}}
    assert len(made) == 2


def test_nothing_of_one_persons_page_gets_into_what_everybody_is_shown() -> None:
    template = Template("{% same %}{{ user }}{{ csrf_token }}{{ request }}{% endsame %}")
    assert template.render(Context({"user": "alice", "csrf_token": "secret", "request": "hers"})) == ""


def test_an_icon_is_drawn_by_its_name_and_must_have_one() -> None:
    assert '<use href="#i-thumb-down"/>' in Template('{% icon "thumb-down" %}').render(Context())
    with pytest.raises(TemplateSyntaxError):
        Template("{% icon %}")


def test_large_numbers_are_grouped() -> None:
    assert Template("{{ most|grouped }}").render(Context({"most": 50000})) == "50,000"


MOZILLA = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (f"{MOZILLA} Chrome/140.0.0.0 Safari/537.36", "Chrome on Linux"),
        (f"{MOZILLA} HeadlessChrome/140.0.0.0 Safari/537.36", "Chrome on Linux"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Windows"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/26.0 Safari/605.1.15", "Safari on macOS"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 26_0 like Mac OS X) CriOS/140.0 Safari/604.1", "Chrome on iPhone"),
        (
            "Mozilla/5.0 (Linux; Android 16) SamsungBrowser/28.0 Chrome/130.0 Mobile Safari/537.36",
            "Samsung Internet on Android",
        ),
        ("Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0", "Firefox on Linux"),
        ("curl/8.14.1", "curl/8.14.1"),
        ("", "Unknown browser"),
        ("<b>" + "x" * 200, "&lt;b&gt;" + "x" * 57),
    ],
    ids=["chrome", "headless", "edge", "safari", "iphone", "samsung", "firefox", "curl", "none", "nonsense"],
)
def test_a_browser_is_told_in_words(agent: str, words: str) -> None:
    assert Template("{{ agent|browser }}").render(Context({"agent": agent})) == words
