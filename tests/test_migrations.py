"""What was stored before a migration is there after it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor


@pytest.mark.django_db(transaction=True)
def test_a_models_two_prices_become_prices_from_the_first_day_on_and_its_usage_is_added_up() -> None:
    old, new = [("conversations", "0005_siblings")], [("conversations", "0006_prices")]
    everything = MigrationExecutor(connection).loader.graph.leaf_nodes()
    MigrationExecutor(connection).migrate(old)
    try:
        models = MigrationExecutor(connection).loader.project_state(old).apps.get_model
        provider = models("conversations", "Provider").objects.create(name="P", base_url="http://127.0.0.1:9/v1")
        priced = models("conversations", "ChatModel").objects.create(
            provider=provider, key="m", name="m", label="M", prompt_price=Decimal("1.5"), completion_price=2
        )
        models("conversations", "ChatModel").objects.create(provider=provider, key="free", name="f", label="F")
        for tokens, is_reserved in ((10, False), (20, False), (99, True)):
            models("conversations", "UsageRecord").objects.create(
                chat_model=priced, model_label="M", prompt_tokens=tokens, cost=Decimal(tokens) / 8, messages=1,
                is_reserved=is_reserved, made_at=datetime(2026, 2, 3, 23, 59, tzinfo=UTC),
            )  # fmt: skip
        MigrationExecutor(connection).migrate(new)
        models = MigrationExecutor(connection).loader.project_state(new).apps.get_model
        price = models("conversations", "ModelPrice").objects.get()
        assert (price.since, price.prompt_price, price.completion_price) == (date(2000, 1, 1), Decimal("1.5"), 2)
        record = models("conversations", "UsageRecord").objects.filter(prompt_tokens=10).get()
        assert (record.day, record.prompt_price) == (date(2026, 2, 3), Decimal("1.5"))
        for sums in (models("conversations", "UsageDay"), models("conversations", "UsageMonth")):
            added = sums.objects.get()
            assert (added.answers, added.prompt_tokens, added.cost_units) == (2, 30, 375_000_000)
        models("conversations", "Provider").objects.all().delete()
    finally:
        MigrationExecutor(connection).migrate(everything)
