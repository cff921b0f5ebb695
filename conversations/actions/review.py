"""What reviewers do with other people's conversations; each act leaves an entry in the log and a row for its owner."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from conversations import access, audit
from conversations.errors import Invalid
from conversations.models import Conversation, ReviewOpening, SitePolicy, User
from conversations.models.review import LEAST_REASON, MOST_REASON
from conversations.names import on_one_line

_DELAYS = {
    SitePolicy.ReviewNotice.AT_ONCE: timedelta(0),
    SitePolicy.ReviewNotice.WEEK: timedelta(days=7),
    SitePolicy.ReviewNotice.MONTH: timedelta(days=30),
}


def checked_reason(reason: str) -> str:
    """Return a reason in one line; ``Invalid`` for one that says nothing, because its owner will read it."""
    reason = on_one_line(reason)
    if len(reason) < LEAST_REASON:
        raise Invalid("Say in a few words why: at least {count} characters.", count=LEAST_REASON)
    if len(reason) > MOST_REASON:
        raise Invalid("A reason has at most {count} characters.", count=MOST_REASON)
    return reason


@transaction.atomic
def open_transcript(user: User, conversation: UUID, reason: str) -> ReviewOpening:
    """Let a reviewer read a conversation for a while, for a reason that the log and its owner are told."""
    found = access.reviewable_conversation_for(user, conversation)
    opening = ReviewOpening.objects.create(conversation=found, reviewer=user, reason=checked_reason(reason))
    audit.record(
        user, "review.opened", kind="conversation", target=found.pk, label=found.owner.email,
        details={"reason": opening.reason},
    )  # fmt: skip
    return opening


@transaction.atomic
def begin_export(user: User, reason: str, filters: dict[str, str], form: str) -> str:
    """Log that a selection goes out; return the reason for ``note_exported``."""
    reason = checked_reason(reason)
    audit.record(user, "review.exported", kind="selection", details={"reason": reason, "form": form, **filters})
    return reason


def note_exported(user: User, conversations: Sequence[Conversation], reason: str) -> None:
    """Keep for their owners that these went out."""
    ReviewOpening.objects.bulk_create(
        ReviewOpening(conversation=one, reviewer=user, reason=reason, is_export=True) for one in conversations
    )


def notices_for(conversation: Conversation) -> list[ReviewOpening]:
    """Return the reviews that the owner is told of by now, the latest first, at most ten."""
    openings = ReviewOpening.objects.filter(conversation=conversation)
    if not openings.exists():  # as nearly always
        return []
    delay = _DELAYS.get(SitePolicy.ReviewNotice(SitePolicy.current().review_notice))
    if delay is None:
        return []
    return list(openings.told(timezone.now() - delay).order_by("-made_at")[:10])
