"""Failures in plain words: what happened, whether trying again can help, and the one button to press (ux.md E2).

Keyed by the codes of ``upstream.errors`` and our own three. The provider's words are never shown to the public: they
may name keys, addresses and classes.
"""

from __future__ import annotations

from django.utils.translation import gettext, gettext_noop

from conversations.errors import ChatError

MENDED_IN_SETTINGS = frozenset({"quota_exceeded", "invalid_key", "key_sealed", "forbidden", "model_not_found"})
"""Codes of what an administrator has to change at the provider's page (ux.md E2)."""

_WORDS: dict[str, tuple[str, str, str | None]] = {
    "rate_limited": (
        gettext_noop("The provider is limiting requests"),
        gettext_noop("Too many questions reached it in a short time. Wait a moment, then try again."),
        "retry",
    ),
    "quota_exceeded": (
        gettext_noop("The site's allowance at the provider is used up"),
        gettext_noop("Trying again will not help until it is topped up. Another model may still answer."),
        "models",
    ),
    "invalid_key": (
        gettext_noop("This model is not set up correctly"),
        gettext_noop("The provider does not accept this site's key. The administrator has to mend it."),
        "models",
    ),
    "key_sealed": (
        gettext_noop("This model is not set up correctly"),
        gettext_noop(
            "The site cannot open the key it keeps for the provider. The administrator has to enter it again."
        ),
        "models",
    ),
    "forbidden": (
        gettext_noop("This model is not set up correctly"),
        gettext_noop("The provider does not let this site use it. Choose another model."),
        "models",
    ),
    "model_not_found": (
        gettext_noop("This model is not available"),
        gettext_noop("The provider does not know it (any more). Choose another model."),
        "models",
    ),
    "bad_request": (
        gettext_noop("The provider did not understand the request"),
        gettext_noop("Trying the same again will hardly help. Change the question or choose another model."),
        "edit",
    ),
    "context_too_long": (
        gettext_noop("This conversation is longer than the model can read"),
        gettext_noop("Choose a model that reads more, shorten the question, or start a new chat."),
        "models",
    ),
    "content_filtered": (
        gettext_noop("The provider declined this request"),
        gettext_noop("Its filter stopped the answer. Asking in other words may help."),
        "edit",
    ),
    "provider_error": (
        gettext_noop("The provider had a problem"),
        gettext_noop("The fault is on its side. Trying again often helps."),
        "retry",
    ),
    "unreachable": (
        gettext_noop("The provider did not answer"),
        gettext_noop("No connection could be made. Try again in a moment."),
        "retry",
    ),
    "timeout_first": (
        gettext_noop("The provider did not answer in time"),
        gettext_noop("It took the question, but sent nothing. Try again."),
        "retry",
    ),
    "timeout_stall": (
        gettext_noop("The provider stopped sending"),
        gettext_noop("What came so far is kept. Let it go on from there."),
        "continue",
    ),
    "interrupted": (
        gettext_noop("The answer was cut off"),
        gettext_noop("The connection to the provider ended early. What came so far is kept."),
        "continue",
    ),
    "protocol": (
        gettext_noop("The provider sent something that is no answer"),
        gettext_noop("Perhaps its address is not set up correctly. Try again, or tell the administrator."),
        "retry",
    ),
    "too_large": (
        gettext_noop("The answer became too long"),
        gettext_noop("It was ended at this site's limit. What came so far is kept."),
        None,
    ),
    "restarted": (
        gettext_noop("The server was restarted"),
        gettext_noop("The text so far is safe. Let the answer go on from there."),
        "continue",
    ),
    "internal": (
        gettext_noop("Something went wrong on this site"),
        gettext_noop("The question is kept. Try again; if it happens again, tell the administrator."),
        "retry",
    ),
}


def told(refusal: ChatError) -> str:
    """Return the sentence of a refusal in the language of whoever asked."""
    sentence = gettext(refusal.sentence)
    return sentence.format(**refusal.values) if refusal.values else sentence


def words_for(code: str) -> tuple[str, str, str | None]:
    """Return title, sentence and the name of the primary button for an error code."""
    title, sentence, action = _WORDS.get(code, _WORDS["internal"])
    return gettext(title), gettext(sentence), action


_OTHER_REMEDY = gettext_noop("The provider answers, but with an error.")
_REMEDIES = {
    "invalid_key": gettext_noop("The provider refuses the key. Enter it again, whole and without blanks."),
    "forbidden": gettext_noop("The provider knows the key but does not let it do this."),
    "quota_exceeded": gettext_noop("The key is right, but its account is used up."),
    "rate_limited": gettext_noop("The provider answers, but takes no more requests at the moment."),
    "model_not_found": gettext_noop("The provider answers, but does not know the model that was asked."),
    "unreachable": gettext_noop("Nothing answers at this address as a provider does. Most addresses end in /v1."),
    "timeout_first": gettext_noop("The provider took the question, but did not answer in time."),
    "timeout_stall": gettext_noop("The provider began to answer, but stopped."),
    "interrupted": gettext_noop("The provider began to answer, but stopped."),
    "protocol": gettext_noop("What answers at this address is no such provider. Most addresses end in /v1."),
}


def remedy_for(code: str) -> str:
    """Return what is wrong with a provider for those who set it up; nobody else is told so much."""
    return gettext(_REMEDIES.get(code, _OTHER_REMEDY))
