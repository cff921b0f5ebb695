"""The page of usage and a month's bill: the figures of the sums, for whoever may see them, whatever is asked."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.utils import timezone

from conversations import usage
from conversations.models import SitePolicy, UsageRecord, User
from conversations.usage import plots
from conversations.usage.bill import harmless

pytestmark = pytest.mark.django_db

MAY = date(2026, 5, 1)


@pytest.fixture
def office(sue: User) -> Client:
    client = Client()
    client.force_login(sue)
    return client


def used(owner: User | None, day: date, label: str = "Small", **figures: Any) -> None:
    """Write a settled record; ``usage.rebuild`` adds it up."""
    given = {"messages": 1, "prompt_tokens": 100, "completion_tokens": 10, "cost": Decimal("0.5"), **figures}
    UsageRecord.objects.create(owner=owner, day=day, model_label=label, is_reserved=False, **given)
    usage.rebuild()


def text_of(page: Any) -> str:
    assert page.status_code == 200, page
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.content.decode()))


def test_a_year_is_drawn_told_in_a_table_and_led_by_the_greatest(office: Client, alice: User, bob: User) -> None:
    Group.objects.create(name="Birds").user_set.add(alice)
    used(alice, date(2026, 5, 3), cost=Decimal("1.25"), first_ms=1500)
    used(alice, date(2026, 5, 3), "Large", cost=Decimal("2.5"), first_ms=500, is_failed=True)
    used(bob, date(2026, 6, 30), prompt_tokens=2_000_000)
    used(bob, date(2025, 12, 31), cost=Decimal(900))
    page = office.get("/usage/", {"period": "2026"})
    words = text_of(page)
    assert "May 3, 2026 2 200 20 3.75 1 1.0 s" in words
    assert "Together 3 2,000,200 30 4.25 1 1.0 s" in words
    assert words.index("alice") < words.index("bob")
    assert "Birds 2 200 20 3.75" in words
    assert "900" not in words
    assert page.content.decode().count('<svg class="plot__box"') == 5


def test_filters_narrow_everything_and_names_lead_to_them(office: Client, alice: User, bob: User) -> None:
    group = Group.objects.create(name="Birds")
    group.user_set.add(alice)
    used(alice, MAY, cost=Decimal("1.25"))
    used(alice, MAY, "Large", cost=Decimal("2.5"))
    used(bob, MAY, cost=Decimal("70.5"))
    for narrowed, cost in (
        ({"person": "ALICE@example.org"}, "3.75"),
        ({"group": group.pk}, "3.75"),
        ({"model": "Large"}, "2.50"),
        ({"model": "Small", "person": "bob@example.org"}, "70.50"),
    ):
        for period in ("2026-05", "2026"):
            page = office.get("/usage/", {"period": period, **narrowed})
            assert f"Together 2 200 20 {cost}" in text_of(page) or f"Together 1 100 10 {cost}" in text_of(page)
    links = re.findall(r'href="(\?[^"]+)"', office.get("/usage/", {"period": "2026-05"}).content.decode())
    assert len(links) == 5
    for link in links:
        assert "Together" in text_of(office.get("/usage/" + link.replace("&amp;", "&")))


def test_the_last_thirty_days_end_today(office: Client, alice: User) -> None:
    today = timezone.localdate()
    used(alice, today, cost=Decimal("0.75"))
    used(alice, today - timezone.timedelta(days=29), cost=Decimal("0.5"))
    used(alice, today - timezone.timedelta(days=30), cost=Decimal(9))
    words = text_of(office.get("/usage/"))
    assert "Together 2 200 20 1.25" in words
    assert "alice@example.org 2 200 20 1.25" in words


@pytest.mark.parametrize(
    "junk",
    [
        {"period": "2026-13"}, {"period": "\x00"}, {"period": "20260"}, {"person": "nobody@example.org"},
        {"person": "a\x00b"}, {"person": "x" * 9_999}, {"group": "9" * 99}, {"group": "\x00"}, {"group": "-1"},
        {"model": "' OR 1=1"}, {"model": "\x00"}, {"person": "%", "group": "1e9", "model": "?", "period": "now"},
    ],
    ids=lambda junk: "-".join(junk),
)  # fmt: skip
def test_junk_is_refused_in_plain_words(office: Client, alice: User, junk: dict[str, str]) -> None:
    used(alice, MAY)
    page = office.get("/usage/", junk)
    assert page.status_code == 200
    assert 'class="field-row__error"' in page.content.decode()
    assert "Together" not in text_of(page)
    assert office.get("/usage/bill", {"month": next(iter(junk.values()))}).status_code == 302


def test_an_empty_site_has_an_empty_page(office: Client) -> None:
    assert "Nothing was used in this period." in text_of(office.get("/usage/"))


def test_only_staff_with_the_right_see_it_and_only_behind_their_second_step(alice: User, sue: User) -> None:
    client, right = Client(), Permission.objects.get(codename="see_usage")
    client.force_login(alice)
    alice.user_permissions.add(right)
    assert client.get("/usage/").status_code == 404
    User.objects.filter(pk=alice.pk).update(is_staff=True)
    assert client.get("/usage/").status_code == 200
    assert "/usage/" in client.get("/").content.decode()
    SitePolicy.objects.update_or_create(pk=1, defaults={"staff_need_mfa": True})
    assert client.get("/usage/bill", {"month": "2026-05"})["Location"] == "/accounts/2fa/"
    SitePolicy.objects.update(staff_need_mfa=False)
    alice.user_permissions.clear()
    assert client.get("/usage/").status_code == 404
    assert "/usage/" not in client.get("/").content.decode()


def test_a_page_costs_as_many_queries_for_many_as_for_one(
    office: Client, alice: User, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    for number in range(30):
        person = User.objects.create_user(f"p{number}@example.org")
        Group.objects.create(name=f"G{number}").user_set.add(person)
        UsageRecord.objects.create(owner=person, day=MAY, model_label=f"M{number}", is_reserved=False)
    usage.rebuild()
    with django_assert_max_num_queries(16):
        assert office.get("/usage/", {"period": "2026"}).status_code == 200


# The bill


def test_a_bill_has_exact_costs_and_no_formulas(office: Client, alice: User, bob: User) -> None:
    User.objects.filter(pk=alice.pk).update(name='=HYPERLINK("http://evil")')
    used(alice, MAY, "@SUM(1)", cost=Decimal("0.00000001"))
    used(alice, MAY, "@SUM(1)", cost=Decimal("1234.1"), is_estimated=True)
    used(bob, MAY, cost=Decimal(2))
    used(alice, date(2026, 6, 1), cost=Decimal(77))
    gone = User.objects.create_user("gone@example.org")
    used(gone, MAY)
    gone.delete()
    answer = office.get("/usage/bill", {"month": "2026-05"})
    assert answer["Content-Type"].startswith("text/csv")
    assert 'filename="usage-2026-05.csv"' in answer["Content-Disposition"]
    rows = list(csv.reader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))
    assert [row[1:] for row in rows[1:]] == [
        ["alice@example.org", "'=HYPERLINK(\"http://evil\")", "'@SUM(1)", "2", "2", "200", "20", "1234.10000001",
         "1234.10000000"],
        ["bob@example.org", bob.name, "Small", "1", "1", "100", "10", "2.00000000", "0.00000000"],
        ["deleted account", "", "Small", "1", "1", "100", "10", "0.50000000", "0.00000000"],
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@A1", "\t=1", "\r=1", " =1", "\n+1"])
def test_what_looks_like_a_formula_is_text(text: str) -> None:
    assert harmless(text) == f"'{text}"
    assert harmless(f"a{text}") == f"a{text}"


# Plots


def test_bars_are_as_high_as_their_values_and_never_vanish() -> None:
    drawn = plots.bars([0, 7, 20, 0.001])
    assert (drawn.width, drawn.top) == (40, 20)
    assert drawn.path == "M10 100v-35h8v35zM20 100v-100h8v100zM30 100v-1h8v1z"
    assert plots.bars([]).path == plots.bars([0, 0]).path == ""


@pytest.mark.parametrize(
    ("value", "top"),
    [(0, 1), (1, 1), (1.1, 1.5), (3, 3), (51, 60), (0.011, 0.015), (1000, 1000), (2_000_001, 3_000_000)],
)
def test_the_scale_is_a_round_number(value: float, top: float) -> None:
    assert plots.round_up(value) == top
