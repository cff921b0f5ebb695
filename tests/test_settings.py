"""What stops a start: each wrong setting with one line that says the remedy, before anything is served."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PRODUCTION = {
    "DEBUG": "0",
    "SECRET_KEY": "long-enough-to-be-a-secret-of-a-site-in-production",
    "SITE_ORIGINS": "https://chat.example.org",
    "ALLOWED_HOSTS": "chat.example.org",
}


def started(folder: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a command that reads the settings and ends; an empty value counts as unset."""
    return subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT, env={"PATH": os.environ["PATH"], "CHAT_DATA_DIR": os.fspath(folder), **environment},
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60,
    )  # fmt: skip


def test_production_starts_with_secret_hosts_and_origin(tmp_path: Path) -> None:
    run = started(tmp_path, PRODUCTION)
    assert (run.returncode, run.stderr) == (0, "")
    assert not (tmp_path / "secret_key").exists()


@pytest.mark.parametrize(
    ("wrong", "remedy"),
    [
        ({"SECRET_KEY": ""}, "SECRET_KEY is not set, or is shorter than 32 characters: make one with `python -c"),
        ({"SECRET_KEY": "changeme"}, "SECRET_KEY is not set, or is shorter than 32 characters: make one with"),
        ({"SECRET_KEY_FILE": "absent"}, "SECRET_KEY_FILE='absent' cannot be read: No such file"),
        ({"SITE_ORIGINS": ""}, "SITE_ORIGINS is not set: write the site's address, as https://chat.example.org."),
        ({"SITE_ORIGINS": "http://chat.example.org"}, "SITE_ORIGINS must be https:// addresses in production:"),
        (
            {"SITE_ORIGINS": "https://chat.example.org,http://chat.example.org"},
            "SITE_ORIGINS must be https:// addresses in production: put a proxy in front.",
        ),
        ({"SITE_ORIGINS": "chat.example.org"}, "SITE_ORIGINS='chat.example.org': write addresses without a path"),
        ({"SITE_ORIGINS": "https://chat.example.org/chat"}, "write addresses without a path: https://chat.example.org"),
        ({"SITE_ORIGINS": "https://me@chat.example.org"}, "write addresses without a path: https://chat.example.org"),
        ({"SITE_ORIGINS": "https://chat.example.org:x"}, "write addresses without a path: https://chat.example.org"),
        ({"ALLOWED_HOSTS": ""}, "ALLOWED_HOSTS is not set: write the site's host names, as chat.example.org."),
        ({"ALLOWED_HOSTS": ","}, "ALLOWED_HOSTS is not set: write the site's host names, as chat.example.org."),
        ({"ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS=* would trust any Host header: name the hosts."),
        ({"ALLOWED_HOSTS": "other.example.org"}, "ALLOWED_HOSTS does not name chat.example.org, which SITE_ORIGINS"),
        ({"BEHIND_PROXY": "yes"}, "BEHIND_PROXY='yes': write a whole number from 0 to 9."),
        ({"DEBUG": "maybe"}, "DEBUG='maybe' is neither yes nor no: write 1 or 0."),
    ],
    ids=lambda value: " ".join(f"{name}={one}" for name, one in value.items()) if isinstance(value, dict) else "",
)
def test_production_refuses_to_start_and_says_the_remedy_in_one_line(
    tmp_path: Path, wrong: dict[str, str], remedy: str
) -> None:
    run = started(tmp_path, {**PRODUCTION, **wrong})
    assert run.returncode == 1
    assert run.stderr.startswith("The site cannot start: ")
    assert remedy in run.stderr
    assert run.stderr.count("\n") == 1


def test_hosts_may_be_named_by_their_domain_and_origins_by_port(tmp_path: Path) -> None:
    origins = "https://chat.example.org/, https://CHAT2.example.org:8443"
    run = started(tmp_path, {**PRODUCTION, "ALLOWED_HOSTS": ".example.org", "SITE_ORIGINS": origins})
    assert (run.returncode, run.stderr) == (0, "")


def test_nothing_must_be_set_for_local_use_and_the_secret_is_its_owners_only(tmp_path: Path) -> None:
    run = started(tmp_path, {})
    assert (run.returncode, run.stderr) == (0, "")
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600
