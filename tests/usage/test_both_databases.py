"""PostgreSQL adds up what SQLite adds up."""

from __future__ import annotations

import re
import subprocess
import sys

import httpx

from tests.support.servers import postgres
from tests.support.site import ROOT, Site, running_site

ASKED = (
    "period=2026",
    "period=2026&group={group}",
    "period=2026-05&model=Atlas",
    "period=2025&person=mei.chen%40example.org",
)
REVIEWED = ("sort=cost", "status=failed&person=m", "group={group}&q=a", "model=Atlas&q=the&status=stopped")


def test_the_same_year_has_the_same_figures_on_both() -> None:
    with running_site() as site:
        here = figures(site)
    with postgres() as address, running_site(DATABASE_URL=address) as site:
        there = figures(site)
    assert there == here
    assert sum(len(page) for page in here) > 200


def figures(site: Site) -> list[list[str]]:
    """Make a year up and return all cells of some pages of usage, and the lines of a bill."""
    command = [sys.executable, "manage.py", "demo_data", "--chats=100", "--people=10", "--until=2026-06-30"]
    subprocess.run(command, cwd=ROOT, env=site.environment, check=True, capture_output=True)
    boss = site.visitor("boss@example.org", staff=True)
    ((group,),) = site.rows("SELECT id FROM auth_group WHERE name = 'Research'")
    with httpx.Client(base_url=site.url, headers={"Cookie": boss.cookie}) as client:
        pages = [client.get(f"/usage/?{asked.format(group=group)}") for asked in ASKED]
        bill = client.get("/usage/bill?month=2026-05")
        site.rows("INSERT INTO conversations_reviewscope (reviewer_id, group_id) VALUES (?, NULL)", boss.id.hex)
        pages += [client.get(f"/review/?{asked.format(group=group)}") for asked in REVIEWED]
    assert {page.status_code for page in (*pages, bill)} == {200}
    assert not any("Nothing was found" in page.text for page in pages)
    cells = [re.findall(r"<td>([^<]*)</td>|<a [^>]*dir=\"auto\">([^<]*)<", page.text) for page in pages]
    paths = [re.findall(r' d="([^"]*)"', page.text) for page in pages]
    return [*([repr(cell) for cell in page] for page in cells), *paths, bill.text.splitlines()]
