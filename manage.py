#!/usr/bin/env python
"""Run a command of the site: ``serve``, ``migrate``, ``createsuperuser`` and the rest of Django's."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as exc:
        sys.exit(f"The site cannot start: {exc}")


if __name__ == "__main__":
    main()
