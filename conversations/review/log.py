"""The page of the log: who did what, when; checked by a button."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from conversations import access, audit
from conversations.models import AuditEntry
from conversations.review.exports import FORMS, neutral
from conversations.web.people import PersonRequest, for_people
from conversations.web.streaming import Streamed

PAGE = 100


class LogFilters(forms.Form):
    who = forms.CharField(label=_("Who"), required=False, max_length=254)
    action = forms.CharField(label=_("What"), required=False, max_length=60)
    target = forms.CharField(label=_("Id"), required=False, max_length=64)
    since = forms.DateField(label=_("From"), required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"))
    until = forms.DateField(label=_("To"), required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"))

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        for name, field in self.fields.items():
            field.widget.attrs |= {"class": "field", "id": f"filter-{name}"}

    def apply(self) -> QuerySet[AuditEntry]:
        """Return the entries asked for, the latest first; none where the address holds junk."""
        if not self.is_valid():
            return AuditEntry.objects.none()
        get, found = self.cleaned_data.get, AuditEntry.objects.order_by("-number")
        if get("who"):
            found = found.filter(actor__istartswith=self.cleaned_data["who"])
        if get("action"):
            found = found.filter(action__startswith=self.cleaned_data["action"])
        if get("target"):
            found = found.filter(target=self.cleaned_data["target"])
        if get("since"):
            found = found.filter(made_at__gte=_midnight(self.cleaned_data["since"]))
        if get("until"):
            found = found.filter(made_at__lt=_midnight(self.cleaned_data["until"] + timedelta(days=1)))
        return found


@require_http_methods(["GET", "HEAD", "POST"])
@for_people
def show(request: PersonRequest) -> HttpResponse:
    """Show the log; a POST checks its chain and says what it found."""
    access.check_auditor(request.user)
    filters = LogFilters(request.GET)
    found = filters.apply()
    before = request.GET.get("before", "")
    if before.isascii() and before.isdecimal() and len(before) < 18:
        found = found.filter(number__lt=int(before))
    rows = list(found[: PAGE + 1])
    query = request.GET.copy()
    query.pop("before", None)
    context: dict[str, object] = {"filters": filters, "entries": rows[:PAGE], "query": query.urlencode()}
    if len(rows) > PAGE:
        query["before"] = str(rows[PAGE - 1].number)
        context["next_url"] = f"?{query.urlencode()}"
    if request.method == "POST":
        context["verdict"] = verdict = audit.verify()
        context["faults"] = [_said(fault) for fault in verdict.faults]
    return render(request, "review/log.html", context)


@require_POST
@for_people
def export(request: PersonRequest) -> HttpResponseBase:
    """Send the entries that the address names as a file; that, too, is an entry."""
    access.check_auditor(request.user)
    form = request.POST.get("form", "")
    form = form if form in FORMS else "csv"
    filters = LogFilters(request.GET)
    found = filters.apply()
    given = {name: str(value)[:200] for name, value in filters.cleaned_data.items() if value}
    audit.record(request.user, "audit.exported", kind="log", details={"form": form, **given})
    return Streamed(
        _lines(found, form),
        content_type=f"{FORMS[form]}; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="log-{timezone.localdate():%Y-%m-%d}.{form}"'},
    )


def _said(fault: audit.Fault) -> str:
    match fault.kind:
        case audit.Kind.CHANGED:
            text = gettext("Entry {first} was changed or put elsewhere.")
        case audit.Kind.MISSING if fault.first == fault.last:
            text = gettext("Entry {first} is missing.")
        case audit.Kind.MISSING:
            text = gettext("Entries {first} to {last} are missing.")
        case audit.Kind.LOOSE:
            text = gettext("Entry {first} does not follow on the one before it: one of the two was written anew.")
        case audit.Kind.END:
            text = gettext("Entry {first}, the last one, is not the one that the site wrote last.")
    return text.format(first=fault.first, last=fault.last)


_COLUMNS = ("number", "made_at", "actor", "address", "action", "kind", "target", "label", "details", "previous", "hash")


class _Line:
    def write(self, text: str) -> str:
        return text


def _lines(found: QuerySet[AuditEntry], form: str) -> Iterator[str]:
    writer = csv.writer(_Line())
    if form == "csv":
        yield "\ufeff" + str(writer.writerow(_COLUMNS))
    for entry in found.iterator(chunk_size=500):
        row = {name: getattr(entry, name) for name in _COLUMNS}
        row["made_at"] = entry.made_at.isoformat()
        if form == "csv":
            row["details"] = json.dumps(entry.details, ensure_ascii=False)
            yield str(writer.writerow([neutral(value) for value in row.values()]))
        else:
            yield json.dumps(row, ensure_ascii=False) + "\n"


def _midnight(day: Any) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()), timezone.get_default_timezone())
