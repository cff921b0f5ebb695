"""Read typed values from the environment; a wrong one stops the start with a sentence that says the remedy."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured


def load_dotenv(path: Path) -> None:
    """Add ``NAME=value`` lines of a file to the environment; what is already set wins.

    Blank lines, ``#`` comments, a leading ``export`` and surrounding quotes are understood, nothing more.
    """
    if not path.is_file():
        return
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        line = line.strip().removeprefix("export ").strip()
        if not line or line.startswith("#"):
            continue
        name, equals, value = line.partition("=")
        if not equals or not name.strip().isidentifier():
            raise ImproperlyConfigured(f"{path.name}, line {number}: write NAME=value, or start it with #.")
        value = value.strip()
        if len(value) >= 2 and value[0] == value[-1] and value[0] in "\"'":
            value = value[1:-1]
        else:
            value = value.split(" #", 1)[0].rstrip()
        os.environ.setdefault(name.strip(), value)


def env_text(name: str, default: str = "") -> str:
    return os.environ.get(name, "").strip() or default


def env_bool(name: str, default: bool) -> bool:
    value = env_text(name).lower()
    if not value:
        return default
    if value in ("1", "true", "yes", "on"):
        return True
    if value in ("0", "false", "no", "off"):
        return False
    raise ImproperlyConfigured(f"{name}={value!r} is neither yes nor no: write 1 or 0.")


def env_int(name: str, default: int, *, least: int = 0, most: int = 2**31) -> int:
    value = env_text(name)
    if not value:
        return default
    if not value.isascii() or not value.isdigit() or not least <= int(value) <= most:
        raise ImproperlyConfigured(f"{name}={value!r}: write a whole number from {least} to {most}.")
    return int(value)


def env_seconds(name: str, default: float) -> float:
    value = env_text(name)
    if not value:
        return default
    try:
        seconds = float(value)
    except ValueError:
        seconds = -1.0
    if not 0 < seconds <= 86_400:
        raise ImproperlyConfigured(f"{name}={value!r}: write a number of seconds, above 0 and at most 86400.")
    return seconds


def env_list(name: str, default: Sequence[str] = ()) -> list[str]:
    return listed(env_text(name)) or list(default)


def listed(value: str) -> list[str]:
    """Return the parts of a text between commas."""
    return [part.strip() for part in value.split(",") if part.strip()]


def env_origins(name: str) -> list[str]:
    """Return addresses that are a scheme, a host and perhaps a port, as browsers say where a page came from."""
    origins = [origin.rstrip("/") for origin in env_list(name)]
    for origin in origins:
        try:
            parts = urlsplit(origin)
            is_good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        except ValueError:
            is_good = False
        if not is_good or "@" in origin or origin.lower() != f"{parts.scheme}://{parts.netloc.lower()}":
            raise ImproperlyConfigured(f"{name}={origin!r}: write addresses without a path: https://chat.example.org.")
    return origins


def env_choice(name: str, default: str, choices: Sequence[str]) -> str:
    value = env_text(name, default)
    if value not in choices:
        raise ImproperlyConfigured(f"{name}={value!r}: write one of {', '.join(choices)}.")
    return value


def env_secret(name: str) -> str:
    """Return a secret from ``NAME`` or from the file named by ``NAME_FILE`` (as container platforms mount it)."""
    if path := env_text(f"{name}_FILE"):
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError as exc:
            raise ImproperlyConfigured(f"{name}_FILE={path!r} cannot be read: {exc.strerror}.") from exc
    return env_text(name)


def env_url(name: str, default: str) -> str:
    """Return an http(s) address without a trailing slash. A wrong one is not repeated: a secret may be in it."""
    value = env_text(name, default).rstrip("/")
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ImproperlyConfigured(f"{name}: write an address that begins with http:// or https://.")
    return value


def database(url: str, data_dir: Path) -> dict[str, object]:
    """Turn ``DATABASE_URL`` into Django's dictionary; empty means SQLite under the data directory.

    SQLite runs in WAL mode with IMMEDIATE transactions, so that two writers wait for each other (20 s at the
    most) where the default would fail at once with "database is locked". ``synchronous=NORMAL`` is safe
    against the death of the process and keeps the database whole even when the power goes.
    """
    if not url:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": data_dir / "chat.sqlite3",
            "CONN_MAX_AGE": None,
            "OPTIONS": {
                "timeout": 20,
                "transaction_mode": "IMMEDIATE",
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-8000;",
            },
        }
    parts = urlsplit(url)
    if parts.scheme not in ("postgres", "postgresql"):
        raise ImproperlyConfigured("DATABASE_URL: write postgresql://user:password@host:5432/name.")
    options: dict[str, object] = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", None) or parts.hostname or "",
        "PORT": parts.port or "",
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {**options, "pool": {"min_size": 1, "max_size": 8, "timeout": 10}},
    }


def picture_storage(url: str, folder: Path) -> dict[str, object]:
    """Turn ``PICTURES_URL`` into Django's dictionary; empty means files in a folder of the data directory.

    ``s3://key:secret@host/bucket?region=eu-central-1`` needs the packages of requirements/s3.txt; add
    ``&scheme=http`` for a store without TLS.
    """
    if not url:
        location = {"location": folder, "file_permissions_mode": 0o600, "directory_permissions_mode": 0o700}
        return {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": location}
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    bucket = parts.path.strip("/")
    if parts.scheme != "s3" or not parts.hostname or not bucket or "/" in bucket:
        raise ImproperlyConfigured("PICTURES_URL: write s3://key:secret@host/bucket?region=name.")
    port = f":{parts.port}" if parts.port else ""
    options: dict[str, object] = {
        "bucket_name": bucket,
        "access_key": unquote(parts.username or "") or None,
        "secret_key": unquote(parts.password or "") or None,
        "endpoint_url": f"{query.get('scheme', 'https')}://{parts.hostname}{port}",
        "region_name": query.get("region"),
        "default_acl": None,
        "file_overwrite": True,
        "addressing_style": "path",
    }
    return {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}
