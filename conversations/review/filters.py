"""What the list of conversations can be narrowed to; every filter is in the address and all hold together."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib.auth.models import Group
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from conversations.models import AttachmentUse, Case, ChatModel, Conversation, Feedback, Generation, User
from conversations.models.conversations import ConversationQuerySet
from conversations.models.usage import UNITS
from conversations.search.queries import LONGEST_QUERY, Query, parse
from conversations.search.words import LANGUAGES

_FEW = 500
"""Runs that are looked up at once, well below what SQLite binds; a list of more would be made in full for one page."""
_MOST_PEOPLE = 200
"""People whom a part of a name or address may mean."""


class Filters(forms.Form):
    """The form above the list. Junk in the address is told in words and finds nothing."""

    q = forms.CharField(label=_("Words"), required=False, max_length=LONGEST_QUERY)
    person = forms.CharField(label=_("Person"), required=False, max_length=254)
    group = forms.ModelChoiceField(Group.objects.none(), label=_("Group"), required=False, empty_label="—")
    model = forms.ChoiceField(label=_("Model"), required=False)
    since = forms.DateField(label=_("From"), required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"))
    until = forms.DateField(label=_("To"), required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"))
    status = forms.ChoiceField(
        label=_("With an answer that"),
        required=False,
        choices=[
            ("", "—"),
            ("failed", _("failed")),
            ("interrupted", _("was interrupted")),
            ("stopped", _("was stopped")),
        ],
    )
    flagged = forms.BooleanField(label=_("In the queue"), required=False)
    rated = forms.ChoiceField(label=_("Rated"), required=False, choices=[("", "—"), *Feedback.Value.choices])
    pictures = forms.BooleanField(label=_("With pictures"), required=False)
    least = forms.DecimalField(label=_("Costs at least"), required=False, min_value=0, max_digits=12, decimal_places=6)
    most = forms.DecimalField(label=_("Costs at most"), required=False, min_value=0, max_digits=12, decimal_places=6)
    trace = forms.CharField(label=_("Trace id"), required=False, max_length=200)
    language = forms.ChoiceField(label=_("Script of"), required=False)
    sort = forms.ChoiceField(
        label=_("Order"), required=False, choices=[("", _("Newest first")), ("cost", _("Dearest first"))]
    )

    def __init__(self, data: Mapping[str, Any], groups: QuerySet[Group]) -> None:
        super().__init__(data)
        self.fields["group"].queryset = groups.order_by("name")  # type: ignore[attr-defined]
        labels = ChatModel.objects.order_by("label").values_list("label", flat=True).distinct()
        self.fields["model"].choices = [("", "—"), *((one, one) for one in labels)]  # type: ignore[attr-defined]
        names = [("", "—"), *((code, code) for code in LANGUAGES)]
        self.fields["language"].choices = names  # type: ignore[attr-defined]
        for name, field in self.fields.items():
            if not isinstance(field, forms.BooleanField):
                field.widget.attrs["class"] = "field"
            field.widget.attrs["id"] = f"filter-{name}"

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and until < since:
            self.add_error("until", _("This day is before the first one."))
        return cleaned

    @property
    def query(self) -> Query:
        return parse(self.cleaned_data["q"] + " ")

    @property
    def by_cost(self) -> bool:
        return self.cleaned_data["sort"] == "cost" and not self.query

    @property
    def given(self) -> dict[str, str]:
        """Return what is set, as the log tells it."""
        return {name: str(value)[:200] for name, value in self.cleaned_data.items() if value}

    def apply(self, found: ConversationQuerySet) -> QuerySet[Conversation]:
        """Narrow a selection to all that is asked for but its words, which ``listing`` looks up."""
        get = self.cleaned_data.get
        if get("person"):
            found = found.filter(owner__in=_people(self.cleaned_data["person"], found))
        if get("group"):
            found = found.filter(owner__in=User.objects.filter(groups=self.cleaned_data["group"]))
        if get("since"):
            found = found.filter(touched_at__gte=_midnight(self.cleaned_data["since"]))
        if get("until"):
            found = found.filter(touched_at__lt=_midnight(self.cleaned_data["until"] + timedelta(days=1)))
        if get("pictures"):
            found = found.filter(pk__in=AttachmentUse.objects.values("message__conversation"))
        if get("flagged"):
            found = found.filter(pk__in=Case.objects.open().values("conversation"))
        if get("rated"):
            rated = Feedback.objects.filter(value=self.cleaned_data["rated"])
            found = found.filter(pk__in=rated.values("conversation"))
        if get("least") is not None:
            found = found.filter(cost_units__gte=int(Decimal(self.cleaned_data["least"]) * UNITS))
        if get("most") is not None:
            found = found.filter(cost_units__lte=int(Decimal(self.cleaned_data["most"]) * UNITS))
        if get("language"):
            found = found.filter(language=self.cleaned_data["language"])
        runs = {"status": get("status"), "model_label": get("model"), "trace_id": get("trace")}
        for field, value in runs.items():
            if value:
                found = _with_a_run(found, Generation.objects.filter(**{field: value}))
        return found


def _with_a_run(found: ConversationQuerySet, runs: QuerySet[Generation]) -> ConversationQuerySet:
    """Keep conversations with such a run: few are named; of many, each conversation is asked as it is come to."""
    few = list(runs.values_list("conversation", flat=True)[: _FEW + 1])
    if len(few) <= _FEW:
        return found.filter(pk__in=few)
    return found.filter(Exists(runs.filter(conversation=OuterRef("pk"))))


def _people(text: str, found: ConversationQuerySet) -> list[Any]:
    """Return who is meant: by the whole address, else by how it or the name begins, of those who are in a selection."""
    exact = User.objects.filter(email=text.lower()).values_list("pk", flat=True)
    begins = User.objects.filter(Q(email__istartswith=text) | Q(name__istartswith=text))
    within = begins.filter(Exists(found.filter(owner=OuterRef("pk")).order_by()))
    return list(exact) or list(within.values_list("pk", flat=True)[:_MOST_PEOPLE])


def _midnight(day: Any) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()), timezone.get_default_timezone())
