"""``python -m benchmarks.reserving person …``, in the environment of a site: what the check of a limit takes.

Prints two JSON lists of milliseconds, of each person what a question spends in ``quotas.reserve``: where nothing is
bounded and the answer is only counted, and where messages, tokens and cost are. Nothing is kept.
"""

from __future__ import annotations

import json
import os
import sys
import time
from uuid import UUID

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")

import django

django.setup()

from django.db import transaction  # noqa: E402 - models need the settings above

from conversations import quotas  # noqa: E402
from conversations.models import Allowance, ChatModel, Conversation, Generation, User  # noqa: E402
from conversations.models.ids import new_id  # noqa: E402


def main() -> None:
    model = ChatModel.objects.select_related("provider").first()
    assert model is not None
    people = [User.objects.get(pk=UUID(person)) for person in sys.argv[1:]]
    counted = [_reserve(person, model) for person in people]
    with transaction.atomic():
        Allowance.objects.create(period="day", messages=10_000, cost=100)
        Allowance.objects.create(period="month", messages=100_000, tokens=100_000_000)
        bounded = [_reserve(person, model) for person in people]
        transaction.set_rollback(True)
    print(json.dumps([counted, bounded]))


@transaction.atomic
def _reserve(user: User, model: ChatModel) -> float:
    home = Conversation.objects.filter(owner=user).select_related("leaf").first()
    assert home is not None
    assert home.leaf is not None
    generation = Generation.objects.create(
        message=home.leaf, conversation=home, owner=user, ref=new_id().hex, chat_model=model
    )
    began = time.perf_counter()
    quotas.reserve(user, generation, model)
    wait = (time.perf_counter() - began) * 1000
    transaction.set_rollback(True)
    return wait


if __name__ == "__main__":
    main()
