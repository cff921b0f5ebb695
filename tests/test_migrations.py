"""What was stored before a migration is there after it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import connection, models
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

WHOLE = ("conversations", "0001_whole")


def steps() -> MigrationExecutor:
    """Return what goes step by step, where a new site takes them all at once."""
    executor = MigrationExecutor(connection)
    executor.loader = one_by_one()
    return executor


def one_by_one() -> MigrationLoader:
    loader = MigrationLoader(connection, replace_migrations=False)
    loader.graph.remove_replacement_node(WHOLE, loader.disk_migrations[WHOLE].replaces)
    return loader


def shape() -> dict[str, object]:
    """Return every table with its columns, indexes and constraints."""
    read = connection.introspection
    with connection.cursor() as cursor:
        return {
            table: (
                {(column.name, column.null_ok) for column in read.get_table_description(cursor, table)},
                {
                    (tuple(one["columns"] or ()), one["unique"], one["foreign_key"], one["index"] and name)
                    for name, one in read.get_constraints(cursor, table).items()
                },
            )
            for table in read.table_names(cursor)
            if table.startswith("conversations_")
        }


@pytest.mark.django_db
def test_a_new_sites_tables_are_what_the_steps_lead_to() -> None:
    at_once, by_steps = MigrationLoader(None).project_state(), one_by_one().project_state()
    assert at_once.models.keys() == by_steps.models.keys()
    for key, model in at_once.models.items():
        other = by_steps.models[key]
        assert model.fields.keys() == other.fields.keys()
        for name, field in model.fields.items():
            assert field.deconstruct()[1:] == other.fields[name].deconstruct()[1:], (key, name)
        for option in model.options.keys() | other.options.keys():
            ours, theirs = model.options.get(option, []), other.options.get(option, [])
            if option in ("indexes", "constraints"):
                ours, theirs = sorted(ours, key=named), sorted(theirs, key=named)
            assert (ours or None) == (theirs or None), (key, option)


def named(one: models.Index | models.BaseConstraint) -> str:
    return one.name


@pytest.mark.django_db(transaction=True)
def test_a_models_two_prices_become_prices_from_the_first_day_on_and_its_usage_is_added_up() -> None:
    old, new = [("conversations", "0005_siblings")], [("conversations", "0006_prices")]
    before = shape()
    everything = steps().loader.graph.leaf_nodes()
    steps().migrate(old)
    try:
        get_model = steps().loader.project_state(old).apps.get_model
        provider = get_model("conversations", "Provider").objects.create(name="P", base_url="http://127.0.0.1:9/v1")
        priced = get_model("conversations", "ChatModel").objects.create(
            provider=provider, key="m", name="m", label="M", prompt_price=Decimal("1.5"), completion_price=2
        )
        get_model("conversations", "ChatModel").objects.create(provider=provider, key="free", name="f", label="F")
        for tokens, is_reserved in ((10, False), (20, False), (99, True)):
            get_model("conversations", "UsageRecord").objects.create(
                chat_model=priced, model_label="M", prompt_tokens=tokens, cost=Decimal(tokens) / 8, messages=1,
                is_reserved=is_reserved, made_at=datetime(2026, 2, 3, 23, 59, tzinfo=UTC),
            )  # fmt: skip
        steps().migrate(new)
        get_model = steps().loader.project_state(new).apps.get_model
        price = get_model("conversations", "ModelPrice").objects.get()
        assert (price.since, price.prompt_price, price.completion_price) == (date(2000, 1, 1), Decimal("1.5"), 2)
        record = get_model("conversations", "UsageRecord").objects.filter(prompt_tokens=10).get()
        assert (record.day, record.prompt_price) == (date(2026, 2, 3), Decimal("1.5"))
        for sums in (get_model("conversations", "UsageDay"), get_model("conversations", "UsageMonth")):
            added = sums.objects.get()
            assert (added.answers, added.prompt_tokens, added.cost_units) == (2, 30, 375_000_000)
        get_model("conversations", "Provider").objects.all().delete()
    finally:
        steps().migrate(everything)
    assert shape() == before
