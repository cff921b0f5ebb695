"""Make the search index anew, from every message and title that is stored."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from conversations.search import index


class Command(BaseCommand):
    help = "Make the search index anew. Nothing else is changed; while it runs, less is found."

    def handle(self, *args: Any, **options: Any) -> None:
        count = index.fill()
        index.take_stock()
        self.stdout.write(f"{count:,} texts can be found.")
