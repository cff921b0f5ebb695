"""The log is a chain: what is changed, removed or moved in the database is found."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conversations import audit
from conversations.audit import Fault, Kind
from conversations.models import AuditEntry, AuditHead, ReviewScope, User
from tests.doors.belongings import as_
from tests.support.servers import postgres

pytestmark = pytest.mark.django_db

ROOT = Path(__file__).resolve().parents[2]
COUNT = 6


def sql(statement: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def fill(user: User) -> None:
    AuditEntry.objects.all()._raw_delete("default")
    AuditHead.objects.all().delete()
    for number in range(COUNT):
        audit.record(user, "test.done", kind="thing", target=str(number), details={"number": number, "word": "é"})


def test_a_log_that_nobody_touched_holds(alice: User) -> None:
    fill(alice)
    verdict = audit.verify()
    assert (verdict.count, verdict.holds) == (COUNT, True)
    assert verdict.hash == AuditEntry.objects.get(number=COUNT).hash


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    at=st.integers(1, COUNT),
    column=st.sampled_from(
        ["actor", "address", "action", "kind", "target", "label", "previous", "hash", "details", "made_at"]
    ),
)
def test_an_edited_entry_is_found_whatever_was_edited(alice: User, at: int, column: str) -> None:
    fill(alice)
    forged = {"details": json.dumps({"number": 99}), "made_at": "2020-01-01 00:00:00"}.get(column, "forged")
    sql(f"UPDATE conversations_auditentry SET {column} = %s WHERE number = %s", forged, at)
    assert audit.verify().faults[0] == Fault(Kind.CHANGED, at, at)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    removed=st.sets(st.integers(1, COUNT), max_size=COUNT - 1),
    edited=st.sets(st.integers(1, COUNT)),
)
def test_all_that_is_removed_or_edited_is_named_and_nothing_else(
    alice: User, removed: set[int], edited: set[int]
) -> None:
    fill(alice)
    for number in removed:
        sql("DELETE FROM conversations_auditentry WHERE number = %s", number)
    for number in edited:
        sql("UPDATE conversations_auditentry SET label = 'x' WHERE number = %s", number)
    named: dict[Kind, set[int]] = {kind: set() for kind in Kind}
    for fault in audit.verify().faults:
        named[fault.kind] |= set(range(fault.first, fault.last + 1))
    assert named == {Kind.MISSING: removed, Kind.CHANGED: edited - removed, Kind.LOOSE: set(), Kind.END: set()}


@pytest.mark.parametrize("at", [3, COUNT])
def test_an_entry_that_was_written_anew_with_its_hash_is_found_by_its_neighbour(alice: User, at: int) -> None:
    fill(alice)
    forged = AuditEntry.objects.get(number=at)
    forged.label = "forged"
    sql("UPDATE conversations_auditentry SET label = 'forged', hash = %s WHERE number = %s", forged.digest(), at)
    expected = Fault(Kind.LOOSE, at + 1, at + 1) if at < COUNT else Fault(Kind.END, at, at)
    assert audit.verify().faults == [expected]


def test_entries_from_before_addresses_were_noted_still_hold(alice: User) -> None:
    audit.record(alice, "test.done")
    with audit.coming_from("2001:db8::7"):
        entry = audit.record(alice, "test.done")
    assert (AuditEntry.objects.get(number=1).address, entry.address) == ("", "2001:db8::7")
    assert audit.verify().holds


def test_entries_that_changed_places_are_found(alice: User) -> None:
    fill(alice)
    for number, place in ((2, 100), (3, 2), (100, 3)):
        sql("UPDATE conversations_auditentry SET number = %s WHERE number = %s", place, number)
    assert audit.verify().faults == [Fault(Kind.CHANGED, 2, 2), Fault(Kind.CHANGED, 3, 3)]


def test_entries_are_neither_saved_again_nor_deleted(alice: User) -> None:
    entry = audit.record(alice, "test.done")
    with pytest.raises(Exception, match=r"UNIQUE|already exists|duplicate"):
        entry.save()


def test_an_entry_refuses_its_deletion(alice: User) -> None:
    with pytest.raises(TypeError):
        audit.record(alice, "test.done").delete()
    with pytest.raises(TypeError):
        AuditEntry.objects.all().delete()
    with pytest.raises(TypeError):
        AuditEntry.objects.update(label="x")


RECORD = """
from conversations import audit
for _ in range(5):
    audit.record(None, "test.done")
"""
VERIFY = "from conversations import audit; v = audit.verify(); print(v.count, v.holds)"


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_entries_made_at_once_in_several_processes_follow_each_other(kind: str, tmp_path: Path) -> None:
    with postgres() if kind == "postgresql" else nullcontext("") as address:
        environment = {**os.environ, "CHAT_DATA_DIR": str(tmp_path), "DATABASE_URL": address, "DEBUG": "1"}

        def manage(*arguments: str) -> str:
            command = [sys.executable, "manage.py", *arguments]
            done = subprocess.run(
                command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
            )
            return done.stdout

        manage("migrate", "--verbosity=0")
        with ThreadPoolExecutor(3) as pool:
            list(pool.map(lambda _: manage("shell", "-c", RECORD), range(3)))
        said = manage("shell", "-c", VERIFY)
    assert said.splitlines()[-1] == "15 True"


@pytest.fixture
def office(sue: User) -> Client:
    return as_(sue)


def test_what_administrators_change_stands_in_the_log_without_its_values(office: Client, alice: User) -> None:
    page = f"/admin/conversations/user/{alice.pk}/change/"
    fields = {
        "email": alice.email, "name": "Another Name", "is_active": "on", "date_joined_0": "2026-01-01",
        "date_joined_1": "00:00", **_no_inlines("allowances", "review_scopes"),
    }  # fmt: skip
    answer = office.post(page, fields)
    assert answer.status_code == 302, [answer.context["errors"], answer.context["adminform"].form.errors]
    entry = AuditEntry.objects.latest("number")
    assert (entry.action, entry.kind, entry.target, entry.label) == (
        "admin.changed",
        "user",
        str(alice.pk),
        alice.email,
    )
    assert (entry.details, entry.address) == ({"fields": ["Name"]}, "127.0.0.1")
    assert office.post(
        "/admin/conversations/user/", {"action": "deactivate", "_selected_action": [str(alice.pk)]}
    ).status_code in (200, 302)
    assert AuditEntry.objects.latest("number").action == "admin.deactivate"


def test_an_action_on_everybody_at_once_stands_in_the_log(office: Client, alice: User, bob: User) -> None:
    chosen = {"action": "activate", "select_across": "1", "index": "0", "_selected_action": [str(alice.pk)]}
    office.post("/admin/conversations/user/", chosen)
    acted = AuditEntry.objects.filter(action="admin.activate").values_list("label", flat=True)
    assert {alice.email, bob.email} <= set(acted)


def _no_inlines(*prefixes: str) -> dict[str, str]:
    return {f"{prefix}-{name}_FORMS": "0" for prefix in prefixes for name in ("TOTAL", "INITIAL")}


def test_a_scope_that_somebody_gives_stands_in_the_log(office: Client, sue: User) -> None:
    fields = {
        "email": sue.email, "is_active": "on", "is_staff": "on", "is_superuser": "on",
        **_no_inlines("allowances", "review_scopes"), "review_scopes-TOTAL_FORMS": "1",
        "review_scopes-0-reviewer": str(sue.pk), "review_scopes-0-group": "",
    }  # fmt: skip
    before = AuditEntry.objects.count()
    office.post(f"/admin/conversations/user/{sue.pk}/change/", fields)
    assert AuditEntry.objects.count() > before
    assert ReviewScope.objects.filter(reviewer=sue, group=None).exists()


def test_the_page_filters_verifies_and_exports(office: Client, sue: User, alice: User) -> None:
    fill(alice)
    audit.record(sue, "other.act", label='=HYPERLINK("x")')
    text = office.get("/audit/?who=alice&action=test").content.decode()
    assert text.count("test.done") == COUNT
    assert "other.act" not in text
    assert office.get("/audit/?since=junk&before=%00").status_code == 200
    assert "The chain holds: 7 entries" in office.post("/audit/").content.decode()
    sheet = b"".join(office.post("/audit/export", {"form": "csv"}).streaming_content).decode()  # type: ignore[attr-defined]
    assert "'=HYPERLINK" in sheet
    assert AuditEntry.objects.latest("number").action == "audit.exported"
    sql("UPDATE conversations_auditentry SET actor = 'eve' WHERE number = 3")
    sql("DELETE FROM conversations_auditentry WHERE number = 5")
    page = office.post("/audit/").content.decode()
    assert "Entry 3 was changed or put elsewhere." in page
    assert "Entry 5 is missing." in page
    assert "The chain holds" not in page


def test_whoever_may_not_read_the_log_is_told_nothing_of_it(alice: User) -> None:
    assert as_(alice).get("/audit/").status_code == 404
    assert as_(alice).post("/audit/export").status_code == 404
