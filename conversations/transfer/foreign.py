"""Chats as other sites export them.

ChatGPT: ``conversations.json``, a list of ``{"title", "create_time", "update_time", "mapping", "current_node"}``, where
``mapping`` is ``{id: {"message", "parent", "children"}}`` and a message has ``author.role``, ``content.content_type``
and ``metadata`` (Settings → Data controls → Export data). Open WebUI: a list of ``{"id", "title", "chat": {"history":
{"messages": {id: {"parentId", "childrenIds", "role", "content", "timestamp", "model", "files"}}, "currentId"}}}``
(Settings → Chats → Export). Both are trees whose nodes may be shown or not; the ones that are not (the system's words,
calls of tools and what they brought) are left out, and what hangs on them hangs on the message above.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from conversations.transfer import given
from conversations.transfer.formats import Chat, Picture, Run, Said

CHATGPT, OPEN_WEBUI = "ChatGPT", "Open WebUI"

_CITATION = re.compile("\ue200[^\ue200\ue201]*\ue201")
"""ChatGPT's marks of what was searched, in characters for private use that only its own page can show."""
_THINKING = re.compile(
    r'\A\s*<details type="reasoning"[^>]*>\s*(?:<summary>.*?</summary>)?(.*?)</details>\s*', re.DOTALL
)


@dataclass(slots=True)
class _Node:
    """One node of a foreign tree; ``said`` is None for what is not shown."""

    key: str
    parent: str | None
    children: Sequence[str] = ()
    said: Said | None = None
    reasoning: str = ""  # of the answer that comes below


@dataclass(slots=True)
class _Growing:
    """The tree as it is taken over: for each node the message that shows it or stands above it."""

    said: dict[str, Said] = field(default_factory=dict)
    shown_by: dict[str, str | None] = field(default_factory=dict)
    ends: dict[str, str] = field(default_factory=dict)  # answer → its last node, while nothing else hangs on that


def kind_of(element: object) -> str:
    """Tell whose chat an element is, or an empty text."""
    if isinstance(element, dict) and isinstance(element.get("mapping"), dict):
        return CHATGPT
    if isinstance(element, dict) and isinstance(element.get("chat"), dict):
        return OPEN_WEBUI
    return ""


def chat_of(kind: str, element: object, place: str) -> Chat:
    """Return the chat. Raises ``Invalid`` with the place of what is wrong in it."""
    facts = given.members(element, place)
    return _of_chatgpt(facts, place) if kind == CHATGPT else _of_open_webui(facts, place)


# ChatGPT


def _of_chatgpt(facts: Mapping[str, Any], place: str) -> Chat:
    mapping = given.members(facts.get("mapping"), f"{place}.mapping")
    nodes = {}
    for name, value in mapping.items():
        at = f"{place}.mapping.{name[:60]}"
        node = given.members(value, at)
        nodes[given.key(name, at)] = _chatgpt_node(given.key(name, at), node, at)
    first = next(iter(nodes), "")
    key = facts.get("conversation_id") or facts.get("id") or f"{facts.get('create_time')} {first}"
    return _grown(
        nodes,
        facts.get("current_node"),
        key=given.key(key, f"{place}.id"),
        title=given.line(facts.get("title"), 200),
        created_at=given.time(facts.get("create_time")),
        touched_at=given.time(facts.get("update_time")),
        is_archived=facts.get("is_archived") is True,
    )


def _chatgpt_node(key: str, node: Mapping[str, Any], place: str) -> _Node:
    parent = node.get("parent")
    children = node.get("children")
    found = _Node(key, parent if isinstance(parent, str) else None, _keys(children))
    message = node.get("message")
    if not isinstance(message, dict):
        return found
    author, content, about = (_part(message, name) for name in ("author", "content", "metadata"))
    role, kind = author.get("role"), content.get("content_type")
    if role == "assistant" and kind == "thoughts":
        found.reasoning = "\n\n".join(_thoughts(content.get("thoughts")))
        return found
    is_hidden = about.get("is_visually_hidden_from_conversation") is True
    to_tool = message.get("recipient") not in (None, "all")
    if (
        role not in ("user", "assistant")
        or is_hidden
        or to_tool
        or kind in ("user_editable_context", "reasoning_recap")
    ):
        return found
    text, pictures = _chatgpt_content(content, f"{place}.content")
    if text.strip() or pictures:
        at = given.time(message.get("create_time"))
        run = Run(model=given.line(about.get("model_slug"), 100), started_at=at) if role == "assistant" else None
        found.said = Said(key, None, role, text, created_at=at, pictures=pictures, run=run)
    return found


def _chatgpt_content(content: Mapping[str, Any], place: str) -> tuple[str, tuple[Picture, ...]]:
    if content.get("content_type") in ("code", "execution_output") and isinstance(content.get("text"), str):
        language = given.line(content.get("language"), 20)
        fence = "```" + (language if language.isalnum() and language != "unknown" else "")
        return f"{fence}\n{given.text(content['text'], place)}\n```", ()
    parts = content.get("parts")
    if not isinstance(parts, list):
        return given.text(content.get("text"), place), ()
    texts, pictures = [], []
    for number, part in enumerate(parts):
        if isinstance(part, str):
            texts.append(given.text(part, f"{place}.parts[{number}]"))
        elif isinstance(part, dict) and part.get("content_type") == "image_asset_pointer":
            file = given.line(part.get("asset_pointer"), 200).rpartition("/")[2]
            pictures.append(Picture(file, file))
        elif isinstance(part, dict) and isinstance(part.get("text"), str):
            texts.append(given.text(part["text"], f"{place}.parts[{number}]"))
    return _CITATION.sub("", "\n\n".join(text for text in texts if text)), tuple(pictures)


def _thoughts(thoughts: object) -> Iterator[str]:
    for thought in thoughts if isinstance(thoughts, list) else ():
        if isinstance(thought, dict):
            yield "\n".join(
                given.clean(thought[name]) for name in ("summary", "content") if isinstance(thought.get(name), str)
            )


# Open WebUI


def _of_open_webui(facts: Mapping[str, Any], place: str) -> Chat:
    chat = given.members(facts.get("chat"), f"{place}.chat")
    history = _part(chat, "history")
    messages = history.get("messages")
    if not isinstance(messages, dict):
        messages, current = _chained(given.items(chat.get("messages"), f"{place}.chat.messages"))
    else:
        current = history.get("currentId")
    nodes = {}
    for name, value in messages.items():
        at = f"{place}.chat.history.messages.{name[:60]}"
        node = given.members(value, at)
        nodes[given.key(name, at)] = _open_webui_node(given.key(name, at), node, at)
    tags = _part(facts, "meta").get("tags")
    return _grown(
        nodes,
        current,
        key=given.key(facts.get("id") or chat.get("id") or next(iter(nodes), place), f"{place}.id"),
        title=given.line(facts.get("title") or chat.get("title"), 200),
        created_at=given.time(facts.get("created_at") or chat.get("timestamp")),
        touched_at=given.time(facts.get("updated_at")),
        tags=tuple(name for one in tags if (name := given.line(one, 40))) if isinstance(tags, list) else (),
        is_pinned=facts.get("pinned") is True,
        is_archived=facts.get("archived") is True,
    )


def _open_webui_node(key: str, node: Mapping[str, Any], place: str) -> _Node:
    parent = node.get("parentId")
    found = _Node(key, parent if isinstance(parent, str) else None, _keys(node.get("childrenIds")))
    role = node.get("role")
    if role not in ("user", "assistant"):
        return found
    text, reasoning = given.text(node.get("content"), f"{place}.content"), ""
    if role == "assistant" and (thought := _THINKING.match(text)):
        text = text[thought.end() :]
        reasoning = re.sub(r"^(?:&gt;|>) ?", "", thought[1].strip(), flags=re.MULTILINE)
    at = given.time(node.get("timestamp"))
    files = node.get("files")
    pictures = tuple(_file(one) for one in files if _is_picture(one)) if isinstance(files, list) else ()
    model = given.line(node.get("modelName") or node.get("model"), 100)
    run = Run(model=model, started_at=at) if role == "assistant" else None
    if text.strip() or pictures or reasoning:
        found.said = Said(key, None, role, text, created_at=at, reasoning=reasoning, pictures=pictures, run=run)
    return found


def _is_picture(file: object) -> bool:
    return isinstance(file, dict) and file.get("type") == "image" and isinstance(file.get("url"), str)


def _file(file: Mapping[str, str]) -> Picture:
    address = file["url"]
    if address.startswith("data:image/"):
        return Picture("", address)
    return Picture(
        given.line(address, 100), address="" if not address.startswith("https://") else given.line(address, 2_000)
    )


def _chained(messages: Sequence[Any]) -> tuple[dict[str, Any], str | None]:
    """Return the nodes of an old export, which knows one branch only."""
    nodes: dict[str, Any] = {}
    last: str | None = None
    for number, message in enumerate(messages):
        name = str(number)
        nodes[name] = {**message, "parentId": last} if isinstance(message, dict) else message
        last = name
    return nodes, last


# Trees


def _grown(nodes: dict[str, _Node], current: object, **head: Any) -> Chat:
    """Return a chat of what is shown of the nodes: parents first, siblings in order; circles hang on nothing."""
    tree = _Growing()
    below: dict[str, list[str]] = {}
    for node in nodes.values():
        if node.parent in nodes:
            below.setdefault(str(node.parent), []).append(node.key)
    roots = [node.key for node in nodes.values() if node.parent not in nodes]
    for root in [*roots, *nodes]:  # the second time round, circles, which no root leads to
        _walk(nodes, below, root, tree)
    said = list(tree.said.values())
    leaf = tree.shown_by.get(current) if isinstance(current, str) else None
    return Chat(leaf=leaf or (said[-1].key if said else None), said=said, **head)


def _walk(nodes: dict[str, _Node], below: dict[str, list[str]], root: str, tree: _Growing) -> None:
    waiting: list[tuple[str, str | None, str, str]] = [(root, None, "", "")]
    while waiting:
        key, above, last, thought = waiting.pop()
        if key in tree.shown_by:
            continue
        node = nodes[key]
        thought = "\n\n".join(one for one in (thought, node.reasoning) if one)
        if node.said is not None:
            above = _put(node.said, above, last, thought, tree)
            last, thought = key, ""
        tree.shown_by[key] = above
        known = set(below.get(key, ()))
        ordered = [one for one in dict.fromkeys(node.children) if one in known]
        children = [*ordered, *(one for one in below.get(key, ()) if one not in ordered)]
        waiting.extend((child, above, last, thought) for child in reversed(children))


def _put(said: Said, above: str | None, last: str, thought: str, tree: _Growing) -> str:
    """Add a message below ``above``; an answer below an answer, as tools leave them, is the same one going on."""
    reasoning = "\n\n".join(one for one in (thought, said.reasoning) if one)
    is_more = said.role == "assistant" and above is not None and tree.ends.get(above) == last
    if is_more and above is not None:
        before = tree.said[above]
        texts = (one for one in (before.text, said.text) if one)
        thoughts = (one for one in (before.reasoning, reasoning) if one)
        tree.said[above] = replace(before, text="\n\n".join(texts), reasoning="\n\n".join(thoughts))
        tree.ends[above] = said.key
        return above
    if above is not None:
        tree.ends.pop(above, None)
    tree.said[said.key] = replace(said, parent=above, reasoning=reasoning)
    if said.role == "assistant":
        tree.ends[said.key] = said.key
    return said.key


def _part(facts: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = facts.get(name)
    return value if isinstance(value, dict) else {}


def _keys(value: object) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
