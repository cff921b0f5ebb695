"""What the runtime reads from and writes to the database; its only way to the models but for ``recovery``.

All functions are synchronous, short, and one transaction each. Endings are claimed by a guarded update.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone, translation

from conversations import catalogue, conf, quotas, secrets
from conversations.generation import pictures
from conversations.generation.ports import Attempt, Checkpoint, GenerationJob, Outcome
from conversations.models import ChatModel, Conversation, Generation, Message, ServerProcess
from conversations.rendering import VERSION, links_of, render
from conversations.search import index
from conversations.tokens import estimate, turn_tokens
from conversations.upstream import ChatRequest, Parameters, Turn

GO_ON = "Continue your last answer exactly where it ended. Do not repeat anything and do not comment on it."
"""Chat Completions have no call for this; the instruction is what providers' own pages send."""


_MOST_SOURCES = 100


@dataclass(frozen=True, slots=True)
class Ending:
    """What a finished run leaves to be stored, captured from it in one step."""

    job: GenerationJob
    outcome: Outcome
    text: str
    reasoning: str
    blocks: list[str]
    seq: int
    first_delta_after: float | None
    reasoning_seconds: int | None


@transaction.atomic
def load_job(generation: UUID, process: UUID) -> GenerationJob | None:
    """Put a pending generation under ``process`` and return its job; None if it has ended or been deleted."""
    mine = Generation.objects.running().filter(pk=generation, process=None)
    if not mine.update(process=process):
        return None
    whole = Generation.objects.select_related("message", "conversation__tuning", "owner", "chat_model__provider")
    found = whole.get(pk=generation)
    if found.chat_model is None:
        _fail(found, "model_not_found")
        return None
    attempts = _attempts(found, found.chat_model)
    if not attempts:
        _fail(found, "key_sealed")
        return None
    answer, first = found.message, attempts[0]
    return GenerationJob(
        generation=found.pk,
        message=answer.pk,
        conversation=found.conversation_id,
        owner=found.owner_id,
        endpoint=first.endpoint,
        request=first.request,
        seq=answer.seq,
        answer_limit=conf.limits().answer,
        base_text=answer.text,
        base_reasoning=answer.reasoning,
        language=translation.get_language() or "",
        most_at_once=first.most_at_once,
        wants_title=found.conversation.title_from == Conversation.TitleFrom.FIRST_WORDS,
        chat_model=first.chat_model,
        model_label=first.label,
        fallbacks=tuple(attempts[1:]),
    )


def _attempts(generation: Generation, chat_model: ChatModel) -> list[Attempt]:
    """Return what the model and its fallbacks are asked; those whose key cannot be opened are left out."""
    attempts = []
    for model in (chat_model, *catalogue.fallbacks_of(chat_model, generation.owner)):
        try:
            endpoint = catalogue.endpoint_of(model.provider)
        except secrets.CannotOpen:
            continue
        request = _request(generation, model)
        attempts.append(Attempt(model.pk, model.label, endpoint, request, model.provider.most_at_once))
    return attempts


def _fail(generation: Generation, error_code: str) -> None:
    """End a generation that cannot even be asked for."""
    Generation.claim_end(generation.pk, status="failed", error_code=error_code)
    Message.objects.filter(pk=generation.message_id).update(status="failed")
    generation.status = Generation.Status.FAILED
    quotas.settle(generation, has_text=False)


def language_of(message: UUID) -> str:
    """Return what the owner of a message reads, as far as the account tells; its browser is not asked here."""
    owner = Message.objects.values_list("conversation__owner__language", flat=True).get(pk=message)
    return str(owner or settings.LANGUAGE_CODE)


def checkpoint(checkpoints: Sequence[Checkpoint]) -> None:
    """Store the text of all running answers in one transaction; what has ended meanwhile is not touched."""
    field = Message._meta.pk
    rows = [
        (c.text, c.reasoning, c.seq, field.get_db_prep_value(c.job.message, connection),
         field.get_db_prep_value(c.job.generation, connection))
        for c in checkpoints
    ]  # fmt: skip
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE conversations_message SET text = %s, reasoning = %s, seq = %s, status = 'streaming'"
            " WHERE id = %s AND generation_id = %s AND status IN ('waiting', 'streaming')",
            rows,
        )


@transaction.atomic
def finish(ending: Ending) -> bool:
    """Store the end of a run; False if it was claimed before (by recovery, or the conversation is gone)."""
    job, outcome = ending.job, ending.outcome
    error, usage = outcome.error, outcome.usage
    fields: dict[str, object] = {"status": outcome.status, "finish_reason": outcome.finish_reason[:40]}
    if error is not None:
        fields |= {
            "error_code": error.code,
            "error_message": error.message[:500],
            "trace_id": (error.trace_id or "")[:200],
            "retry_after": round(error.retry_after) if error.retry_after else None,
        }
    if usage is not None:
        fields |= {"prompt_tokens": usage.prompt_tokens, "completion_tokens": usage.completion_tokens}
    else:
        asked = sum(turn_tokens(turn) for turn in job.request.turns)
        written = estimate(ending.text[len(job.base_text) :]) + estimate(ending.reasoning)
        fields |= {"prompt_tokens": asked, "completion_tokens": written, "is_estimated": True}
    if ending.first_delta_after is not None:
        started = Generation.objects.filter(pk=job.generation).values_list("started_at", flat=True).first()
        if started is not None:
            fields["first_at"] = started + timedelta(seconds=ending.first_delta_after)
    fields["reasoning_seconds"] = ending.reasoning_seconds
    fields["parameters"] = dict(job.request.parameters)
    fields["sources"] = _sources(ending)
    fields |= _fallback(job)
    if not Generation.claim_end(job.generation, **fields):
        return False
    Conversation.objects.filter(pk=job.conversation).update(answered_at=timezone.now())
    Message.objects.filter(pk=job.message, generation=job.generation).update(
        status=outcome.status,
        text=ending.text,
        reasoning=ending.reasoning,
        blocks=ending.blocks,
        render_version=VERSION,
        seq=ending.seq,
    )
    index.put_message(job.message, ending.text)
    quotas.settle(
        Generation.objects.select_related("chat_model").get(pk=job.generation),
        has_text=len(ending.text) + len(ending.reasoning) > len(job.base_text) + len(job.base_reasoning),
        cached_tokens=usage.cached_tokens if usage is not None else 0,
    )
    return True


def _sources(ending: Ending) -> list[list[str]]:
    """Return what a browsing model has looked at: what its provider names, then the links of its answer."""
    found = dict(ending.outcome.sources)
    links = links_of(ending.blocks)
    if found or (links and ChatModel.objects.filter(can_browse=True, pk__in=[ending.job.chat_model]).exists()):
        for url in links:
            found.setdefault(url, "")
    return [[url, title] for url, title in found.items()][:_MOST_SOURCES]


def _fallback(job: GenerationJob) -> dict[str, object]:
    """Return what tells of a fallback's answer, nothing for that of the model which was asked for."""
    asked = Generation.objects.filter(pk=job.generation).exclude(chat_model=job.chat_model)
    label = asked.values_list("model_label", flat=True).first() if job.chat_model else None
    return {} if label is None else {"chat_model": job.chat_model, "model_label": job.model_label, "instead_of": label}


def snapshot_of(message: UUID) -> Message | None:
    """Return an answer as it is stored, with its rendering brought up to date."""
    found = Message.objects.filter(pk=message, conversation__deleted_at=None).first()
    if found is not None and (found.is_live or found.render_version != VERSION):
        found.blocks = render(found.text)
    return found


def running_on(process: UUID) -> list[UUID]:
    return list(Generation.objects.running().filter(process=process).values_list("pk", flat=True))


def running_of(owner: UUID) -> list[UUID]:
    """Return the answers that are being written for a person."""
    return list(Generation.objects.running().filter(owner=owner).values_list("message_id", flat=True))


def beat(process: UUID, host: str, pid: int) -> None:
    """Say that this process lives."""
    ServerProcess.objects.update_or_create(pk=process, defaults={"host": host, "pid": pid, "beat_at": timezone.now()})


def title_question(job: GenerationJob) -> tuple[str, str] | None:
    """Return the first question and answer of a conversation that still has its first words as title."""
    pending = Conversation.objects.present().filter(pk=job.conversation, title_from=Conversation.TitleFrom.FIRST_WORDS)
    if not pending.exists():
        return None
    answer = Message.objects.select_related("parent").filter(pk=job.message).first()
    if answer is None or answer.parent is None or answer.status != "complete":
        return None
    return answer.parent.text, answer.text


def title_model(job: GenerationJob) -> str:
    """Return the model that makes titles: the site's own choice, or the one that answered."""
    chosen = ChatModel.objects.filter(key=conf.title_model(), provider__base_url=job.endpoint.base_url)
    return chosen.values_list("name", flat=True).first() or job.request.model


def set_title(conversation: UUID, title: str) -> bool:
    """Store a title made by a model; False if the person has given one meanwhile."""
    pending = Conversation.objects.filter(pk=conversation, title_from=Conversation.TitleFrom.FIRST_WORDS)
    with transaction.atomic():
        is_set = pending.update(title=title, title_from=Conversation.TitleFrom.CHAT_MODEL) == 1
        if is_set:
            index.put_title(Conversation.objects.get(pk=conversation))
    return is_set


def _request(generation: Generation, chat_model: ChatModel) -> ChatRequest:
    """Return what the provider is asked: the person's instructions first, then the chat's, then the conversation.

    What the chat says of its answers counts more than what the model says, but for the bound of their length.
    """
    turns = _turns(generation.message, can_see=chat_model.can_see)
    tuning = generation.conversation.own_tuning
    said = [generation.owner.instructions.strip(), tuning.system_prompt.strip() if tuning else ""]
    if instructions := "\n\n".join(filter(None, said)):  # one turn: some models take no second one
        turns = (Turn(role="system", content=instructions), *turns)
    longest = quotas.answer_bound(generation.pk) or chat_model.answer_tokens
    parameters = Parameters(chat_model.temperature, chat_model.top_p, longest)
    if tuning:
        parameters = tuning.parameters.over(parameters)
        if longest and tuning.max_tokens:
            parameters = replace(parameters, max_tokens=min(longest, tuning.max_tokens))
    return ChatRequest(chat_model.name, turns, parameters.to_json())


def _turns(answer: Message, *, can_see: bool) -> tuple[Turn, ...]:
    """Return the conversation above ``answer``, oldest first, within the limit; the last question always goes."""
    path = Message.objects.said_before(answer.pk)
    seen = pictures.for_turns(answer.conversation_id, [said.id for said in path], can_see=can_see)
    room = conf.limits().history
    turns: list[Turn] = []
    if answer.text:
        turns.append(Turn(role="user", content=GO_ON))
    for said in reversed(path):
        if not said.text and said.id not in seen:
            continue
        room -= len(said.text)
        if room < 0 and any(turn.role == "user" and turn.content != GO_ON for turn in turns):
            break
        content = pictures.content_of(said.text, seen.get(said.id, ()))
        turns.append(Turn(role="assistant" if said.role == Message.Role.ASSISTANT else "user", content=content))
    return tuple(reversed(turns))
