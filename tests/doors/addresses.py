"""Every address of the site, read from the code: a test that forgets one cannot pass."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

_CONVERTED = re.compile(r"<(?:(?P<converter>\w+):)?(?P<name>\w+)>")
_GROUP = re.compile(r"\(\?P<(?P<name>\w+)>[^()]*\)")


@dataclass(frozen=True)
class Address:
    """One pattern: its whole route, its name with its namespaces, and the view behind it."""

    route: str
    name: str
    view: Any

    @property
    def is_theirs(self) -> bool:
        """Tell whether another project's package answers here, or a page of ours inside of one: the administration."""
        return not self.view_name.startswith("conversations.") or self.view_name.startswith("conversations.admin.")

    @property
    def view_name(self) -> str:
        view = getattr(self.view, "view_class", self.view)
        return f"{view.__module__}.{view.__qualname__}"

    def path(self, **values: object) -> str:
        """Return a path of this pattern; values need not be ones that it takes."""

        def value(found: re.Match[str]) -> str:
            assert found["name"] in values, f"{self.route}: say what to write for <{found['name']}>"
            return str(values[found["name"]])

        return "/" + _CONVERTED.sub(value, _GROUP.sub(value, self.route)).replace("^", "").replace("$", "")


def addresses() -> list[Address]:
    """Return all patterns of the site, those of included packages as well."""
    return list(_walk(get_resolver()))


def ours() -> dict[str, Address]:
    """Return the patterns that this project answers itself, by name."""
    return {address.name: address for address in addresses() if not address.is_theirs}


def theirs() -> list[Address]:
    return [address for address in addresses() if address.is_theirs]


def _walk(resolver: URLResolver, route: str = "", namespaces: tuple[str, ...] = ()) -> Iterator[Address]:
    for pattern in resolver.url_patterns:
        whole = route + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inner = (*namespaces, pattern.namespace) if pattern.namespace else namespaces
            yield from _walk(pattern, whole, inner)
        else:
            assert isinstance(pattern, URLPattern)
            yield Address(whole, ":".join((*namespaces, pattern.name or "")), pattern.callback)
