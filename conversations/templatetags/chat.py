"""What the partials need and no view passes."""

from __future__ import annotations

from django import template

from conversations.presentation import MessageView

register = template.Library()


@register.simple_tag
def blank_message(role: str) -> MessageView:
    """Return a message of nobody: the page fills copies of it while the real one is under way."""
    status = "waiting" if role == "assistant" else "sending"
    return MessageView(id="", conversation="", parent=None, role=role, status=status, text="", blocks=[])
