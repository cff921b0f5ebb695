"""A month of billing as an administrator goes through it, on a site with a made-up year."""

from __future__ import annotations

import csv
import io
import re
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from uuid import UUID

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from conversations.models import User
from tests.conftest import Opener
from tests.support.site import ROOT, Site, Visitor


def boss_of(site: Site) -> Visitor:
    """Make the year up, and return who administers it."""
    command = [sys.executable, "manage.py", "demo_data", "--chats=120", "--people=12", "--until=2026-06-30"]
    subprocess.run(command, cwd=ROOT, env=site.environment, check=True, capture_output=True)
    ((key, email, password),) = site.rows("SELECT id, email, password FROM conversations_user WHERE is_superuser")
    person = UUID(str(key))
    return Visitor(person, email, site.session_of(User(pk=person, password=password)))


def violations(page: Page) -> list[str]:
    found = Axe().run(page, options={"preload": False}).response["violations"]  # which would write styles
    return [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in found]


def figures(page: Page, line: str) -> list[str]:
    """Return a line of a table as it is shown."""
    row = page.locator("tr").filter(has=page.get_by_role("rowheader", name=line, exact=True, include_hidden=True))
    return [cell.strip() for cell in row.locator("td").all_text_contents()]


def test_a_month_of_billing(open_browser: Opener, live_site: Site, tmp_path: Path) -> None:
    page = open_browser(live_site, boss_of(live_site))
    page.locator("[popovertarget=account-menu]").click()
    page.get_by_role("link", name="Usage").click()
    expect(page.get_by_role("heading", name="Usage")).to_be_visible()
    page.get_by_label("Period").select_option("2026-05")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("svg.plot__box")).to_have_count(5)
    assert violations(page) == []
    page.get_by_text("All numbers by day").click()
    assert violations(page) == []
    total = figures(page, "Together")

    page.set_viewport_size({"width": 320, "height": 700})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    with page.expect_download() as started:
        page.get_by_role("link", name="May 2026").click()
    bill = list(csv.DictReader(io.StringIO(Path(started.value.path()).read_text("utf-8-sig"))))
    assert len(bill) > 5
    assert sum(int(line["Messages"]) for line in bill) == int(total[0].replace(",", ""))
    cost = sum(Decimal(line["Cost"]) for line in bill)
    assert abs(cost - Decimal(total[3].replace(",", ""))) < Decimal("0.005")

    dearest = max({line["Name"] for line in bill}, key=lambda name: sum(
        Decimal(line["Cost"]) for line in bill if line["Name"] == name))  # fmt: skip
    people = page.locator("section").filter(has=page.get_by_role("heading", name="People"))
    expect(people.get_by_role("rowheader").first).to_have_text(dearest)
    people.get_by_role("link", name=dearest).click()
    expect(page.get_by_label("Person")).to_have_value(re.compile("@example.org$"))
    hers = sum(int(line["Messages"]) for line in bill if line["Name"] == dearest)
    page.get_by_text("All numbers by day").click()
    assert figures(page, "Together")[0] == str(hers)


def test_a_provider_is_tried_and_its_models_are_taken_over(open_browser: Opener, live_site: Site) -> None:
    live_site.provider.models = ["test-model", "brand-new"]
    page = open_browser(
        live_site, live_site.visitor("boss@example.org", staff=True), path="/admin/conversations/provider/"
    )
    page.get_by_role("link", name="Default").click()
    page.get_by_role("button", name="Test", exact=True).click()
    expect(page.locator(".messagelist")).to_contain_text("The provider answers. It lists 2 models.")
    page.get_by_role("button", name="Import the list of models").click()
    page.get_by_label("brand-new").check()
    page.get_by_label("Switch the new ones on at once").check()
    assert violations(page) == []
    page.get_by_role("button", name="Take over what is chosen").click()
    expect(page.locator(".messagelist")).to_contain_text("1 model was added.")
    page.goto(live_site.url)
    expect(page.locator("#model option[value=brand-new]")).to_have_count(1)
