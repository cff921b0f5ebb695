"""Browsers by the names that people know: from a User-Agent to "Chrome on Linux".

Guesses for the eye, never for a decision: who sends the header can write anything into it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from django.utils.translation import gettext

_BROWSERS: Final = (
    (r"\bEdg(?:e|A|iOS)?/", "Edge"),
    (r"\b(?:OPR|OPiOS|Opera)/", "Opera"),
    (r"\bSamsungBrowser/", "Samsung Internet"),
    (r"\bVivaldi/", "Vivaldi"),
    (r"\b(?:Firefox|FxiOS)/", "Firefox"),
    (r"\b(?:HeadlessChrome|Chrome|Chromium|CriOS)/", "Chrome"),
    (r"\bVersion/.*\bSafari/", "Safari"),
)
"""In this order: all but Firefox call themselves Chrome or Safari, too."""
_SYSTEMS: Final = (
    (r"\biPhone\b", "iPhone"),
    (r"\biPad\b", "iPad"),
    (r"\bAndroid\b", "Android"),
    (r"\bWindows\b", "Windows"),
    (r"\bCrOS\b", "ChromeOS"),
    (r"\bMac(?:intosh| OS X)\b", "macOS"),
    (r"\bLinux\b", "Linux"),
)
_WIDTH: Final = 60
"""Characters of a name that nobody knows."""


def browser_of(agent: str) -> str:
    """Return browser and system in words; one that is not known as it calls itself."""
    browser, system = _first(_BROWSERS, agent), _first(_SYSTEMS, agent)
    if browser and system:
        return gettext("{browser} on {system}").format(browser=browser, system=system)
    return browser or agent[:_WIDTH].strip() or gettext("Unknown browser")


def _first(names: Sequence[tuple[str, str]], agent: str) -> str:
    return next((name for sign, name in names if re.search(sign, agent)), "")
