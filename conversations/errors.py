"""What a person may be told when a command cannot be carried out.

    ChatError
    ├── Invalid        the input does not make sense (wrong type, empty, unknown command)
    ├── TooLong        the input is larger than this site takes
    ├── NotFound       it is absent or not yours; the two are never told apart
    ├── Busy           an answer is still being written here
    ├── RateLimited    too many commands in a short time
    ├── LimitReached   what the person may use is used up for now
    ├── NoModel        the chosen model cannot be used
    ├── Forbidden      you are logged in but may not do this
    ├── NoVision       pictures were sent to a model that cannot see
    ├── NoRoom         the person's storage is full
    ├── Unavailable    something of the site does not work at the moment
    └── Stopping       this process is shutting down and takes no new work

``code`` is for machines and part of the wire protocol, ``sentence`` is for people and says what to do. It is written in
English with the places of its ``values``; the doors say it in the person's language (``failure_words.told``).
"""

from __future__ import annotations

from typing import ClassVar


def marked(sentence: str) -> str:
    """Return a sentence as it is, and show it to whoever collects what is to be translated."""
    return sentence


class ChatError(Exception):
    """Refuse a command; ``retryable`` says whether the same command can succeed later unchanged."""

    code: ClassVar[str] = "invalid"
    status: ClassVar[int] = 400
    retryable: ClassVar[bool] = False

    def __init__(self, sentence: str, **values: object) -> None:
        super().__init__(sentence.format(**values) if values else sentence)
        self.sentence = sentence
        self.values = values


class Invalid(ChatError):
    """The input does not make sense."""


class TooLong(ChatError):
    """The input is larger than this site takes."""

    code = "too_long"
    status = 413


_GONE = marked("This does not exist any more, or it is not yours.")


class NotFound(ChatError):
    """It does not exist, or not for you."""

    code = "not_found"
    status = 404

    def __init__(self, sentence: str = "") -> None:
        super().__init__(sentence or _GONE)


class Busy(ChatError):
    """An answer is still being written in this place."""

    code = "busy"
    status = 409
    retryable = True


class RateLimited(ChatError):
    """Too many commands in a short time."""

    code = "rate_limited"
    status = 429
    retryable = True


class LimitReached(ChatError):
    """What the person may use in a day or a month is used up."""

    code = "limit_reached"
    status = 429


class NoModel(ChatError):
    """The chosen model cannot be used."""

    code = "no_model"


class Forbidden(ChatError):
    """Logged in, but not allowed."""

    code = "forbidden"
    status = 403


class SignInFirst(Forbidden):
    """It exists, for people who are signed in."""

    def __init__(self) -> None:
        super().__init__("Sign in to read this.")


class NoVision(ChatError):
    """Pictures were sent to a model that cannot see."""

    code = "no_vision"


class NoRoom(ChatError):
    """The person's storage is full."""

    code = "no_room"
    status = 413


class Unavailable(ChatError):
    """Something of the site does not work at the moment."""

    code = "unavailable"
    status = 503
    retryable = True


class Stopping(ChatError):
    """This process is shutting down."""

    code = "stopping"
    status = 503
    retryable = True
