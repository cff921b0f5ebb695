from __future__ import annotations

from tests.web.conftest import _plain_static

__all__ = ["_plain_static"]
