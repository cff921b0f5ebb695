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
