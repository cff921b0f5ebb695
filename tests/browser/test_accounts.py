"""Accounts as people meet them: joining, second factors, passkeys, sessions, settings, leaving."""

from __future__ import annotations

from uuid import uuid4
from zipfile import ZipFile

import pytest
from playwright.sync_api import Page, expect

from tests.browser.steps import DRAFTS, ask, field, finished, online
from tests.conftest import Opener
from tests.fakes.scripts import answer
from tests.support.places import code_of
from tests.support.site import PASSWORD, Site, Visitor


def sign_up(page: Page, site: Site, email: str) -> None:
    page.goto(site.url.replace("127.0.0.1", "localhost") + "/accounts/signup/")  # passkeys know names only, no numbers
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Make the account").click()
    expect(page.get_by_label("Your message")).to_be_visible()


def sign_in(page: Page, email: str) -> None:
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def sign_out(page: Page) -> None:
    page.goto("/".join(page.url.split("/")[:3]) + "/accounts/logout/")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def settings(page: Page, tab: str) -> None:
    page.goto("/".join(page.url.split("/")[:3]) + "/settings/")
    sections = page.get_by_role("navigation", name="Settings")
    if tab in ("Sessions", "Sign-in steps"):
        sections.get_by_role("link", name="Sessions and keys").click()
        sections = page.get_by_role("navigation", name="Sessions and keys")
    sections.get_by_role("link", name=tab).click()
    expect(page.locator("nav a[aria-current=page]")).to_have_text(tab)
    page.wait_for_load_state()


def confirm(page: Page) -> None:
    """Give the password again, as for everything that could shut the owner out."""
    expect(page.get_by_role("heading", name="Is it you?")).to_be_visible()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()


def authenticator(page: Page) -> None:
    """Plug a virtual key with a fingerprint reader into the browser."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})


@pytest.fixture
def email() -> str:
    return f"{uuid4().hex}@example.org"


@pytest.fixture
def person(open_browser: Opener, shared_site: Site, newcomer: Visitor, email: str) -> Page:
    """Somebody who has just made an account."""
    page = open_browser(shared_site, path="/accounts/login/")
    sign_up(page, shared_site, email)
    return page


def test_a_passkey_is_offered_first_and_a_password_can_be_looked_at(
    open_browser: Opener, shared_site: Site, email: str
) -> None:
    page = open_browser(shared_site, path="/accounts/login/")
    controls = page.locator("main :is(button, input):visible")
    expect(controls.first).to_have_text("Sign in with a passkey")
    field = page.get_by_label("Password")
    show = page.get_by_role("button", name="Show")
    field.fill(PASSWORD)
    expect(field).to_have_attribute("type", "password")
    show.click()
    expect(field).to_have_attribute("type", "text")
    expect(show).to_have_attribute("aria-pressed", "true")
    show.click()
    expect(field).to_have_attribute("type", "password")
    show.click()
    sent = page.evaluate(
        """() => new Promise((done) => {
          document.querySelector("[name=password]").form.addEventListener("submit", (event) => {
            event.preventDefault();
            done(document.querySelector("[name=password]").type);
          });
          document.querySelector("[name=login], [name=email]").value = "a@example.org";
          document.querySelector("[name=password]").form.requestSubmit();
        })"""
    )
    assert sent == "password", "what is kept by the browser is kept as a password"


def test_a_passkey_signs_in_without_a_password(person: Page, email: str) -> None:
    authenticator(person)
    settings(person, "Sign-in steps")
    person.get_by_role("link", name="Add").click()
    confirm(person)
    person.get_by_label("Name of the passkey").fill("my laptop")
    person.get_by_label("Sign in with it alone").check()
    person.get_by_role("button", name="Add").click()
    expect(person.get_by_role("heading", name="Recovery codes")).to_be_visible()
    settings(person, "Sign-in steps")
    person.get_by_role("link", name="Manage").click()
    expect(person.get_by_role("heading", name="my laptop")).to_be_visible()
    sign_out(person)
    person.get_by_role("button", name="Sign in with a passkey").click()
    expect(person.get_by_label("Your message")).to_be_visible()
    expect(person.get_by_role("button", name=email.partition("@")[0])).to_be_visible()


def test_a_passkey_that_is_refused_is_told_in_plain_words(person: Page) -> None:
    sign_out(person)
    authenticator(person)
    person.get_by_role("button", name="Sign in with a passkey").click()
    expect(person.get_by_role("alert")).to_contain_text("The passkey was not used")


def test_an_authenticator_app_is_asked_for_and_a_recovery_code_replaces_it_once(person: Page, email: str) -> None:
    settings(person, "Sign-in steps")
    person.get_by_role("link", name="Activate").click()
    confirm(person)
    secret = person.get_by_label("Authenticator secret").input_value()
    assert person.locator(".panel__code").get_attribute("src").startswith("data:image/svg+xml")
    person.get_by_label("Authenticator code").fill(code_of(secret))
    person.get_by_role("button", name="Activate").click()
    codes = person.get_by_label("Unused codes").input_value().split()
    assert len(codes) == 10
    for given, is_taken in ((codes[0], True), (codes[0], False), (codes[1], True)):
        sign_out(person)
        sign_in(person, email)
        person.get_by_label("Code", exact=True).fill(given)
        person.get_by_role("button", name="Sign in", exact=True).click()
        if is_taken:
            expect(person.get_by_label("Your message")).to_be_visible()
        else:
            expect(person.get_by_role("alert")).to_be_visible()
            person.get_by_role("button", name="Cancel").click()
            sign_in_again = person.get_by_role("heading", name="Sign in")
            expect(sign_in_again).to_be_visible()
            person.goto(person.url)
            sign_in(person, email)
            person.get_by_label("Code", exact=True).fill(codes[2])
            person.get_by_role("button", name="Sign in", exact=True).click()
            expect(person.get_by_label("Your message")).to_be_visible()


def test_other_sessions_are_seen_and_ended_and_their_open_pages_shut_within_seconds(
    person: Page, open_browser: Opener, shared_site: Site, email: str
) -> None:
    elsewhere = open_browser(shared_site, path="/accounts/login/")
    sign_in(elsewhere, email)
    expect(elsewhere.locator("html[data-connection=online]")).to_be_visible()
    settings(person, "Sessions")
    expect(person.get_by_role("heading", name="Chrome on ")).to_have_count(2)
    expect(person.get_by_text("This browser")).to_have_count(1)
    person.get_by_role("button", name="End all others").click()
    expect(elsewhere.get_by_text("signed out")).to_be_visible(timeout=5_000)
    expect(person.get_by_role("button", name="Sign out")).to_be_visible()


@pytest.mark.parametrize("place", ["sessions", "a page of its own"])
def test_signing_out_elsewhere_than_in_a_chat_leaves_no_draft_either(
    open_browser: Opener, shared_site: Site, newcomer: Visitor, place: str
) -> None:
    page = online(open_browser(shared_site, newcomer))
    field(page).fill("private")
    page.wait_for_function(f"() => {DRAFTS} === 1")
    page.goto(shared_site.url + ("/accounts/sessions/" if place == "sessions" else "/accounts/logout/"))
    page.get_by_role("main").get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert page.evaluate(DRAFTS) == 0


def test_settings_are_kept_and_the_composer_heeds_them(person: Page, shared_site: Site) -> None:
    settings(person, "Profile")
    person.get_by_label("Your name").fill("Ada")
    person.get_by_role("button", name="Save").click()
    expect(person.get_by_text("Saved.")).to_be_visible()
    settings(person, "Reading")
    person.get_by_label("Send with").select_option("ctrl_enter")
    expect(person.get_by_text("Saved.")).to_be_visible()  # by itself
    settings(person, "Chat")
    person.get_by_label("Model for new chats").select_option(label="Other Model")
    person.get_by_label("Instructions for every chat").fill("Answer in rhymes.")
    person.get_by_role("button", name="Save").click()
    expect(person.get_by_text("Saved.")).to_be_visible()
    person.get_by_role("link", name="Back to the chats").click()
    expect(person.get_by_role("button", name="Ada")).to_be_visible()
    shared_site.provider.enqueue(answer("fine"))
    person.get_by_label("Your message").fill("first line")
    person.get_by_label("Your message").press("Enter")
    person.get_by_label("Your message").press_sequentially("second")
    person.get_by_label("Your message").press("Control+Enter")
    finished(person)
    asked = shared_site.provider.requests[-1]
    assert asked.model == "other-model"
    assert asked.messages == [
        {"role": "system", "content": "Answer in rhymes."},
        {"role": "user", "content": "first line\nsecond"},
    ]


def test_a_chosen_language_is_spoken_everywhere(person: Page, shared_site: Site) -> None:
    settings(person, "Reading")
    person.get_by_label("Language").select_option("zh-hans")
    expect(person.locator("html[lang=zh-hans]")).to_be_visible()
    expect(person.get_by_role("button", name="保存")).to_be_visible()
    person.goto("/".join(person.url.split("/")[:3]) + "/")
    shared_site.provider.enqueue(answer("好"))
    person.locator("textarea#text").fill("你好")
    person.keyboard.press("Enter")
    finished(person)
    expect(person.get_by_role("button", name="重新回答")).to_be_visible()  # came over the socket


def test_leaving_offers_the_data_first_and_then_removes_everything(person: Page, shared_site: Site, email: str) -> None:
    shared_site.provider.enqueue(answer("a private answer"))
    ask(person, "a private question")
    finished(person)
    settings(person, "Your data")
    with person.expect_download() as download:
        person.get_by_role("link", name="Download everything").click()
    with ZipFile(download.value.path()) as archive:
        kept = archive.read("chats.json").decode()
    assert "a private question" in kept
    assert "a private answer" in kept
    person.get_by_role("link", name="Delete the account…").click()
    person.get_by_label("to confirm").fill("somebody@else.example")
    person.get_by_role("button", name="Delete my account").click()
    confirm(person)
    expect(person.get_by_role("alert")).to_contain_text("not the address")
    person.get_by_label("to confirm").fill(email)
    person.get_by_role("button", name="Delete my account").click()
    expect(person.get_by_text("all your chats are deleted")).to_be_visible()
    assert shared_site.rows("SELECT 1 FROM conversations_user WHERE email = ?", email) == []
    assert shared_site.rows("SELECT 1 FROM conversations_message WHERE text = 'a private question'") == []
