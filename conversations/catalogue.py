"""Which models there are, who may use them, and how to reach them.

The provider of the environment and the demo provider are written here at the start of the site; the rest is
the administrators'. Keys of the environment never reach the database.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from conversations import conf, secrets
from conversations.errors import NoModel
from conversations.models import ChatModel, Conversation, ModelPrice, Provider, User
from conversations.upstream import Endpoint, Timeouts

logger = logging.getLogger(__name__)

# What the reference provider serves (docs: upstream-api); used where a provider has no list of its own.
REFERENCE_MODELS = (
    "gpt-4o-mini",
    "gpt-4o",
    "gpt-4",
    "gpt-3.5-turbo",
    "gpt-4-browsing",
    "gpt-3.5-browsing",
    "gpt-4-vision-preview",
)
_MOST_FALLBACKS = 3  # after so many failures a person has waited enough
DEMO_MODELS = ("demo", "demo-vision", "demo-reasoning")
_NO_CHAT = (
    "audio", "babbage", "dall-e", "davinci", "embed", "image", "moderation", "realtime", "rerank",
    "sora", "speech", "transcribe", "tts", "whisper",
)  # fmt: skip
_SEEING = ("gpt-4o", "gpt-4.1", "gpt-5", "vision", "-vl", "llava", "gemini", "claude", "pixtral")
_REASONING = ("reason", "o1", "o3", "o4", "r1", "gpt-5", "thinking", "qwq")


def chat_models_for(user: User) -> list[ChatModel]:
    """Return the models this person may pick, in the administrators' order."""
    return list(_permitted(user).filter(is_enabled=True, provider__is_enabled=True))


def prices_of(models: list[ChatModel]) -> dict[UUID, ModelPrice]:
    """Return the prices that hold today, of the models that have any."""
    past = ModelPrice.objects.filter(chat_model__in=models, since__lte=timezone.localdate()).order_by("since")
    return {price.chat_model_id: price for price in past}


def _permitted(user: User) -> QuerySet[ChatModel]:
    """Return the models that are for everybody or for a group of this person, be they switched off."""
    restricted = ChatModel.groups.through.objects
    mine = restricted.filter(group__user=user).values("chatmodel")
    models = ChatModel.objects.select_related("provider")
    return models.filter(Q(pk__in=mine) | ~Q(pk__in=restricted.values("chatmodel")))


def chat_model_for(user: User, key: str | None, conversation: Conversation | None = None) -> ChatModel:
    """Return the model asked for, or the conversation's, or the person's own, or the first one.

    One that is switched off is replaced by its fallback. Raises ``NoModel`` where the named one is absent or switched
    off without one, and where there is none at all.
    """
    models = chat_models_for(user)
    if key:
        asked = [model for model in models if model.key == key] or _instead_of(user, key=key)
        if asked:
            return asked[0]
        raise NoModel("This model is not available any more. Please choose another one.")
    if not models:
        raise NoModel("No model is set up on this site yet. Please ask its administrator.")
    for wanted in (conversation.chat_model_id if conversation else None, user.default_model_id):
        if wanted is not None:
            found = [model for model in models if model.pk == wanted] or _instead_of(user, pk=wanted)
            if found:
                return found[0]
    return models[0]


def _instead_of(user: User, **which: object) -> list[ChatModel]:
    """Return what answers for a model that is switched off, if this person might use it else."""
    absent = _permitted(user).filter(**which).first()
    return fallbacks_of(absent, user) if absent else []


def fallbacks_of(chat_model: ChatModel, user: User) -> list[ChatModel]:
    """Return the models that answer where this one cannot, as far as this person may use them; each once."""
    if chat_model.fallback_id is None:
        return []
    usable = {model.pk: model for model in chat_models_for(user)}
    links = dict(ChatModel.objects.exclude(fallback=None).values_list("pk", "fallback"))
    at: UUID | None = chat_model.fallback_id
    chain = [chat_model.pk]
    while at is not None and at not in chain:
        chain.append(at)
        at = links.get(at)
    return [usable[one] for one in chain[1:] if one in usable][:_MOST_FALLBACKS]


def endpoint_of(provider: Provider) -> Endpoint:
    """Return the address and key of a provider; raise ``secrets.CannotOpen`` where no key of ours opens its key."""
    if provider.origin == Provider.Origin.ENVIRONMENT:
        secret = settings.OPENAI_API_KEY
    else:
        secret = secrets.unseal(provider.sealed_secret)
    return Endpoint(
        base_url=provider.base_url,
        secret=secret,
        timeouts=_timeouts_of(provider),
        headers=headers_of(provider),
        name=provider.name,
    )


def headers_of(provider: Provider) -> dict[str, str]:
    """Return the headers that go along with every request to a provider; raise ``secrets.CannotOpen`` as above."""
    sealed = secrets.unseal(provider.sealed_headers)
    return dict(json.loads(sealed)) if sealed else {}


def seal_headers(headers: Mapping[str, str]) -> str:
    return secrets.seal(json.dumps(dict(headers))) if headers else ""


def _timeouts_of(provider: Provider) -> Timeouts:
    """Return a provider's own patience, and the site's where it has none."""
    site = conf.timeouts()
    return Timeouts(
        connect=provider.connect_timeout or site.connect,
        first=provider.first_timeout or site.first,
        stall=provider.stall_timeout or site.stall,
    )


def seal_anew() -> None:
    """Seal under the present ``SECRET_KEY`` what an earlier one sealed, so that its fallback can go one day.

    A key that cannot be opened stays as it is: the right fallback may come back.
    """
    for provider in Provider.objects.exclude(sealed_secret="", sealed_headers=""):
        sealed = {name: getattr(provider, name) for name in ("sealed_secret", "sealed_headers")}
        try:
            anew = {name: secrets.sealed_anew(value) if value else "" for name, value in sealed.items()}
        except secrets.CannotOpen:
            logger.error(
                "The key of the provider %r was sealed under another SECRET_KEY: put that one into "
                "SECRET_KEY_FALLBACKS, or enter the provider's key again under /admin/.",
                provider.name,
            )
            continue
        if anew != sealed:
            Provider.objects.filter(pk=provider.pk, **sealed).update(**anew)


def is_demo(models: Iterable[ChatModel]) -> bool:
    """Tell whether one of ``models``, read with their providers, is the embedded demo provider's."""
    return any(model.provider.origin == Provider.Origin.DEMO for model in models)


@transaction.atomic
def use_demo(base_url: str | None) -> None:
    """Point the demo provider at ``base_url``, or switch it off with None."""
    if base_url is None:
        Provider.objects.filter(origin=Provider.Origin.DEMO).update(is_enabled=False)
        return
    provider, _ = Provider.objects.update_or_create(
        origin=Provider.Origin.DEMO,
        defaults={"name": "Demo", "base_url": base_url, "is_enabled": True},
    )
    add_models(provider, DEMO_MODELS)


@transaction.atomic
def use_environment() -> Provider | None:
    """Write the provider that the environment names; None and switched off where it names none."""
    existing = Provider.objects.filter(origin=Provider.Origin.ENVIRONMENT)
    if settings.CHAT_DEMO and not settings.OPENAI_API_KEY:
        existing.update(is_enabled=False)
        return None
    provider, _ = Provider.objects.update_or_create(
        origin=Provider.Origin.ENVIRONMENT,
        defaults={"name": "Default", "base_url": settings.OPENAI_BASE_URL, "is_enabled": True},
    )
    if settings.CHAT_MODELS:
        add_models(provider, settings.CHAT_MODELS)
        provider.chat_models.exclude(name__in=settings.CHAT_MODELS).update(is_enabled=False)
        provider.chat_models.filter(name__in=settings.CHAT_MODELS).update(is_enabled=True)
    return provider


@transaction.atomic
def take_over(provider: Provider, *, add: Iterable[str], switch_off: Iterable[str], are_enabled: bool) -> int:
    """Carry out what an administrator chose of a provider's list; return how many models were new."""
    provider.chat_models.filter(name__in=list(switch_off)).update(is_enabled=False)
    return add_models(provider, add, are_enabled=are_enabled)


def add_models(provider: Provider, names: Iterable[str], *, are_enabled: bool = True) -> int:
    """Add models by name, guessing from it what they can; return how many were new. Known ones stay as they are."""
    known = set(provider.chat_models.values_list("name", flat=True))
    taken = set(ChatModel.objects.values_list("key", flat=True))
    new = []
    for order, name in enumerate(names):
        if name in known or not 0 < len(name) <= 200 or not name.isprintable():
            continue
        known.add(name)
        key = name if name not in taken else f"{provider.name}/{name}"[:200]
        new.append(
            _described(ChatModel(provider=provider, key=key, name=name, order=100 + order, is_enabled=are_enabled))
        )
    ChatModel.objects.bulk_create(new, ignore_conflicts=True)
    return len(new)


def conversational(names: Iterable[str]) -> list[str]:
    """Leave out what a provider lists but nobody can chat with: embeddings, speech, pictures."""
    return [name for name in names if not any(word in name.lower() for word in _NO_CHAT)]


def _described(model: ChatModel) -> ChatModel:
    name = model.name.lower()
    model.can_see = any(word in name for word in _SEEING)
    model.can_browse = "browsing" in name or "search" in name
    model.can_reason = any(word in name for word in _REASONING)
    model.label = _label(model.name)[:100]
    return model


def _label(name: str) -> str:
    words = name.rpartition("/")[2].replace("_", "-").split("-")
    return " ".join(word.upper() if word == "gpt" else word[:1].upper() + word[1:] for word in words if word)
