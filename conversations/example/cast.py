"""Who uses the example site, in which groups, and which models at which prices."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from conversations.models import ChatModel, ModelPrice, Provider

DOMAIN = "example.org"

GROUPS = ("Engineering", "Research", "Support", "Marketing", "Legal")

PEOPLE = (
    "Ada Okafor", "Jonas Lindqvist", "Mei Chen", "Priya Raman", "Tomás Herrera", "Ingrid Sørensen", "Kwame Mensah",
    "Lucía Fernández", "Yuki Tanaka", "Omar Haddad", "Hannah Weiss", "Wei Zhang", "Sofia Rossi", "Daniel Novak",
    "Amara Diallo", "Elif Yılmaz", "Noah Bergström", "Li Na Wang", "Mateus Oliveira", "Freya MacLeod", "Arjun Patel",
    "Chloé Dubois", "Viktor Petrov", "Zanele Khumalo", "Lars Vogel", "Xin Yi Liu", "Maria Kowalska", "Ben Carter",
    "Leila Farsi", "Hugo Martin", "Grace Kim", "Pavel Dvořák", "Nadia Rahman", "Oskar Nilsson", "Ruth Adeyemi",
    "Jing Zhao", "Clara Hoffmann", "Samuel Otieno", "Eva Horvat", "Rafael Costa",
)  # fmt: skip
"""By how much they use the site; the first one administers it."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A model of the example: how often it is chosen, how fast it begins, what a million tokens cost at first."""

    label: str
    description: str
    weight: int
    first_seconds: float
    tokens_per_second: float
    prompt: str
    completion: str
    cached: str | None = None
    sees: bool = False
    browses: bool = False
    reasons: bool = False
    window: int = 128_000

    @property
    def key(self) -> str:
        return "example-" + self.label.lower().replace(" ", "-")


KINDS = (
    Kind("Swift", "Quick, for everyday questions", 46, 0.4, 110, "0.15", "0.6", "0.075"),
    Kind("Atlas", "Careful, for long texts and code", 30, 0.9, 60, "2.5", "10", "1.25", window=200_000),
    Kind("Atlas Vision", "Careful, and sees pictures", 7, 1.1, 55, "2.5", "10", sees=True),
    Kind("Sage", "Thinks before it answers", 11, 2.6, 45, "5", "20", reasons=True, window=200_000),
    Kind("Lantern", "Looks things up", 6, 1.8, 50, "3", "12", browses=True, window=64_000),
)


def email_of(name: str) -> str:
    first, _, last = name.lower().partition(" ")
    plain = (first + "." + last.replace(" ", "")).translate(str.maketrans("áéíóúøöüýřçıñ", "aeiouoouyrcin"))
    return f"{plain.encode('ascii', 'ignore').decode()}@{DOMAIN}"


def make_models(since: date) -> list[ChatModel]:
    """Return the models of the example, made where they are not there yet.

    Their provider is switched off, for nobody answers there: a chat goes on with the site's own models. In the middle
    of the year the careful ones became cheaper.
    """
    provider, _ = Provider.objects.get_or_create(
        name="Example provider", defaults={"base_url": f"https://models.{DOMAIN}/v1", "is_enabled": False}
    )
    made = []
    for order, kind in enumerate(KINDS, 500):
        model, is_new = ChatModel.objects.get_or_create(
            key=kind.key,
            defaults={
                "provider": provider, "name": kind.key, "label": kind.label, "description": kind.description,
                "can_see": kind.sees, "can_browse": kind.browses, "can_reason": kind.reasons,
                "context_window": kind.window, "order": order,
            },
        )  # fmt: skip
        if is_new:
            _price(model, kind, since, Decimal(1))
            if kind.label.startswith("Atlas"):
                _price(model, kind, since + timedelta(days=183), Decimal("0.8"))
        made.append(model)
    return made


def _price(model: ChatModel, kind: Kind, since: date, share: Decimal) -> None:
    ModelPrice.objects.create(
        chat_model=model, since=since, prompt_price=Decimal(kind.prompt) * share,
        completion_price=Decimal(kind.completion) * share,
        cached_price=Decimal(kind.cached) * share if kind.cached else None,
    )  # fmt: skip
