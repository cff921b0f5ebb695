"""What administrators decide in pages: who joins, who is in, what a group may, what is announced."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Group
from django.core import mail
from django.test import Client
from django.urls import reverse

from conversations.models import Allowance, ChatModel, Invitation, Provider, SitePolicy, User

pytestmark = pytest.mark.django_db

PASSWORD = "a very good password"


@pytest.fixture
def office(sue: User) -> Client:
    client = Client()
    client.force_login(sue)
    return client


@pytest.fixture
def model(db: None) -> ChatModel:
    provider = Provider.objects.create(name="Some", base_url="http://127.0.0.1:9/v1")
    return ChatModel.objects.create(provider=provider, key="some", name="some", label="Some")


def sign_up(client: Client, email: str) -> Any:
    return client.post("/accounts/signup/", {"email": email, "password1": PASSWORD})


def decide(**fields: Any) -> None:
    SitePolicy.objects.update_or_create(pk=1, defaults=fields)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("table", sorted(admin.site._registry, key=str), ids=lambda model: model._meta.label)
def test_every_table_opens_in_both_languages(office: Client, sue: User, table: Any, language: str) -> None:
    User.objects.filter(pk=sue.pk).update(language=language)
    name = f"admin:{table._meta.app_label}_{table._meta.model_name}"
    page = office.get(reverse(f"{name}_changelist"))
    assert page.status_code == 200
    assert f'lang="{language}"' in page.content.decode()
    may_add = admin.site._registry[table].has_add_permission(page.wsgi_request)
    assert office.get(reverse(f"{name}_add")).status_code == (200 if may_add else 403)


def test_an_invitation_is_mailed_shown_as_a_link_and_uses_itself_up(office: Client) -> None:
    decide(sign_up="invitation")
    group = Group.objects.create(name="Friends")
    fields = {"email": "friend@example.org", "group": group.pk, "expires_at_0": "2100-01-01", "expires_at_1": "00:00"}
    assert office.post(reverse("admin:conversations_invitation_add"), fields).status_code == 302
    invitation = Invitation.objects.get()
    (message,) = mail.outbox
    page = office.get(reverse("admin:conversations_invitation_change", args=[invitation.pk])).content.decode()
    (link,) = [word for word in message.body.split() if "/invitation/" in word]
    assert message.to == ["friend@example.org"]
    assert link in page

    friend, path = Client(), link.partition("testserver")[2]
    assert friend.get(path).status_code == 200
    assert sign_up(friend, "friend@example.org").status_code == 200  # looking at the link is not accepting it
    friend.post(path)
    assert sign_up(friend, "friend@example.org").status_code == 302
    assert list(User.objects.get(email="friend@example.org").groups.all()) == [group]
    assert Client().get(path).status_code == 404


def test_the_link_of_an_invitation_is_the_same_whenever_it_is_shown(
    office: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    invitation = Invitation.objects.create()
    shown = set()
    for later in (0, 3600):
        moment = time.time() + later
        monkeypatch.setattr("time.time", lambda moment=moment: moment)
        page = office.get(reverse("admin:conversations_invitation_change", args=[invitation.pk])).content.decode()
        shown |= set(re.findall(r"http://testserver/invitation/[^\s<\"]+", page))
    (link,) = shown
    assert Client().get(link).status_code == 200


def test_an_invitation_makes_one_account_even_for_two_who_accepted_it(sue: User) -> None:
    decide(sign_up="invitation")
    from conversations.accounts.policy import token_of

    path = reverse("invitation", args=[token_of(Invitation.objects.create())])
    first, second = Client(), Client()
    for client in (first, second):
        client.post(path)
    assert sign_up(first, "first@example.org").status_code == 302
    assert sign_up(second, "second@example.org").status_code in (200, 403)
    assert not User.objects.filter(email="second@example.org").exists()


def test_only_people_of_the_listed_domains_may_join(sue: User) -> None:
    decide(sign_up="open", domains="example.org\n@company.example\n")
    refused = sign_up(Client(), "eve@elsewhere.example")
    assert "certain mail domains" in refused.content.decode()
    assert sign_up(Client(), "eve@example.org.evil.example").status_code == 200
    assert sign_up(Client(), "ada@Company.example").status_code == 302
    assert sorted(User.objects.values_list("email", flat=True)) == ["ada@company.example", "sue@example.org"]


def test_the_policy_page_overrides_the_environment_and_carries_a_banner(office: Client, settings: Any) -> None:
    settings.CHAT_SIGNUP = "open"
    fields = {
        "sign_up": "closed",
        "domains": "",
        "sharing": "off",
        "review_notice": "at_once",
        "banner": "Back at noon <b>",
    }
    assert office.post(reverse("admin:conversations_sitepolicy_add"), fields).status_code == 302
    assert sign_up(Client(), "new@example.org").status_code == 200
    assert not User.objects.filter(email="new@example.org").exists()
    assert "Back at noon &lt;b&gt;" in office.get("/").content.decode()


def test_people_are_deactivated_and_come_back_but_nobody_locks_themselves_out(
    office: Client, sue: User, alice: User
) -> None:
    her = Client()
    her.force_login(alice)
    people = reverse("admin:conversations_user_changelist")
    office.post(people, {"action": "deactivate", "_selected_action": [str(alice.pk), str(sue.pk)]})
    assert her.get("/").status_code == 302
    assert office.get("/").status_code == 200
    office.post(people, {"action": "activate", "_selected_action": [str(alice.pk)]})
    assert User.objects.get(pk=alice.pk).is_active


def test_a_groups_page_says_what_its_members_may_use(office: Client, alice: User, model: ChatModel) -> None:
    fields = {
        "name": "Guests", "allowances-TOTAL_FORMS": 1, "allowances-INITIAL_FORMS": 0, "allowances-0-period": "day",
        "allowances-0-messages": 5, "ChatModel_groups-TOTAL_FORMS": 1, "ChatModel_groups-INITIAL_FORMS": 0,
        "ChatModel_groups-0-chatmodel": str(model.pk),
    }  # fmt: skip
    assert office.post(reverse("admin:auth_group_add"), fields).status_code == 302
    group = Group.objects.get()
    assert Allowance.objects.get().group == group
    assert list(model.groups.all()) == [group]


def test_staff_without_a_second_factor_are_sent_to_set_one_up_where_the_site_asks_for_it(
    office: Client, sue: User
) -> None:
    decide(staff_need_mfa=True)
    sent = office.get(reverse("admin:index"), follow=True)
    assert sent.redirect_chain[-1][0] == reverse("mfa_index")
    assert "Set up a second step first" in sent.content.decode()
    Authenticator.objects.create(user=sue, type=Authenticator.Type.TOTP, data={"secret": "sealed"})
    assert office.get(reverse("admin:index")).status_code == 200


def test_somebody_of_the_staff_gives_nobody_more_rights_than_they_have(alice: User, bob: User) -> None:
    from django.contrib.auth.models import Permission

    User.objects.filter(pk=alice.pk).update(is_staff=True)
    alice.user_permissions.set(Permission.objects.filter(codename__in=["change_user", "view_user"]))
    client = Client()
    client.force_login(alice)
    page = reverse("admin:conversations_user_change", args=[bob.pk])
    fields = {"email": bob.email, "name": "Bob", "is_active": "on", "is_superuser": "on", "is_staff": "on"}
    client.post(page, {**fields, "allowances-TOTAL_FORMS": 0, "allowances-INITIAL_FORMS": 0})
    bob.refresh_from_db()
    assert (bob.is_staff, bob.is_superuser) == (False, False)


def test_no_key_is_ever_shown(office: Client, model: ChatModel) -> None:
    page = reverse("admin:conversations_provider_change", args=[model.provider.pk])
    inline = {"chat_models-TOTAL_FORMS": 0, "chat_models-INITIAL_FORMS": 0}
    fields = {"name": "Some", "base_url": "http://127.0.0.1:9/v1", "is_enabled": "on", "new_key": "sk-canary-1"}
    assert office.post(page, {**fields, **inline}).status_code == 302
    assert Provider.objects.get().sealed_secret
    for shown in (page, reverse("admin:conversations_provider_changelist")):
        assert "sk-canary" not in office.get(shown).content.decode()


def test_what_is_registered_are_the_tables_an_administrator_needs() -> None:
    ours = {model for model in apps.get_app_config("conversations").get_models() if model in admin.site._registry}
    assert {User, Provider, ChatModel, Allowance, Invitation, SitePolicy} <= ours


def policy_fields(**changed: str) -> dict[str, str]:
    return {"sign_up": "", "domains": "", "sharing": "off", "review_notice": "at_once", "banner": ""} | changed


def test_administrators_say_in_each_language_how_a_chat_may_begin(
    office: Client, model: ChatModel, settings: Any
) -> None:
    settings.CHAT_DEMO = False
    own = 'data-text="Explain an error message"'
    assert own in office.get("/").content.decode()
    page = reverse("admin:conversations_sitepolicy_add")
    chosen = {"starters_en": "Read <b>our</b> rules\r\n\r\n  Write a report  ", "starters_zh_hans": "写一份报告"}
    assert office.post(page, policy_fields(**chosen)).status_code == 302
    english, chinese = (office.get("/", headers={"Accept-Language": one}).content.decode() for one in ("en", "zh-CN"))
    assert re.findall('data-text="([^"]*)" dir', english) == ["Read &lt;b&gt;our&lt;/b&gt; rules", "Write a report"]
    assert re.findall('data-text="([^"]*)" dir', chinese) == ["写一份报告"]
    change = reverse("admin:conversations_sitepolicy_change", args=[1])
    shown = office.get(change).content.decode()
    assert "Read &lt;b&gt;our&lt;/b&gt; rules\nWrite a report" in shown
    for code, name in settings.LANGUAGES:
        assert f"starters_{code.replace('-', '_')}" in shown
        assert f"Ways to begin ({name})" in shown
    office.post(change, policy_fields())
    assert own in office.get("/").content.decode()


@pytest.mark.parametrize("lines", ["a\nb\nc\nd\ne", "x" * 201, "a\x00b"])
def test_ways_to_begin_that_would_not_fit_are_refused(office: Client, lines: str) -> None:
    answer = office.post(reverse("admin:conversations_sitepolicy_add"), policy_fields(starters_en=lines))
    assert answer.status_code == 200
    assert "errorlist" in answer.content.decode()


def test_without_any_model_administrators_get_the_way_to_set_one_up_and_others_a_sentence(
    office: Client, alice: User
) -> None:
    staff = office.get("/").content.decode()
    assert f'href="{reverse("admin:index")}">Open the administration' in staff
    her = Client()
    her.force_login(alice)
    assert "Please ask its administrator" in her.get("/").content.decode()
