"""A first title, asked of the model after the first answer; best effort, never in the way of anything."""

from __future__ import annotations

import re

from conversations.upstream import ChatRequest, Turn

PROMPT = (
    "Write a title for this conversation: at most six words, in the language of the question, "
    "no quotation marks, no full stop. Answer with the title only.\n\nQuestion:\n{question}\n\nAnswer:\n{answer}"
)
_MOST = 80


def request_for(model: str, question: str, answer: str) -> ChatRequest:
    text = PROMPT.format(question=question[:2_000], answer=answer[:2_000])
    return ChatRequest(model=model, turns=(Turn(role="user", content=text),), include_usage=False)


def cleaned(answer: str) -> str:
    """Return the title in a model's answer, or an empty text if there is none worth showing."""
    line = next((line for line in answer.splitlines() if line.strip()), "")
    line = re.sub(r"^(title|titel|标题)\s*[::]\s*", "", line.strip(), flags=re.IGNORECASE)
    line = " ".join(line.strip("#*_`\"'“”«»「」 .。").split())
    return line if 0 < len(line) <= _MOST else ""
