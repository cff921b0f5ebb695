"""What a person does to their own account."""

from __future__ import annotations

from conversations.models import User


def delete_account(user: User) -> None:
    """Remove a person with their conversations, pictures and sessions for good; what they used stays counted."""
    user.delete()
