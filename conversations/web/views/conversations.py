"""Pages of conversations, and the forms that change them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from uuid import UUID

from asgiref.sync import async_to_sync
from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_POST, require_safe

from conversations import access, catalogue, conf, frames, presentation, quotas
from conversations.actions import conversations as verbs
from conversations.actions import feedback, messages, retention
from conversations.actions import review as reviewing
from conversations.actions.writing import draft_of
from conversations.errors import NotFound
from conversations.generation import control, publisher
from conversations.generation.registry import registry
from conversations.models import ChatModel, Conversation, Message, ModelPrice, SitePolicy, User
from conversations.presentation import ModelOption
from conversations.protocol import MAX_ATTACHMENTS, ConversationDeleted
from conversations.web import sidebar
from conversations.web.people import PersonRequest, for_people, is_script

ABOVE = 20
"""Messages that are shown above one that was jumped to."""


_BLANK = Conversation(id=UUID(int=0))
"""Stands in templates for the chat that a page will begin."""


@dataclass(frozen=True, slots=True)
class Newer:
    """The way to what follows the shown messages, down to the last one of their branch."""

    url: str
    tip: UUID


@require_safe
@for_people
def new(request: PersonRequest) -> HttpResponse:
    """Show an empty chat."""
    return render(request, "chat/show.html", page(request))


@require_safe
@for_people
def show(request: PersonRequest, conversation: UUID) -> HttpResponse:
    """Show a conversation: its chosen branch, the one through ``?at=``, or older or newer turns.

    A message far above the end is shown with what is around it; ``?after=`` and ``?before=`` are the ways on.
    """
    found = access.conversation_for(request.user, conversation)
    template = "chat/_turns.html" if request.GET.get("part") == "thread" else "chat/show.html"
    return render(request, template, page(request, found))


@require_safe
@for_people
def contents(request: PersonRequest, conversation: UUID) -> HttpResponse:
    """List every question of the branch that is shown, each a way to where it stands."""
    found = access.conversation_for(request.user, conversation)
    said = Message.objects.said_before(found.leaf_id) if found.leaf_id else []
    questions = [(one.id, messages.first_words(one.text)) for one in said if one.role == Message.Role.USER]
    is_dialog = request.GET.get("part") == "dialog"
    context = {"conversation": found, "questions": questions, "is_dialog": is_dialog}
    return render(request, "chat/_contents.html" if is_dialog else "chat/contents.html", context)


@require_POST
@for_people
def rename(request: PersonRequest, conversation: UUID) -> HttpResponse:
    verbs.rename(request.user, conversation, request.POST.get("title", ""))
    async_to_sync(registry.announce_conversation)(conversation)
    return _done(request, reverse("chat:show", args=[conversation]))


@require_POST
@for_people
def delete(request: PersonRequest, conversation: UUID) -> HttpResponse:
    """Delete, stop what is being written there, and tell every open page."""
    running = frames.live_messages(conversation)
    verbs.delete(request.user, conversation)
    async_to_sync(deleted)(request.user.pk, {conversation: running})
    return _done(request, reverse("chat:new"))


@require_POST
@for_people
def leave(request: PersonRequest, conversation: UUID) -> HttpResponse:
    """End a temporary chat."""
    running = frames.live_messages(conversation)
    verbs.leave(request.user, conversation)
    async_to_sync(deleted)(request.user.pk, {conversation: running})
    return _done(request, reverse("chat:new"))


@require_POST
@for_people
def restore(request: PersonRequest, conversation: UUID) -> HttpResponse:
    verbs.restore(request.user, conversation)
    async_to_sync(registry.announce_conversation)(conversation)
    return _done(request, reverse("chat:show", args=[conversation]) + "#end")


@require_POST
@for_people
def select(request: PersonRequest, conversation: UUID) -> HttpResponse:
    """Remember which branch is shown."""
    messages.select_branch(request.user, conversation, _id(request.POST.get("message", "")))
    return _done(request, reverse("chat:show", args=[conversation]) + "#end")


def page(request: PersonRequest, found: Conversation | None = None, **more: object) -> dict[str, object]:
    """Return what the chat page shows, with or without a conversation."""
    views, older, newer = ([], None, None) if found is None else _thread(request, found)
    models = catalogue.chat_models_for(request.user)
    leaf = newer.tip if newer else views[-1].id if views else ""
    return {
        "conversation": found,
        "turns": presentation.turns(views),
        "openings": reviewing.notices_for(found) if found else [],
        "outcomes": feedback.outcomes_for(found) if found else [],
        "days_left": retention.days_left(found) if found else None,
        "older_url": older,
        "newer": newer,
        "leaf": leaf,
        "is_elsewhere": bool(found and request.GET.get("at")) and str(leaf) != str(found.leaf_id if found else ""),
        "draft": None if found and found.vanishes_at else draft_of(request.user, found),
        "models": _options(request.user, models),
        "chosen_model": _chosen(request.user, models, found),
        "is_folded": request.COOKIES.get("sidebar") == "closed",
        "sidebar": sidebar.whole(request.user, current=found, open_folders=sidebar.open_folders(request)),
        "is_temporary": bool(found.vanishes_at if found else _wants_temporary(request)),
        "demo": catalogue.is_demo(models),
        "setup_problem": _problem(request.user, models),
        "replaced": _replaced(models, found),
        "starters": _starters,
        "any_live": any(view.is_live for view in views),
        "again_url": _again(request),
        "allowance": quotas.words_of(request.user),
        "max_text": conf.limits().text,
        "max_pictures": MAX_ATTACHMENTS,
        "max_upload": conf.pictures().upload_bytes,
        "blank_picture": presentation.blank_picture(),
        "blank_conversation": _BLANK,
        "blank_question": presentation.blank("user"),
        "blank_answer": presentation.blank("assistant"),
        **more,
    }


def _wants_temporary(request: PersonRequest) -> bool:
    return "temporary" in request.GET or "temporary" in request.POST


def _again(request: PersonRequest) -> str:
    """Return the address at which a page without JavaScript looks again.

    It differs each time: to go to the address that is shown, with its ``#end``, would load nothing.
    """
    query = request.GET.copy()
    if not query.pop("again", None):
        query["again"] = "1"
    return f"{request.path}?{query.urlencode()}#end"


def _thread(
    request: PersonRequest, found: Conversation
) -> tuple[list[presentation.MessageView], str | None, Newer | None]:
    """Return the messages to show, the address of the older ones above them and the way to newer ones below."""
    here, staff = reverse("chat:show", args=[found.pk]), request.user.is_staff
    tip, ids = found.leaf_id, None
    if at := request.GET.get("at"):
        message = _mine(request.user, found, at)
        tip = Message.objects.tip_through(message, found.leaf_id)
        ids = _around(tip, message)
    elif after := request.GET.get("after"):
        tip = Message.objects.tip_of(_mine(request.user, found, request.GET.get("tip", after)))
        ids = _following(tip, _mine(request.user, found, after))
    elif before := request.GET.get("before"):
        tip = Message.objects.filter(pk=_mine(request.user, found, before)).values_list("parent", flat=True)[0]
    views = presentation.thread(found, tip, staff=staff) if ids is None else presentation.several(ids, staff=staff)
    older = f"{here}?before={views[0].id}" if views and views[0].parent else None
    is_whole = tip is None or not views or views[-1].id == str(tip)
    return views, older, None if is_whole or tip is None else Newer(f"{here}?after={views[-1].id}&tip={tip}", tip)


def _around(tip: UUID, message: UUID) -> list[UUID] | None:
    """Return the page of a branch that ``message`` is on, if it is not the newest one."""
    if message in Message.objects.path_ids(tip, presentation.PAGE):
        return None
    path = Message.objects.path_ids(tip)
    first = max(0, path.index(message) - ABOVE)
    return path[first : first + presentation.PAGE]


def _following(tip: UUID, message: UUID) -> list[UUID]:
    path = Message.objects.path_ids(tip)
    if message not in path:
        raise NotFound
    first = path.index(message) + 1
    return path[first : first + presentation.PAGE]


def _mine(user: User, found: Conversation, message: str) -> UUID:
    row = access.message_for(user, _id(message))
    if row.conversation_id != found.pk:
        raise NotFound
    return row.pk


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as exc:
        raise NotFound from exc


def _options(user: User, models: list[ChatModel]) -> list[ModelOption]:
    """Return what the picker offers: the person's favourites, then all others by their provider."""
    prices = catalogue.prices_of(models)
    options = [_option(model, prices.get(model.pk)) for model in models]
    kept = user.favourite_models if isinstance(user.favourite_models, list) else []
    favourites = [replace(one, provider=gettext("Favourites")) for one in options if one.name in kept]
    return favourites + [one for one in options if one.name not in kept]


def _option(model: ChatModel, price: ModelPrice | None) -> ModelOption:
    badges = [
        (model.can_see, gettext("sees images")),
        (model.can_browse, gettext("browses")),
        (model.can_reason, gettext("reasons")),
    ]
    words = [word for has, word in badges if has]
    if model.context_window:
        words.append(f"{model.context_window // 1000}k")
    if price:
        values = {"asked": _money(price.prompt_price), "answered": _money(price.completion_price)}
        words.append(gettext("{asked} / {answered} per million tokens").format(**values))
    window = model.context_window or 0
    return ModelOption(model.key, model.label, model.description, words, model.provider.name, model.can_see, window)


def _money(price: Decimal) -> str:
    return str(number_format(price.normalize(), use_l10n=True)) if price else "0"


def _chosen(user: User, models: list[ChatModel], found: Conversation | None) -> str:
    """Return the key of the chat's model; of a new chat the person's own default, else the one used last."""
    if found is not None:
        for model in models:
            if model.pk == found.chat_model_id:
                return model.key
    wanted = user.default_model_id
    if wanted is None and found is None:
        latest = Conversation.objects.owned_by(user).order_by("-touched_at")
        wanted = latest.values_list("chat_model", flat=True).first()
    mine = [model.key for model in models if model.pk == wanted]
    return next(iter(mine), models[0].key if models else "")


def _replaced(models: list[ChatModel], found: Conversation | None) -> str:
    """Say so where the chat's model cannot be used any more: another one never answers in silence."""
    kept = found.chat_model_id if found else None
    if kept is None or not models or any(model.pk == kept for model in models):
        return ""
    label = ChatModel.objects.get(pk=kept).label
    return gettext("{model} cannot be used any more. Look which model answers next.").format(model=label)


def _problem(user: User, models: list[ChatModel]) -> str:
    """Say what is missing to whom can mend it."""
    if models:
        return ""
    if user.is_staff:
        return gettext(
            "No model can be used yet. Set OPENAI_API_KEY and OPENAI_BASE_URL (and CHAT_MODELS, if the provider "
            "lists none) in the environment or in .env and restart, or add a provider in the administration."
        )
    return gettext("No model is set up on this site yet. Please ask its administrator.")


def _starters() -> list[str]:
    """Return what an empty chat offers: as administrators have set it in the language that is spoken, or our own."""
    if kept := SitePolicy.current().starters_in(get_language() or ""):
        return kept
    if settings.CHAT_DEMO:
        return ["/markdown", "/code", "/fail cut", "/help"]
    return [
        gettext("Rewrite a text in a calmer tone"),
        gettext("Explain an error message"),
        gettext("Compare two options in a table"),
        gettext("Plan three days in a city"),
    ]


async def deleted(user: UUID, running: dict[UUID, list[UUID]]) -> None:
    """Stop what is being written in conversations that are gone, and tell every open page of them."""
    for conversation, messages_there in running.items():
        for message in messages_there:
            await control.stop(message)
        publisher.tell_person(user, ConversationDeleted(conversation))


def _done(request: PersonRequest, then: str) -> HttpResponse:
    return HttpResponse(status=204) if is_script(request) else redirect(then)
