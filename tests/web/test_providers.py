"""What administrators do with providers: try them, import their models, and keep what is secret."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from django.test import Client
from django.urls import reverse

from conversations import catalogue
from conversations.models import ChatModel, Provider, User
from conversations.secrets import seal
from tests.fakes.scripts import Script, answer, error, head, raw, stall, status, wire
from tests.fakes.upstream import ScriptedProvider

pytestmark = pytest.mark.django_db(transaction=True)  # asking a provider runs on another thread

KEY = "sk-canary-0123456789"


@pytest.fixture
def office(sue: User) -> Client:
    client = Client()
    client.force_login(sue)
    return client


@pytest.fixture
def fake() -> Iterator[ScriptedProvider]:
    with ScriptedProvider() as provider:
        yield provider


def provider_at(address: str, **fields: Any) -> Provider:
    made = Provider.objects.create(name="Ours", base_url=address, sealed_secret=seal(KEY), **fields)
    ChatModel.objects.create(provider=made, key="known", name="known", label="Known")
    return made


def press(office: Client, name: str, provider: Provider, **fields: Any) -> str:
    """Press a button of the provider's page and return what is shown then."""
    address = reverse(f"admin:conversations_provider_{name}", args=[provider.pk])
    return office.post(address, fields, follow=True).content.decode()


# The test button


def test_a_provider_that_answers_is_told_so(office: Client, fake: ScriptedProvider) -> None:
    fake.models = ["known", "more"]
    page = press(office, "test", provider_at(fake.base_url))
    assert "The provider answers. It lists 2 models. known gave a word." in page
    assert fake.requests[0].json["max_tokens"] == 1


def test_models_that_a_provider_does_not_list_are_named(office: Client, fake: ScriptedProvider) -> None:
    provider = provider_at(fake.base_url)
    for name in ("misspelt", "gone", "off"):
        ChatModel.objects.create(
            provider=provider, key=name, name=name, label=name, is_enabled=name != "off", order=200
        )
    fake.models = ["known", "more"]
    assert "It does not list these models: gone, misspelt." in press(office, "test", provider)


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ([status(401, error("invalid_api_key", f"Incorrect API key provided: {KEY}"))], "refuses the key"),
        ([status(403, error("permission_denied", "no"))], "does not let it do this"),
        ([status(404, b"nothing here")], "Nothing answers at this address as a provider does"),
        ([head(302, {"location": "https://example.org/"})], "redirects elsewhere"),
        ([head(200, {"content-type": "text/html"}), raw(b"<html><title>Welcome</title>")], "is no such provider"),
        ([wire(b"SSH-2.0-OpenSSH\r\n")], "does not speak HTTP"),
        ([stall()], "did not answer in time"),
        ([status(429, error("insufficient_quota", "You exceeded your current quota"))], "account is used up"),
    ],
    ids=["key", "forbidden", "404", "redirect", "html", "ssh", "silent", "quota"],
)
def test_what_is_wrong_is_said_in_words_and_the_key_never(
    office: Client, fake: ScriptedProvider, script: Script, words: str
) -> None:
    fake.model_script, fake.default = script, script
    page = press(office, "test", provider_at(fake.base_url, first_timeout=1))
    assert words in page
    assert KEY not in page


def test_a_closed_port_and_an_unknown_certificate_are_told_apart(office: Client, tmp_path: Path) -> None:
    closed = provider_at("http://127.0.0.1:9/v1")
    assert "No connection to 127.0.0.1:9" in press(office, "test", closed)
    with ScriptedProvider(tls=self_signed(tmp_path)) as fake:
        Provider.objects.update(base_url=fake.base_url)
        assert "its certificate is not trusted" in press(office, "test", closed)


def test_a_provider_without_a_list_is_asked_for_one_token(office: Client, fake: ScriptedProvider) -> None:
    fake.model_script, fake.default = [status(404, b"no list")], answer("Hi")
    assert "The provider answers. known gave a word." in press(office, "test", provider_at(fake.base_url))


# The list of models


def test_what_is_new_and_gone_is_shown_and_only_what_is_chosen_happens(office: Client, fake: ScriptedProvider) -> None:
    provider = provider_at(fake.base_url)
    ChatModel.objects.create(provider=provider, key="old", name="old", label="Old")
    fake.models = ["known", "<b>new</b>", "other-new", "text-embedding-3"]
    page = press(office, "list", provider)
    assert "1 model of the list is here already." in page
    assert 'name="add" value="&lt;b&gt;new&lt;/b&gt;"' in page
    assert 'name="off" value="old"' in page
    assert "probably not for chats" in page
    assert ChatModel.objects.count() == 2, "to look changes nothing"

    press(office, "list", provider, chosen="yes", add=["other-new"], off=["old"])
    enabled = dict(ChatModel.objects.values_list("name", "is_enabled"))
    assert enabled == {"known": True, "old": False, "other-new": False}, "nothing is switched on silently"
    press(office, "list", provider, chosen="yes", add=["third"], enable="on")
    assert ChatModel.objects.get(name="third").is_enabled


def test_junk_in_a_choice_adds_nothing(office: Client, fake: ScriptedProvider) -> None:
    provider = provider_at(fake.base_url)
    press(office, "list", provider, chosen="yes", add=["", "a\x00b", "x" * 201], off=["\x01", "none"])
    assert ChatModel.objects.count() == 1


# Keys, headers, patience


def fields_of(provider: Provider, **changed: Any) -> dict[str, Any]:
    inline = {f"chat_models-{name}_FORMS": 0 for name in ("TOTAL", "INITIAL")}
    return {"name": provider.name, "base_url": provider.base_url, "is_enabled": "on", **inline, **changed}


def save(office: Client, provider: Provider, **changed: Any) -> Any:
    ChatModel.objects.all().delete()
    address = reverse("admin:conversations_provider_change", args=[provider.pk])
    return office.post(address, fields_of(provider, **changed), follow=True)


def test_headers_go_along_are_sealed_and_never_shown_again(office: Client, fake: ScriptedProvider) -> None:
    provider = provider_at(fake.base_url)
    page = save(office, provider, new_headers="X-Team: blue-canary\nX-Other: 1", stall_timeout="7").content.decode()
    assert "blue-canary" not in page
    page = office.get(reverse("admin:conversations_provider_change", args=[provider.pk])).content.decode()
    assert "X-Team, X-Other" in page
    assert "blue-canary" not in page
    provider.refresh_from_db()
    assert "blue-canary" not in provider.sealed_headers
    press(office, "test", provider)
    assert fake.model_requests[0].headers["x-team"] == "blue-canary"
    save(office, provider, new_headers="x-team:")
    provider.refresh_from_db()
    assert catalogue.headers_of(provider) == {"X-Other": "1"}
    endpoint = catalogue.endpoint_of(provider)
    assert (endpoint.secret, endpoint.timeouts.stall, endpoint.timeouts.first) == (KEY, 60, 120)


@pytest.mark.parametrize(
    "line",
    ["Host: evil", "authorization: Bearer other", "Transfer-Encoding: chunked", "X-A: é", "no name", ": x", "X A: b"],
)
def test_headers_that_are_not_the_administrators_are_refused(office: Client, line: str) -> None:
    provider = provider_at("http://127.0.0.1:9/v1")
    page = save(office, provider, new_headers=f"X-Fine: 1\n{line}").content.decode()
    assert "Line 2 is no header that may be sent along." in page
    provider.refresh_from_db()
    assert provider.sealed_headers == ""


def test_whoever_may_only_look_at_providers_presses_nothing(alice: User, fake: ScriptedProvider) -> None:
    provider = provider_at(fake.base_url)
    alice.is_staff = True
    alice.save()
    client = Client()
    client.force_login(alice)
    for name in ("test", "list"):
        address = reverse(f"admin:conversations_provider_{name}", args=[provider.pk])
        assert client.post(address, {"chosen": "yes", "add": "x"}).status_code == 403
    assert fake.model_requests == []
    assert ChatModel.objects.count() == 1


def self_signed(folder: Path) -> ssl.SSLContext:
    """Return a server's context with a certificate that nobody trusts."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
        .sign(key, SHA256())
    )
    plain = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "both.pem").write_bytes(plain + certificate.public_bytes(Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "both.pem")
    return context
