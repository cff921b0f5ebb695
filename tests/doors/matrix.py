"""The table of the doors: who may use each address and each command, and how its ids are made.

An address of our own needs a row under its name, a command one under its type. Addresses of other projects' packages
are held to what their prefix promises. A row gives the values of a call from ``it``, what is asked for, and ``mine``,
what the visitor owns.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.doors.belongings import Things

ANYBODY = "anybody"
PEOPLE = "people"
"""Who is logged in; what they are shown is their own."""
OWNER = "owner"
BEARER = "bearer"
"""Whoever holds the token in the address, and nobody without it."""
INVITED = "invited"
"""Whoever holds the token and has no account yet; it opens nothing of the one who gave it."""
NOBODY = "nobody"
"""It does not exist once the site is in use."""
STAFF = "staff"
ACCOUNTANTS = "accountants"
"""Who has the right to see what everybody uses; to others there is no such page."""
REVIEWER = "reviewer"
"""Who has the permission and a scope; to everybody else the desk does not exist, administrators included."""
AUDITOR = "auditor"
"""Who may read the log, as administrators may."""
BY_RIGHT = (ACCOUNTANTS, AUDITOR)

Values = Callable[[Things, Things], dict[str, Any]]


def nothing(it: Things, mine: Things) -> dict[str, Any]:
    return {}


@dataclass(frozen=True)
class Ask:
    """One way to knock: a method, the ids in the path, and those in the query or the form."""

    method: str
    path: Values = nothing
    fields: Values = nothing


@dataclass(frozen=True)
class Door:
    who: str
    asks: tuple[Ask, ...]
    opens_deleted: bool = False
    """Its owner may use it on what she has deleted."""

    @property
    def methods(self) -> set[str]:
        given = {ask.method for ask in self.asks}
        return given | {"HEAD"} if "GET" in given else given


def conversation(it: Things, mine: Things) -> dict[str, Any]:
    return {"conversation": it.conversation}


def question(it: Things, mine: Things) -> dict[str, Any]:
    return {"message": it.question}


def answer(it: Things, mine: Things) -> dict[str, Any]:
    return {"message": it.answer}


def attachment(it: Things, mine: Things) -> dict[str, Any]:
    return {"attachment": it.attachment}


def folder(it: Things, mine: Things) -> dict[str, Any]:
    return {"folder": it.folder}


def prompt(it: Things, mine: Things) -> dict[str, Any]:
    return {"prompt": it.prompt}


def my_conversation(it: Things, mine: Things) -> dict[str, Any]:
    return {"conversation": mine.conversation}


def my_question(it: Things, mine: Things) -> dict[str, Any]:
    return {"message": mine.question}


def reviewed_picture(it: Things, mine: Things) -> dict[str, Any]:
    return {"opening": it.opening, "attachment": it.attachment}


def reviewed_case(it: Things, mine: Things) -> dict[str, Any]:
    return {"case": it.case}


def shared_picture(it: Things, mine: Things) -> dict[str, Any]:
    return {"token": it.share, "number": 1, "position": 0}


# The owner's own asks are understood and then refused for another reason, so that no answer begins: there is no such
# model or no text, the answer above is still being written, the conversation's model cannot see the picture.


OURS = {
    "chat:new": Door(PEOPLE, (Ask("GET"),)),
    "chat:show": Door(
        OWNER,
        (
            Ask("GET", conversation),
            Ask("GET", conversation, lambda it, mine: {"part": "thread"}),
            Ask("GET", my_conversation, lambda it, mine: {"at": it.answer}),
            Ask("GET", my_conversation, lambda it, mine: {"before": it.answer}),
        ),
    ),
    "chat:contents": Door(
        OWNER, (Ask("GET", conversation), Ask("GET", conversation, lambda it, mine: {"part": "dialog"}))
    ),
    "chat:rename": Door(OWNER, (Ask("POST", conversation, lambda it, mine: {"title": "renamed"}),)),
    "chat:delete": Door(OWNER, (Ask("POST", conversation),)),
    "chat:restore": Door(OWNER, (Ask("POST", conversation),), opens_deleted=True),
    "chat:select": Door(
        OWNER,
        (Ask("POST", conversation, answer), Ask("POST", my_conversation, answer)),
    ),
    "chat:share": Door(
        OWNER,
        (
            Ask("GET", conversation, lambda it, mine: {"part": "dialog"}),
            Ask("GET", my_conversation, lambda it, mine: {"message": it.answer}),
            Ask("POST", conversation),
        ),
    ),
    "chat:list": Door(
        PEOPLE,
        (
            Ask("GET"),
            Ask("GET", fields=lambda it, mine: {"part": "rows", "after": f"99990101T0_{it.conversation}"}),
            Ask("GET", fields=folder),
            Ask("GET", fields=lambda it, mine: {"tag": it.tag}),
            Ask("GET", fields=lambda it, mine: {"part": "sidebar"}),
        ),
    ),
    "chat:export": Door(
        OWNER, (Ask("GET", conversation), Ask("GET", conversation, lambda it, mine: {"part": "dialog"}))
    ),
    "chat:export_file": Door(
        OWNER,
        (
            Ask("GET", lambda it, mine: {"conversation": it.conversation, "form": "json"}),
            Ask("GET", lambda it, mine: {"conversation": it.conversation, "form": "md"}),
            Ask("GET", lambda it, mine: {"conversation": it.conversation, "form": "html"}),
            Ask("GET", lambda it, mine: {"conversation": it.conversation, "form": "zip"}),
        ),
    ),
    "chat:print": Door(OWNER, (Ask("GET", conversation),)),
    "chat:order": Door(
        OWNER,
        (
            Ask("GET", conversation, lambda it, mine: {"part": "dialog"}),
            Ask("POST", conversation, lambda it, mine: {"folder": "", "tags": ""}),
            Ask("POST", my_conversation, folder),
        ),
    ),
    "chat:leave": Door(OWNER, (Ask("POST", conversation),)),
    "chat:pin": Door(OWNER, (Ask("POST", conversation),)),
    "chat:unpin": Door(OWNER, (Ask("POST", conversation),)),
    "chat:archive": Door(OWNER, (Ask("POST", conversation),)),
    "chat:unarchive": Door(OWNER, (Ask("POST", conversation),)),
    "chat:seen": Door(OWNER, (Ask("POST", conversation),)),
    "chat:act": Door(
        OWNER,
        (
            Ask("POST", fields=lambda it, mine: {"act": "archive", "chat": it.conversation}),
            Ask("POST", fields=lambda it, mine: {"act": "move", "chat": mine.conversation, "folder": it.folder}),
            Ask("POST", fields=lambda it, mine: {"act": "delete", "chat": it.conversation}),
        ),
    ),
    "folder:create": Door(PEOPLE, (Ask("POST", fields=lambda it, mine: {"name": it.folder}),)),
    "folder:rename": Door(OWNER, (Ask("POST", folder, lambda it, mine: {"name": "renamed"}),)),
    "folder:shift": Door(OWNER, (Ask("POST", folder),)),
    "folder:delete": Door(OWNER, (Ask("POST", folder),)),
    "delete_tag": Door(OWNER, (Ask("POST", lambda it, mine: {"tag": it.tag}),)),
    "chat:tune": Door(
        OWNER,
        (
            Ask("GET", conversation, lambda it, mine: {"part": "dialog"}),
            Ask("POST", conversation, lambda it, mine: {"temperature": "1"}),
            Ask("POST", my_conversation, lambda it, mine: {"do": "use", "preset": it.preset}),
        ),
    ),
    "chat:draft": Door(OWNER, (Ask("POST", fields=lambda it, mine: {"text": "x", "conversation": it.conversation}),)),
    "chat:send": Door(
        OWNER,
        (
            Ask("POST", fields=lambda it, mine: {"text": "x", "conversation": it.conversation, "model": "none"}),
            Ask("POST", fields=lambda it, mine: {"text": "x", "conversation": mine.conversation, "parent": it.answer}),
        ),
    ),
    "chat:preferences": Door(ANYBODY, (Ask("POST", fields=lambda it, mine: {"next": f"/c/{it.conversation}"}),)),
    "message:edit": Door(
        OWNER,
        (
            Ask("GET", question),
            Ask("POST", question, lambda it, mine: {"text": ""}),
            Ask("POST", my_question, lambda it, mine: {"text": "x", "attachments": it.attachment}),
        ),
    ),
    "message:regenerate": Door(OWNER, (Ask("POST", answer),)),
    "message:continue": Door(OWNER, (Ask("POST", answer),)),
    "message:more": Door(OWNER, (Ask("GET", question), Ask("GET", answer, lambda it, mine: {"part": "dialog"}))),
    "message:fork": Door(OWNER, (Ask("POST", answer),)),
    "message:delete": Door(OWNER, (Ask("POST", answer),)),
    "message:rate": Door(OWNER, (Ask("POST", answer, lambda it, mine: {"value": "up"}),)),
    "message:tell": Door(OWNER, (Ask("GET", answer), Ask("POST", answer, lambda it, mine: {"value": "down"}))),
    "message:stop": Door(OWNER, (Ask("POST", answer),)),
    "attachment:upload": Door(PEOPLE, (Ask("POST"),)),
    "attachment:address": Door(PEOPLE, (Ask("POST"),)),
    "attachment:picture": Door(OWNER, (Ask("GET", attachment),)),
    "attachment:thumbnail": Door(OWNER, (Ask("GET", attachment),)),
    "attachment:signed": Door(BEARER, (Ask("GET", lambda it, mine: {"token": it.token}),)),
    "search:show": Door(
        PEOPLE,
        (
            Ask("GET", fields=lambda it, mine: {"q": it.conversation}),
            Ask("GET", fields=lambda it, mine: {"part": "options"}),
        ),
    ),
    "search:shortcuts": Door(PEOPLE, (Ask("GET"),)),
    "settings:show": Door(PEOPLE, (Ask("GET"), Ask("POST", fields=lambda it, mine: {"name": "x"}))),
    "settings:reading": Door(
        PEOPLE, (Ask("GET"), Ask("POST", fields=lambda it, mine: {"theme": it.conversation, "size": "l"}))
    ),
    "settings:chat": Door(
        PEOPLE, (Ask("GET"), Ask("POST", fields=lambda it, mine: {"default_model": it.conversation}))
    ),
    "settings:export": Door(PEOPLE, (Ask("GET"),)),
    "settings:archive": Door(PEOPLE, (Ask("GET"),)),
    "settings:data": Door(PEOPLE, (Ask("GET"),)),
    "settings:import": Door(PEOPLE, (Ask("GET"), Ask("POST", fields=lambda it, mine: {"file": it.conversation}))),
    "settings:take": Door(PEOPLE, (Ask("POST"),)),
    "settings:discard": Door(PEOPLE, (Ask("POST"),)),
    "settings:prompts": Door(PEOPLE, (Ask("GET"), Ask("GET", fields=lambda it, mine: {"part": "list"}), Ask("POST"))),
    "settings:prompt": Door(OWNER, (Ask("GET", prompt), Ask("POST", prompt, lambda it, mine: {"name": "renamed"}))),
    "settings:delete_prompt": Door(OWNER, (Ask("POST", prompt),)),
    "settings:delete_preset": Door(OWNER, (Ask("POST", lambda it, mine: {"preset": it.preset}),)),
    "settings:links": Door(PEOPLE, (Ask("GET"), Ask("GET", fields=lambda it, mine: {"after": it.link}))),
    "settings:revoke": Door(OWNER, (Ask("POST", lambda it, mine: {"link": it.link}),)),
    "share:show": Door(BEARER, (Ask("GET", lambda it, mine: {"token": it.share}),)),
    "share:picture": Door(BEARER, (Ask("GET", shared_picture),)),
    "share:thumbnail": Door(BEARER, (Ask("GET", shared_picture),)),
    "share:copy": Door(PEOPLE, (Ask("POST", lambda it, mine: {"token": it.share}),)),
    "settings:delete": Door(PEOPLE, (Ask("GET"), Ask("POST", fields=lambda it, mine: {"email": it.conversation}))),
    "usage:show": Door(
        ACCOUNTANTS,
        (
            Ask("GET"),
            Ask("GET", fields=lambda it, mine: {"person": it.conversation, "group": it.link, "period": "2026"}),
        ),
    ),
    "usage:bill": Door(ACCOUNTANTS, (Ask("GET", fields=lambda it, mine: {"month": "2026-05"}),)),
    "invitation": Door(
        INVITED,
        (Ask("GET", lambda it, mine: {"token": it.invitation}), Ask("POST", lambda it, mine: {"token": it.invitation})),
    ),
    "manifest": Door(ANYBODY, (Ask("GET"),)),
    "report": Door(ANYBODY, (Ask("POST", fields=lambda it, mine: {"path": f"/c/{it.conversation}"}),)),
    "welcome": Door(
        NOBODY,
        (
            Ask("GET", lambda it, mine: {"token": it.welcome}),
            Ask("POST", lambda it, mine: {"token": it.welcome}, lambda it, mine: {"email": "eve@example.org"}),
        ),
    ),
    "review:list": Door(
        REVIEWER, (Ask("GET"), Ask("GET", fields=lambda it, mine: {"q": it.conversation, "draw": "1"}))
    ),
    "review:export": Door(REVIEWER, (Ask("POST", fields=lambda it, mine: {"form": "csv", "reason": it.conversation}),)),
    "review:queue": Door(REVIEWER, (Ask("GET"),)),
    "review:case": Door(
        REVIEWER,
        (Ask("GET", reviewed_case), Ask("POST", reviewed_case, lambda it, mine: {"do": "note", "text": "x"})),
    ),
    "review:flag": Door(REVIEWER, (Ask("POST", conversation),)),
    "review:reason": Door(
        REVIEWER, (Ask("GET", conversation), Ask("POST", conversation, lambda it, mine: {"reason": "x"}))
    ),
    "review:transcript": Door(REVIEWER, (Ask("GET", lambda it, mine: {"opening": it.opening}),)),
    "review:picture": Door(REVIEWER, (Ask("GET", reviewed_picture),)),
    "audit:log": Door(AUDITOR, (Ask("GET", fields=lambda it, mine: {"target": it.conversation}), Ask("POST"))),
    "audit:export": Door(AUDITOR, (Ask("POST", fields=lambda it, mine: {"form": "csv"}),)),
    "healthz": Door(ANYBODY, (Ask("GET"),)),
    "readyz": Door(ANYBODY, (Ask("GET"),)),
}

THEIRS = {
    "admin/": STAFF,
    "accounts/": ANYBODY,
}
"""Who may see the pages of other projects' packages, by the beginning of their route."""

SILENT = "silent"
"""A command that is never answered, whatever it names."""

COMMANDS: dict[str, tuple[str, tuple[Values, ...]]] = {
    "watch": (OWNER, (conversation, lambda it, mine: {"conversation": it.conversation, "after": it.answer})),
    "seen": (OWNER, (conversation,)),
    "unwatch": (SILENT, (conversation,)),
    "send": (
        OWNER,
        (
            lambda it, mine: {"text": "x", "conversation": it.conversation, "parent": it.answer},
            lambda it, mine: {"text": "x", "conversation": mine.conversation, "parent": it.answer},
            lambda it, mine: {"text": "x", "attachments": [it.attachment], "model": "test-vision"},
        ),
    ),
    "edit": (
        OWNER,
        (
            lambda it, mine: {"text": "x", "message": it.question},
            lambda it, mine: {
                "text": "x", "message": mine.question, "attachments": [it.attachment], "model": "test-vision",
            },
        ),
    ),
    "regenerate": (OWNER, (answer, question)),
    "continue": (OWNER, (answer,)),
    "stop": (OWNER, (answer,)),
    "resync": (OWNER, (answer,)),
    "ack": (SILENT, (lambda it, mine: {"message": it.answer, "seq": 1},)),
}  # fmt: skip
"""The commands of the wire by their type; each gets a ``ref`` of its own where it takes one."""
