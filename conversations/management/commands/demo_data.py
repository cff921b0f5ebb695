"""Fill a site with a year that never was, to look at: ``manage.py demo_data``."""

from __future__ import annotations

import secrets
from argparse import ArgumentParser
from datetime import date, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from conversations import example
from conversations.example import cast
from conversations.models import Conversation
from conversations.models.usage import today


class Command(BaseCommand):
    help = (
        "Make up some forty people who have used the site for a year: groups, chats, models with prices, usage. "
        "The same seed and day make the same year."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument(
            "--until", type=date.fromisoformat, default=None, help="the last day; yesterday if not given"
        )
        parser.add_argument("--chats", type=int, default=example.Scale().chats)
        parser.add_argument("--people", type=int, default=example.Scale().people)
        parser.add_argument("--password", default="", help="everybody's; one is made up and shown if not given")
        parser.add_argument("--force", action="store_true", help="also on a site that has conversations already")

    def handle(self, *args: Any, **options: Any) -> None:
        is_in_use = Conversation.objects.exists()
        if is_in_use and not options["force"]:
            raise CommandError("This site has conversations already. To add made-up ones to them, say --force.")
        if not 1 <= options["people"] <= len(cast.PEOPLE) or not 0 <= options["chats"] <= 100_000:
            raise CommandError(f"There are 1 to {len(cast.PEOPLE)} people, who have at most 100,000 chats.")
        password = options["password"] or secrets.token_urlsafe(9)
        scale = example.Scale(options["people"], options["chats"])
        try:
            made = example.fill(
                seed=options["seed"],
                until=options["until"] or today() - timedelta(days=1),
                password=password,
                scale=scale,
            )
        except example.AlreadyHere as error:
            raise CommandError("This very year is on this site already. Choose another --seed.") from error
        self.stdout.write(
            f"{len(made.conversations):,} conversations of {scale.people} people, with {len(made.messages):,}"
            f" messages.\n"
            + ("" if is_in_use else f"{cast.email_of(cast.PEOPLE[0])} administers the site. ")
            + f"The password of everybody who is new: {password}"
        )
