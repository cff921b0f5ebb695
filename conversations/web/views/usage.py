"""What the site used, for administrators: plots, lists of the greatest, a month's bill."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import wraps
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.contrib.auth.models import Group
from django.http import HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import formats
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_safe

from conversations import access
from conversations.accounts import policy
from conversations.models import User
from conversations.models.usage import today
from conversations.usage import plots
from conversations.usage.bill import bill_of
from conversations.usage.report import RECENT, Figures, Period, Question, Report, labels_used, months_used, report
from conversations.web.people import PersonRequest, for_people
from conversations.web.streaming import Streamed


def for_accountants(view: Callable[[PersonRequest], HttpResponseBase]) -> Callable[[PersonRequest], HttpResponseBase]:
    """Let in whoever may see the usage; without the second step that the site asks of them, only to set it up."""

    @wraps(view)
    def handle(request: PersonRequest) -> HttpResponseBase:
        access.for_usage(request.user)
        if policy.needs_second_factor(request.user):
            messages.warning(
                request, gettext("Set up a second step first: the site asks it of everybody who administers.")
            )
            return redirect("mfa_index")
        return view(request)

    return handle


class Choice(forms.Form):
    """What to show, out of an address."""

    period = forms.ChoiceField(label=gettext_lazy("Period"), required=False)
    person = forms.CharField(
        label=gettext_lazy("Person"),
        required=False,
        max_length=254,
        widget=forms.TextInput({"placeholder": gettext_lazy("Email"), "autocomplete": "off", "inputmode": "email"}),
    )
    group: forms.ModelChoiceField[Group] = forms.ModelChoiceField(
        label=gettext_lazy("Group"),
        required=False,
        queryset=Group.objects.order_by("name"),
        empty_label=gettext_lazy("All"),
    )
    model = forms.ChoiceField(label=gettext_lazy("Model"), required=False)

    def __init__(self, data: QueryDict, months: list[date]) -> None:
        super().__init__({**data.dict(), "period": data.get("period") or RECENT})
        years = dict.fromkeys(str(month.year) for month in months)
        self.fields["period"].choices = [  # type: ignore[attr-defined]
            (RECENT, gettext("Last 30 days")),
            *((year, year) for year in years),
            *((f"{month:%Y-%m}", named_month(month)) for month in months),
        ]
        self.fields["model"].choices = [("", gettext("All")), *((one, one) for one in labels_used() if one)]  # type: ignore[attr-defined]

    def clean_person(self) -> User | None:
        email = self.cleaned_data["person"].strip()
        if not email:
            return None
        found = User.objects.filter(email=email.lower()).first()
        if found is None:
            raise forms.ValidationError(gettext("Nobody here has this address."))
        return found

    def question(self) -> Question:
        period = Period.named(self.cleaned_data["period"], today())
        assert period is not None  # it is one of the choices
        chosen = self.cleaned_data
        return Question(period, chosen["person"], chosen["group"], chosen["model"] or None)


@dataclass(frozen=True, slots=True)
class Plot:
    """One figure of all days, drawn."""

    name: str
    total: str
    top: str
    bars: plots.Bars
    height: int = plots.HEIGHT


@require_safe
@for_people
@for_accountants
def show(request: PersonRequest) -> HttpResponse:
    form = Choice(request.GET, months_used(today()))
    context: dict[str, object] = {"form": form}
    if form.is_valid():
        found = report(form.question())
        bills = [(f"{month:%Y-%m}", named_month(month)) for month in found.question.period.months if month <= today()]
        context |= {
            "period": found.question.period,
            "tiles": _plots(found),
            "days": _table(found),
            "lists": _lists(found, request.GET),
            "bills": bills[::-1],
            "has_estimates": found.total.estimated_units > 0,
            "total": _row(found.total),
        }
    return render(request, "usage/show.html", context)


@require_safe
@for_people
@for_accountants
def bill(request: PersonRequest) -> HttpResponseBase:
    """Send a month as comma-separated values; what is no month is sent back to the page."""
    period = Period.named(request.GET.get("month", ""), today())
    if period is None or len(period.months) != 1 or not period.is_of_months:
        messages.warning(request, gettext("Choose a month for the bill."))
        return redirect("usage:show")
    answer = Streamed(bill_of(period.first), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="usage-{period.name}.csv"'
    return answer


def named_month(month: date) -> str:
    return formats.date_format(month, "YEAR_MONTH_FORMAT")


def _plots(found: Report) -> list[Plot]:
    days, total = list(found.days.values()), found.total

    def plot(name: str, values: list[float], shown: str, top: Callable[[float], str]) -> Plot:
        drawn = plots.bars(values)
        return Plot(name, shown, top(drawn.top), drawn)

    return [
        plot(gettext("Messages"), [one.messages for one in days], _whole(total.messages), _whole),
        plot(gettext("Tokens"), [one.tokens for one in days], _whole(total.tokens), _whole),
        plot(gettext("Cost"), [one.cost_units / 1e8 for one in days], _money(float(total.cost)), _money),
        plot(gettext("Failed answers"), [one.failures for one in days], _whole(total.failures), _whole),
        plot(
            gettext("Time to the first character"),
            [one.first_seconds for one in days],
            _seconds(total.first_seconds),
            _seconds,
        ),
    ]


def _table(found: Report) -> Iterator[tuple[str, tuple[str, ...]]]:
    for day, figures in found.days.items():
        if figures.answers:
            yield formats.date_format(day, "DATE_FORMAT"), _row(figures)


def _row(figures: Figures) -> tuple[str, ...]:
    return (
        _whole(figures.messages),
        _whole(figures.prompt_tokens),
        _whole(figures.completion_tokens),
        _money(float(figures.cost)),
        _whole(figures.failures),
        _seconds(figures.first_seconds) if figures.firsts else "–",
    )


def _lists(found: Report, chosen: QueryDict) -> list[tuple[str, list[tuple[str, str, tuple[str, ...]]]]]:
    """Return the lists of the greatest; a name leads to its own figures."""

    def narrowed(**more: str) -> str:
        return "?" + urlencode({**chosen.dict(), **more})

    groups = {group.name: str(group.pk) for group in Group.objects.all()} if found.groups else {}
    lists = [
        (
            gettext("Models"),
            [(one.name or "–", narrowed(model=one.name), _row(one.figures)) for one in found.models],
        ),
        (gettext("People"), [(one.name, narrowed(person=one.email), _row(one.figures)) for one in found.people]),
        (
            gettext("Groups"),
            [(one.name, narrowed(group=groups.get(one.name, "")), _row(one.figures)) for one in found.groups],
        ),
    ]
    return [(name, rows) for name, rows in lists if rows]


def _whole(value: float) -> str:
    return f"{value:,.0f}" if value >= 1 or value == 0 else f"{value:g}"


def _money(value: float) -> str:
    return f"{value:,.2f}" if value >= 1 or value == 0 else f"{value:.4f}"


def _seconds(value: float) -> str:
    return gettext("{seconds} s").format(seconds=f"{value:.1f}" if value >= 0.1 or value == 0 else f"{value:.2g}")
