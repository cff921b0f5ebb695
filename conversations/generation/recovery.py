"""Turn answers whose process died into honest ``interrupted`` ones; any process does it for any other."""

from __future__ import annotations

import os
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from conversations import quotas
from conversations.models import Conversation, Generation, Message, ServerProcess
from conversations.models.generations import FROZEN_AFTER
from conversations.rendering import VERSION, render
from conversations.search import index
from conversations.tokens import estimate

_FORGET_AFTER = timedelta(days=1)


def bury_dead_neighbours(host: str) -> None:
    """Age the beat of processes of this host whose pid is gone, so that a restart need not wait for it.

    Gone is also one that had our own pid: in a container every start is process 1. To be called before our first beat.
    """
    for process in ServerProcess.objects.filter(host=host):
        if process.pid == os.getpid() or not _is_running(process.pid):
            ServerProcess.objects.filter(pk=process.pk).update(beat_at=process.beat_at - FROZEN_AFTER)


def interrupt_orphans(*, grace: timedelta = FROZEN_AFTER) -> list[tuple[UUID, UUID]]:
    """End running generations of dead or frozen processes; return (conversation, message) of each.

    A generation without a process was committed but never started; it gets ``grace`` to find one.
    """
    ended = []
    young = timezone.now() - grace
    for generation in Generation.objects.orphaned().select_related("message", "chat_model"):
        if generation.process_id is None and generation.started_at > young:
            continue
        with transaction.atomic():
            if not Generation.claim_end(generation.pk, status="interrupted", error_code="restarted"):
                continue
            Conversation.objects.filter(pk=generation.conversation_id).update(answered_at=timezone.now())
            message = Message.objects.get(pk=generation.message_id)
            _settle(generation, message)
            Message.objects.filter(pk=message.pk, generation=generation).update(
                status="interrupted", blocks=render(message.text), render_version=VERSION
            )
            index.put_message(message.pk, message.text)
        ended.append((generation.conversation_id, generation.message_id))
    ServerProcess.objects.filter(beat_at__lt=timezone.now() - _FORGET_AFTER).delete()
    return ended


def _settle(generation: Generation, message: Message) -> None:
    """Count what was written as far as it is known: nobody heard what the provider counted."""
    said = Message.objects.said_before(message.pk)
    generation.prompt_tokens = sum(estimate(one.text) for one in said[:-1])
    generation.completion_tokens = estimate(message.text) + estimate(message.reasoning)
    generation.is_estimated, generation.status = True, Generation.Status.INTERRUPTED
    generation.save(update_fields=["prompt_tokens", "completion_tokens", "is_estimated"])
    quotas.settle(generation, has_text=bool(message.text or message.reasoning))


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
