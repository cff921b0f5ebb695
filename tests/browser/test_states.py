"""Every page and every state it can be in, for whoever uses assistive technology."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from tests.conftest import Opener
from tests.support.axe import found_wrong
from tests.support.places import OFFICE, PAGES, REFUSALS, STRANGERS, sign_up, walk_account, walk_second_steps
from tests.support.site import Site, demo_site
from tests.support.stage import Stage, State, furnish, move_in
from tests.support.states import ACTING, READING, WRITING

SHAPES = pytest.mark.parametrize(("is_phone", "scheme"), [(False, "light"), (True, "dark")], ids=["desktop", "phone"])


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with demo_site() as site:
        furnish(site)
        site.visitor("first@example.org")  # before whom nobody can sign up
        yield site


@SHAPES
@pytest.mark.parametrize("states", [READING, WRITING, ACTING, PAGES], ids=["reading", "writing", "acting", "pages"])
def test_axe_finds_nothing_in_any_state(
    open_browser: Opener, site: Site, states: dict[str, State], *, is_phone: bool, scheme: str
) -> None:
    visitor = site.visitor(f"{scheme}-{next(iter(states))}@example.org")
    page = open_browser(site, visitor, phone=is_phone, color_scheme=scheme, path="/settings/data")
    assert found_wrong_in(states, Stage(page, site, visitor)) == []


def test_axe_finds_nothing_where_something_is_refused(page: Page, site: Site) -> None:
    visitor = site.visitor("refused@example.org")
    page.context.add_cookies([{"name": "sessionid", "value": visitor.session, "url": site.url}])
    assert found_wrong_in(REFUSALS, Stage(page, site, visitor)) == []


@SHAPES
def test_axe_finds_nothing_in_any_page_of_an_account(
    open_browser: Opener, site: Site, *, is_phone: bool, scheme: str
) -> None:
    page = open_browser(site, phone=is_phone, color_scheme=scheme, path="/accounts/login/")
    found = []

    def look(name: str) -> None:
        nonlocal found
        found += found_wrong(page, name)

    for name, path in STRANGERS.items():
        page.goto(f"{site.url}/{path}")
        look(name)
    sign_up(page, site, f"{scheme}@example.org", then=look)
    walk_account(page, site, then=look)
    walk_second_steps(page, site, f"{scheme}@example.org", then=look)
    assert found == []


@SHAPES
def test_axe_finds_nothing_in_any_page_of_administrators(
    open_browser: Opener, site: Site, *, is_phone: bool, scheme: str
) -> None:
    boss = site.visitor(f"boss-{scheme}@example.org", staff=True)
    site.rows("INSERT INTO conversations_reviewscope (reviewer_id, group_id) VALUES (?, NULL)", boss.id.hex)
    page = open_browser(site, boss, phone=is_phone, color_scheme=scheme, path="/settings/data")
    move_in(page, site)
    found = []
    for name, path in OFFICE.items():
        page.goto(f"{site.url}/{path}")
        found += found_wrong(page, name)
    page.goto(f"{site.url}/review/")
    page.locator(".desk__table tbody a").first.click()
    found += found_wrong(page, "reason")
    page.fill("#reason", "a complaint about an answer")
    page.click("main button.button--primary")
    found += found_wrong(page, "transcript")
    assert found == []


def found_wrong_in(states: dict[str, State], stage: Stage) -> list[tuple[str, str, list[str]]]:
    move_in(stage.page, stage.site)
    found = []
    for name, reach in states.items():
        reach(stage)
        stage.settle()
        found += found_wrong(stage.page, name)
        stage.leave()
    return found
