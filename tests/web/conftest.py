from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(autouse=True)
def _plain_static(settings: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pages name their static files without anything having been collected."""
    folder = tmp_path_factory.mktemp("static")
    settings.STATIC_ROOT = folder
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    return folder
