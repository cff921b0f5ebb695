"""``python -m benchmarks.reserving person …``, in the environment of a site: what the check of a limit takes.

Prints a JSON list of milliseconds, one for each person: what a question spends in ``quotas.reserve``. Nothing is kept.
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
from conversations.models import ChatModel, Conversation, Generation, User  # noqa: E402
from conversations.models.ids import new_id  # noqa: E402


def main() -> None:
    model = ChatModel.objects.select_related("provider").first()
    assert model is not None
    waits = [_reserve(User.objects.get(pk=UUID(person)), model) for person in sys.argv[1:]]
    print(json.dumps(waits))


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
