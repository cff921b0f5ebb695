"""How messages are told."""

from __future__ import annotations

import pytest

from conversations.presentation import script_of


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("潮汐每天来两次。", "zh"),
        ("潮は一日に二回来ます。", "ja"),
        ("밀물은 하루에 두 번 온다.", "ko"),
        ("The tide (潮) comes twice a day.", ""),
        ("Прилив приходит дважды в день.", ""),
        ("", ""),
        ("12 345", ""),
    ],
    ids=["chinese", "japanese", "korean", "one-word", "russian", "empty", "numbers"],
)
def test_the_fonts_and_voices_of_a_message_are_those_of_its_script(text: str, language: str) -> None:
    assert script_of(text) == language
