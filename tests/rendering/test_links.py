"""A link whose words name another host than the one it leads to says so."""

from __future__ import annotations

import pytest

from conversations.rendering import links_of, render


@pytest.mark.parametrize(
    ("source", "host"),
    [
        ("[example.org](https://evil.test/x)", "evil.test"),
        ("[https://example.org/login](https://example.org.evil.test)", "example.org.evil.test"),
        ("[**example.org**](https://evil.test)", "evil.test"),
        ("[`example.org`](https://evil.test)", "evil.test"),
        ("[example.org](https://example.org@evil.test/)", "evil.test"),
        ("[example.org](https://www.example.org/page)", ""),
        ("[example.org](https://docs.example.org)", ""),
        ("[a page](https://evil.test)", ""),
        ("https://example.org", ""),
        ("[version 1.2](https://evil.test)", ""),
    ],
)
def test_a_link_that_names_another_host_is_told(source: str, host: str) -> None:
    html = "".join(render(source))
    assert (f'</a> <span class="elsewhere">({host})</span>' in html) == bool(host)
    assert ("elsewhere" in html) == bool(host)


def test_the_links_of_an_answer_are_found_once_each_in_order() -> None:
    blocks = render(
        "See [a](https://a.test/?x=1&y=2), <https://b.test> and [a again](https://a.test/?x=1&y=2).\n\n[m](mailto:a@b.c)"
    )
    assert links_of(blocks) == ["https://a.test/?x=1&y=2", "https://b.test"]
