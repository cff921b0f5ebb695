"""Ask, ask anew, answer again, go on: every verb that ends in a new generation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from conversations import access, catalogue, conf, quotas
from conversations.actions import attachments as attached
from conversations.actions.writing import forget_sent
from conversations.errors import Busy, Invalid, TooLong
from conversations.models import Attachment, ChatModel, Conversation, Generation, Message, User
from conversations.models.conversations import LIFE, TITLE_LENGTH
from conversations.protocol import Continue, Edit, Regenerate, Send
from conversations.search import index
from conversations.search.words import language_of

SEQ_STEP = 1_000
"""A new run numbers its frames well above the last checkpoint, so that a page which saw more than was stored
before a crash does not take the new frames for old ones. At 30 frames a second a lost second costs 30."""


@dataclass(frozen=True, slots=True)
class Started:
    """What a verb began: the ids that ``accepted`` tells, the messages it made or changed, and whether there is
    anything left to start."""

    ref: str
    conversation: UUID
    question: UUID
    answer: UUID
    generation: UUID
    owner: UUID
    messages: tuple[UUID, ...]
    branched: bool = False
    is_repeat: bool = False


def carry_out(user: User, command: Send | Edit | Regenerate | Continue) -> Started:
    """Call the verb of a command of the wire."""
    match command:
        case Send():
            return send_message(
                user,
                ref=command.ref,
                text=command.text,
                conversation=command.conversation,
                parent=command.parent,
                attachments=command.attachments,
                model=command.model,
                is_temporary=command.temporary,
            )
        case Edit():
            return edit_message(
                user,
                ref=command.ref,
                message=command.message,
                text=command.text,
                attachments=command.attachments,
                model=command.model,
            )
        case Regenerate():
            return regenerate(user, ref=command.ref, message=command.message, model=command.model)
        case Continue():
            return continue_answer(user, ref=command.ref, message=command.message)


def send_message(
    user: User,
    *,
    ref: str,
    text: str,
    conversation: UUID | None = None,
    parent: UUID | None = None,
    attachments: Sequence[UUID] = (),
    model: str | None = None,
    is_temporary: bool = False,
) -> Started:
    """Add a question and its empty answer below ``parent``.

    Where ``parent`` has been answered meanwhile, the question becomes a branch beside the newer turns and
    ``branched`` says so. A new conversation that ``is_temporary`` vanishes after a day. Raises ``Invalid``,
    ``TooLong``, ``NotFound``, ``NoModel``, ``NoVision``, ``Busy`` or ``LimitReached``.
    """
    _check_text(text, has_pictures=bool(attachments))
    if known := _repeated(user, ref):
        return known
    try:
        with transaction.atomic():
            is_new = conversation is None
            home = access.conversation_for(user, conversation) if conversation else None
            chat_model = catalogue.chat_model_for(user, model, home)
            pictures = attached.check(user, attachments, chat_model)
            if home is None:
                title = first_words(text) or _pictures_title(pictures)
                home = _new(user, title, chat_model, language_of(text), is_temporary=is_temporary)
            above = _parent_in(user, home, parent)
            forget_sent(user, conversation, text)
            branched = not is_new and Message.objects.filter(conversation=home, parent=above).exists()
            question = _question(home, above.pk if above else None, text, pictures)
            answer = _empty_answer(home, question)
            return _begin(user, home, answer, chat_model, ref=ref, question=question, branched=branched)
    except IntegrityError:
        return _lost_race(user, ref)


def edit_message(
    user: User,
    *,
    ref: str,
    message: UUID,
    text: str,
    attachments: Sequence[UUID] = (),
    model: str | None = None,
) -> Started:
    """Ask the question ``message`` in other words or with other pictures: a sibling with an answer of its own."""
    _check_text(text, has_pictures=bool(attachments))
    if known := _repeated(user, ref):
        return known
    try:
        with transaction.atomic():
            old = access.message_for(user, message)
            if old.is_answer:
                raise Invalid("Only a question can be edited.")
            home = old.conversation
            chat_model = catalogue.chat_model_for(user, model, home)
            pictures = attached.check(user, attachments, chat_model)
            question = _question(home, old.parent_id, text, pictures)
            answer = _empty_answer(home, question)
            return _begin(user, home, answer, chat_model, ref=ref, question=question)
    except IntegrityError:
        return _lost_race(user, ref)


def regenerate(user: User, *, ref: str, message: UUID, model: str | None = None) -> Started:
    """Answer the question of the answer ``message`` (or the question ``message``) once more.

    A failed answer without any text is used again, so that a retry replaces its error; else a sibling is made.
    """
    if known := _repeated(user, ref):
        return known
    try:
        with transaction.atomic():
            old = access.message_for(user, message)
            if old.is_answer and old.is_live:
                raise Busy("This answer is still being written. Stop it first.")
            question = old.parent if old.is_answer else old
            if question is None:
                raise Invalid("There is no question to answer again.")
            home = old.conversation
            chat_model = catalogue.chat_model_for(user, model, home)
            attached.check(user, attached.ids_of(question), chat_model)
            is_empty_failure = old.is_answer and old.status in ("failed", "interrupted") and not old.text
            answer = old if is_empty_failure else _empty_answer(home, question)
            return _begin(user, home, answer, chat_model, ref=ref)
    except IntegrityError:
        return _lost_race(user, ref)


def continue_answer(user: User, *, ref: str, message: UUID) -> Started:
    """Let an answer that ended early go on in the same message."""
    if known := _repeated(user, ref):
        return known
    try:
        with transaction.atomic():
            answer = access.message_for(user, message)
            if not answer.is_answer:
                raise Invalid("Only an answer can go on.")
            if answer.is_live:
                raise Busy("This answer is still being written.")
            key = _model_key_of(answer)
            chat_model = catalogue.chat_model_for(user, key, answer.conversation)
            return _begin(user, answer.conversation, answer, chat_model, ref=ref)
    except IntegrityError:
        return _lost_race(user, ref)


def select_branch(user: User, conversation: UUID, message: UUID) -> UUID:
    """Show the branch through ``message`` from now on; return its last message."""
    chosen = access.message_for(user, message)
    if chosen.conversation_id != conversation:
        raise Invalid("This message belongs to another conversation.")
    leaf = Message.objects.tip_through(chosen.pk, chosen.conversation.leaf_id)
    Conversation.objects.filter(pk=conversation).update(leaf=leaf)
    return leaf


def first_words(text: str) -> str:
    """Return a title made of the first line's words, at most 60 characters."""
    line = next((line.strip() for line in text.splitlines() if line.strip()), "")
    words = " ".join(line.split())
    if len(words) <= 60:
        return words[:TITLE_LENGTH]
    return words[:60].rsplit(" ", 1)[0] + " …"


def _new(user: User, title: str, chat_model: ChatModel, language: str, *, is_temporary: bool) -> Conversation:
    home = Conversation(owner=user, title=title, chat_model=chat_model, language=language)
    if is_temporary:  # and no model is asked for a title
        home.vanishes_at, home.title_from = timezone.now() + LIFE, Conversation.TitleFrom.PERSON
    home.save(force_insert=True)
    index.put_title(home)
    return home


def _pictures_title(pictures: Sequence[Attachment]) -> str:
    return pictures[0].name if pictures else ""


def _check_text(text: str, *, has_pictures: bool) -> None:
    if not text.strip() and not has_pictures:
        raise Invalid("There is nothing to send yet.")
    if len(text) > conf.limits().text:
        raise TooLong("This is longer than {count} characters. Please shorten it.", count=f"{conf.limits().text:,}")
    if "\x00" in text:
        raise Invalid("The text holds a character that cannot be stored (NUL).")


def _repeated(user: User, ref: str) -> Started | None:
    done = access.generation_by_ref(user, ref)
    if done is None:
        return None
    return Started(
        ref=ref,
        conversation=done.conversation_id,
        question=done.message.parent_id or done.message_id,
        answer=done.message_id,
        generation=done.pk,
        owner=user.pk,
        messages=tuple(filter(None, (done.message.parent_id, done.message_id))),
        branched=done.branched,
        is_repeat=True,
    )


def _lost_race(user: User, ref: str) -> Started:
    """Two sockets sent the same ``ref`` at once; the unique constraint let one through and this is the other."""
    known = _repeated(user, ref)
    if known is None:
        raise Invalid("This could not be stored. Please try again.")
    return known


def _parent_in(user: User, home: Conversation, parent: UUID | None) -> Message | None:
    if parent is None:
        return None
    above = access.message_for(user, parent)
    if above.conversation_id != home.pk:
        raise Invalid("This message belongs to another conversation.")
    if not above.is_answer:
        raise Invalid("A question follows an answer.")
    if above.is_live:
        raise Busy("The answer above is still being written. Wait for it or stop it.")
    return above


def _question(home: Conversation, parent: UUID | None, text: str, pictures: Sequence[Attachment]) -> Message:
    question = Message.objects.create(conversation=home, parent_id=parent, role=Message.Role.USER, text=text)
    attached.put_on(question, pictures)
    index.add([index.Text(home.owner_id, home.pk, question.pk, text)])
    return question


def _empty_answer(home: Conversation, question: Message) -> Message:
    return Message.objects.create(
        conversation=home, parent=question, role=Message.Role.ASSISTANT, status=Message.Status.WAITING
    )


def _model_key_of(answer: Message) -> str | None:
    generation = answer.generation
    if generation is None or generation.chat_model is None or not generation.chat_model.is_available:
        return None
    return generation.chat_model.key


def _begin(
    user: User,
    home: Conversation,
    answer: Message,
    chat_model: ChatModel,
    *,
    ref: str,
    question: Message | None = None,
    branched: bool = False,
) -> Started:
    """Make the generation of ``answer`` and show its branch; ``question`` is the one made with it, if any."""
    generation = Generation.objects.create(
        message=answer,
        conversation=home,
        owner=user,
        ref=ref,
        branched=branched,
        chat_model=chat_model,
        model_label=chat_model.label,
    )
    quotas.reserve(user, generation, chat_model)
    Message.objects.filter(pk=answer.pk).update(
        status=Message.Status.WAITING, generation=generation, seq=answer.seq + SEQ_STEP
    )
    now = timezone.now()  # who asks has seen what there was, and what one works on is not archived
    Conversation.objects.filter(pk=home.pk).update(
        leaf=answer, chat_model=chat_model, touched_at=now, seen_at=now, archived_at=None
    )
    return Started(
        ref=ref,
        conversation=home.pk,
        question=answer.parent_id or answer.pk,
        answer=answer.pk,
        generation=generation.pk,
        owner=user.pk,
        messages=(question.pk, answer.pk) if question else (answer.pk,),
        branched=branched,
    )
