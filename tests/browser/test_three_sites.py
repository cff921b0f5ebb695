"""The three ways to let people in, each set up with the very lines of docs/hosting.md."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.steps import ask, finished
from tests.conftest import Opener
from tests.fakes.scripts import answer
from tests.support.mailbox import mailbox
from tests.support.servers import free_port, wait_for
from tests.support.site import PASSWORD, ROOT, Site, running_site

HOSTING = (ROOT / "docs" / "hosting.md").read_text(encoding="utf-8")
PEOPLE = [
    {"sub": "ada", "name": "Ada Lovelace", "email": "ada@example.org", "email_verified": True},
    {"sub": "eve", "name": "Eve", "email": "eve@elsewhere.example", "email_verified": True},
]


def lines_of(section: str, **ours: str) -> dict[str, str]:
    """Return the variables of a section; ``ours`` replaces what only its own network could answer."""
    text = HOSTING.partition(f"### {section}\n")[2].partition("\n#")[0]
    block = re.search(r"```sh\n(.*?)```", text, re.S)
    assert block, f"the section {section!r} has no block of variables"
    written = dict(line.split("=", 1) for line in block[1].splitlines())
    assert not ours.keys() - written.keys() - {"EMAIL_USE_TLS"}, "a variable is replaced that is not written there"
    return written | ours


def first_administrator(site: Site, page: Page) -> None:
    (link,) = site.wait_for_log(r"http://\S+(/welcome/\S+)")
    page.goto(site.url + link)
    page.get_by_label("Email").fill("root@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Make the administrator").click()
    expect(page.get_by_label("Your message")).to_be_visible()


def sign_up(page: Page, email: str) -> None:
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Make the account").click()


def chat(page: Page, site: Site) -> None:
    site.provider.enqueue(answer("It works."))
    ask(page, "Does it?")
    finished(page)
    expect(page.get_by_role("paragraph").filter(has_text="It works.")).to_be_visible()


def test_a_site_for_everybody_asks_that_addresses_are_confirmed(open_browser: Opener) -> None:
    with mailbox() as mails:
        ours = {
            "EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": str(mails.port), "EMAIL_USE_TLS": "0",
            "EMAIL_HOST_USER": "", "EMAIL_HOST_PASSWORD": "",
        }  # fmt: skip
        with running_site(**lines_of("Everybody may sign up", **ours)) as site:
            first_administrator(site, open_browser(site, path="/"))
            page = open_browser(site, path="/accounts/login/")
            page.get_by_role("link", name="Make one").click()
            sign_up(page, "new@example.org")
            expect(page.get_by_role("heading", name="Confirm your address")).to_be_visible()
            page.goto(f"{site.url}/")
            expect(page.get_by_role("heading", name="Sign in")).to_be_visible()  # not in before the link was opened
            page.goto(mails.link_for("new@example.org", r"http://\S+/confirm-email/\S+"))
            page.get_by_role("button", name="Yes, confirm").click()
            page.goto(f"{site.url}/accounts/login/")
            if page.get_by_label("Email").is_visible():
                page.get_by_label("Email").fill("new@example.org")
                page.get_by_label("Password").fill(PASSWORD)
                page.get_by_role("button", name="Sign in", exact=True).click()
            chat(page, site)


def test_a_site_by_invitation_lets_in_who_was_invited_and_nobody_else(open_browser: Opener) -> None:
    with mailbox() as mails:
        ours = {
            "EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": str(mails.port), "EMAIL_USE_TLS": "0",
            "EMAIL_HOST_USER": "", "EMAIL_HOST_PASSWORD": "",
        }  # fmt: skip
        with running_site(**lines_of("Invitations only", **ours)) as site:
            root = open_browser(site, path="/")
            first_administrator(site, root)
            stranger = open_browser(site, path="/accounts/login/")
            expect(stranger.get_by_role("link", name="Make one")).to_have_count(0)
            stranger.goto(f"{site.url}/accounts/signup/")
            expect(stranger.get_by_role("heading", name="Sign-up is closed")).to_be_visible()

            root.goto(f"{site.url}/admin/conversations/invitation/add/")
            root.get_by_label("E-mail").fill("friend@example.org")
            root.get_by_role("button", name="Save", exact=True).click()
            expect(root.get_by_text("The link was sent to friend@example.org.")).to_be_visible()

            link = mails.link_for("friend@example.org", r"http://\S+/invitation/\S+")
            friend = open_browser(site, path="/accounts/login/")
            friend.goto(link)
            friend.get_by_role("button", name="Accept").click()
            sign_up(friend, "another@example.org")
            expect(friend.get_by_text("The invitation is for another address.", exact=True)).to_be_visible()
            sign_up(friend, "friend@example.org")
            chat(friend, site)

            again = stranger.request.get(link)
            assert again.status == 404


@contextmanager
def company(folder: Path) -> Iterator[str]:
    """Run an OpenID provider with its people; give its issuer."""
    port = free_port()
    users = [part for person in PEOPLE for part in ("--user-claims", json.dumps(person))]
    command = [str(Path(sys.executable).with_name("oidc-provider-mock")), "--port", str(port), *users]
    with (folder / "company").open("wb") as log:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        wait_for(port)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize("domains", ["", "example.org"])
def test_a_site_behind_a_companys_sign_in_takes_its_people(open_browser: Opener, tmp_path: Path, domains: str) -> None:
    with company(tmp_path) as issuer:
        variables = lines_of("Behind your own sign-in", OIDC_ISSUER=issuer)
        with running_site(**variables, CHAT_SIGNUP_DOMAINS=domains) as site:
            first_administrator(site, open_browser(site, path="/"))
            stranger = open_browser(site, path="/accounts/signup/")
            expect(stranger.get_by_role("heading", name="Sign-up is closed")).to_be_visible()

            ada = open_browser(site, path="/accounts/login/", elsewhere=issuer)
            ada.get_by_role("link", name="Sign in with Example Inc.").click()
            ada.get_by_role("button", name="ada").click()
            chat(ada, site)
            ((name, email),) = site.rows("SELECT name, email FROM conversations_user WHERE NOT is_superuser")
            assert (name, email) == ("Ada Lovelace", "ada@example.org")

            eve = open_browser(site, path="/accounts/login/", elsewhere=issuer)
            eve.get_by_role("link", name="Sign in with Example Inc.").click()
            eve.get_by_role("button", name="eve").click()
            if domains:
                expect(eve.get_by_role("heading", name="Sign-up is closed")).to_be_visible()
            else:
                expect(eve.get_by_label("Your message")).to_be_visible()
            assert len(site.rows("SELECT id FROM conversations_user")) == (2 if domains else 3)


def test_somebody_whose_address_the_company_vouches_for_comes_into_their_own_account(
    open_browser: Opener, tmp_path: Path
) -> None:
    with company(tmp_path) as issuer, running_site(**lines_of("Behind your own sign-in", OIDC_ISSUER=issuer)) as site:
        page = open_browser(site, site.visitor("ada@example.org"), path="/")
        chat(page, site)
        other = open_browser(site, path="/accounts/login/", elsewhere=issuer)
        other.get_by_role("link", name="Sign in with Example Inc.").click()
        other.get_by_role("button", name="ada").click()
        expect(other.get_by_label("Your message")).to_be_visible()
        assert len(site.rows("SELECT id FROM conversations_user")) == 1
        assert len(site.rows("SELECT id FROM conversations_conversation")) == 1
