"""What people are told when an answer fails: a title, a sentence, and one thing to do (docs/page.md, E2)."""

from __future__ import annotations

import re

import pytest

from conversations.failure_words import MENDED_IN_SETTINGS, words_for
from conversations.upstream.errors import CODES

OUR_OWN = ("restarted", "internal", "key_sealed")
DOES = {
    "rate_limited": "retry",
    "unreachable": "retry",
    "provider_error": "retry",
    "interrupted": "continue",
    "timeout_stall": "continue",
    "restarted": "continue",
    "context_too_long": "models",
    "invalid_key": "models",
    "model_not_found": "models",
    "content_filtered": "edit",
}


@pytest.mark.parametrize("code", sorted({*CODES, *OUR_OWN}))
def test_every_failure_is_told_in_words_of_its_own(code: str) -> None:
    title, sentence, _ = words_for(code)
    if code != "internal":
        assert words_for(code) != words_for("internal")
    for words in (title, sentence):
        assert re.fullmatch(r"[A-Z][^{}<>_]+", words)
    assert sentence.endswith(".")


@pytest.mark.parametrize(("code", "does"), DOES.items(), ids=DOES)
def test_the_button_is_what_helps(code: str, does: str) -> None:
    assert words_for(code)[2] == does


@pytest.mark.parametrize("code", sorted(MENDED_IN_SETTINGS))
def test_what_the_settings_can_mend_another_model_may_pass_by(code: str) -> None:
    assert code in {*CODES, *OUR_OWN}
    assert words_for(code)[2] == "models"
