"""``python -m benchmarks.desk person``, in the environment of a site: what keeping the index costs, and a reviewer.

Prints a JSON object: the id of somebody who may review everybody, and two lists of milliseconds that a question of
``person`` takes to be stored, without and with the index; in turns, so that both meet the same minute of the machine.
"""

from __future__ import annotations

import json
import os
import sys
import time
from contextlib import ExitStack
from unittest import mock
from uuid import UUID

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")

import django

django.setup()

from django.contrib.auth.models import Permission  # noqa: E402 - models need the settings above

from conversations.actions.messages import send_message  # noqa: E402
from conversations.models import ReviewScope, User  # noqa: E402
from conversations.models.ids import new_id  # noqa: E402
from conversations.search import index  # noqa: E402

ROUNDS = 100
_TEXT = "How does the tide depend on the moon, and why are there two high waters a day? " * 3


def main() -> None:
    user = User.objects.get(pk=UUID(sys.argv[1]))
    waits: dict[bool, list[float]] = {False: [], True: []}
    for number in range(2 * ROUNDS + 20):
        is_kept = bool(number % 2)
        wait = _send(user, is_kept=is_kept)
        if number >= 20:
            waits[is_kept].append(wait)
    reviewer = User.objects.create_user("reviewer@example.org", "a password", is_staff=True)
    reviewer.user_permissions.add(Permission.objects.get(codename="review"))
    ReviewScope.objects.create(reviewer=reviewer)
    print(json.dumps({"reviewer": str(reviewer.pk), "without": waits[False], "with": waits[True]}))


def _send(user: User, *, is_kept: bool) -> float:
    with ExitStack() as stack:
        if not is_kept:
            for name in ("add", "put_title"):
                stack.enter_context(mock.patch.object(index, name))
        began = time.perf_counter()
        send_message(user, ref=new_id().hex, text=_TEXT)
        return (time.perf_counter() - began) * 1000


if __name__ == "__main__":
    main()
