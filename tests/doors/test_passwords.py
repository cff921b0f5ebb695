"""Guessing: wrong passwords are bounded, the right one is not shut out for long, and nobody learns who has an account."""

from __future__ import annotations

import re
import time
from types import SimpleNamespace
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.core.internal import ratelimit
from django.core import mail
from django.test import Client

from conversations.models import User
from tests.doors.belongings import somebody
from tests.doors.hashing import CountingHasher

pytestmark = pytest.mark.django_db

KNOWN, UNKNOWN = "alice@example.org", "mallory@example.org"
RIGHT, WRONG = "correct horse battery", "wrong horse battery"
LOGIN, SIGNUP, RESET = "/accounts/login/", "/accounts/signup/", "/accounts/password/reset/"
PER_ACCOUNT, ACCOUNT_WINDOW = 5, 300
PER_ADDRESS, ADDRESS_WINDOW = 10, 60


@pytest.fixture(autouse=True)
def alice(db: None) -> User:
    alice = somebody("alice")
    EmailAddress.objects.create(user=alice, email=alice.email, primary=True, verified=True)
    return alice


@pytest.fixture
def counting(settings: Any, alice: User) -> type[CountingHasher]:
    settings.PASSWORD_HASHERS = ["tests.doors.hashing.CountingHasher"]
    alice.set_password(RIGHT)
    alice.save()
    CountingHasher.count = 0
    return CountingHasher


class Clock:
    """The time that the limits of speed go by; no two moments are the same."""

    def __init__(self) -> None:
        self.now = time.time()

    def time(self) -> float:
        self.now += 0.001
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    module = SimpleNamespace(time=clock.time, monotonic=time.monotonic, sleep=time.sleep)
    monkeypatch.setattr(ratelimit, "time", module)
    return clock


def post(path: str, fields: dict[str, str], *, address: str = "192.0.2.1") -> Any:
    return Client(REMOTE_ADDR=address).post(path, fields)


def log_in(email: str, password: str, *, address: str = "192.0.2.1") -> Any:
    return post(LOGIN, {"login": email, "password": password}, address=address)


def is_in(answer: Any) -> bool:
    return bool(answer.status_code == 302 and answer["Location"] == "/")


def is_bounded(answer: Any) -> bool:
    return answer.status_code == 429 or b"Too many failed login attempts" in answer.content


def masked(answer: Any, email: str) -> str:
    """Return an answer without the address that was typed and what differs from one request to the next."""
    text = f"{answer.status_code} {answer.headers} {sorted(answer.cookies)} {answer.content.decode()}"
    text = text.replace(email, "EMAIL")
    text = re.sub(r'(?<=csrfmiddlewaretoken" value=")\w+|\b[0-9a-f]{16}\b', "", text)
    return re.sub(r"nonce[-=]\"?[\w+/=]+|'Content-Length': '\d+'|'Expires': '[^']+'", "", text)


# Bounds


def test_wrong_passwords_for_one_account_are_bounded_wherever_they_come_from(clock: Clock) -> None:
    answers = [log_in(KNOWN, WRONG, address=f"198.51.100.{number}") for number in range(PER_ACCOUNT + 5)]
    assert [is_bounded(answer) for answer in answers] == [False] * PER_ACCOUNT + [True] * 5


@pytest.mark.parametrize(
    "spelling", ["ALICE@example.org", "Alice@Example.ORG", " alice@example.org", "alice@example.org "]
)
def test_another_spelling_of_the_address_is_the_same_account(clock: Clock, spelling: str) -> None:
    assert is_in(log_in(spelling, RIGHT))
    for number in range(PER_ACCOUNT):
        log_in(KNOWN, WRONG, address=f"198.51.100.{number}")
    assert is_bounded(log_in(spelling, WRONG, address="198.51.100.99"))


def test_wrong_passwords_from_one_place_are_bounded_however_many_accounts_are_tried(clock: Clock) -> None:
    answers = [log_in(f"person{number}@example.org", WRONG) for number in range(PER_ADDRESS + 5)]
    assert [is_bounded(answer) for answer in answers] == [False] * PER_ADDRESS + [True] * 5


def test_a_right_password_in_between_gives_no_further_tries(clock: Clock) -> None:
    somebody("eve")
    for number in range(PER_ADDRESS):
        assert not is_bounded(log_in(f"person{number}@example.org", WRONG))
        assert number >= PER_ADDRESS - 1 or is_in(log_in("eve@example.org", RIGHT))
    assert is_bounded(log_in(KNOWN, WRONG))


def test_while_the_bound_holds_the_right_password_is_not_told_from_a_wrong_one(clock: Clock) -> None:
    for number in range(PER_ACCOUNT):
        log_in(KNOWN, WRONG, address=f"198.51.100.{number}")
    right, wrong = (log_in(KNOWN, password, address="198.51.100.99") for password in (RIGHT, WRONG))
    assert is_bounded(right)
    assert masked(right, KNOWN) == masked(wrong, KNOWN)


def test_after_the_window_the_right_password_opens_again(clock: Clock) -> None:
    for number in range(PER_ACCOUNT + 20):
        log_in(KNOWN, WRONG, address=f"198.51.100.{number}")
    assert is_bounded(log_in(KNOWN, RIGHT))
    clock.now += ACCOUNT_WINDOW + 1
    assert is_in(log_in(KNOWN, RIGHT))


def test_tries_that_were_refused_do_not_make_the_window_longer(clock: Clock) -> None:
    """Whoever goes on trying may not keep the owner out for ever."""
    for _ in range(PER_ACCOUNT):
        log_in(KNOWN, WRONG)
    for _ in range(ACCOUNT_WINDOW // 20):
        clock.now += 20
        log_in(KNOWN, WRONG, address="203.0.113.7")
    clock.now += 1
    assert not is_bounded(log_in(KNOWN, WRONG, address="203.0.113.8"))


def test_a_place_that_was_shut_out_is_let_in_again_after_a_minute(clock: Clock) -> None:
    for number in range(PER_ADDRESS + 5):
        log_in(f"person{number}@example.org", WRONG)
    assert is_bounded(log_in(KNOWN, RIGHT))
    clock.now += ADDRESS_WINDOW + 1
    assert is_in(log_in(KNOWN, RIGHT))


def test_who_is_logged_in_already_stays_so(alice: User, clock: Clock) -> None:
    client = Client()
    client.force_login(alice)
    for number in range(PER_ACCOUNT + 5):
        log_in(KNOWN, WRONG, address=f"198.51.100.{number}")
    assert client.get("/").status_code == 200


def test_the_present_password_cannot_be_guessed_by_a_page_that_was_left_open(alice: User, clock: Clock) -> None:
    client = Client()
    client.force_login(alice)
    answers = [client.post("/accounts/reauthenticate/", {"password": WRONG}) for _ in range(12)]
    assert is_bounded(answers[-1])
    fields = {"oldpassword": WRONG, "password1": "another good password", "password2": "another good password"}
    answers = [client.post("/accounts/password/change/", fields) for _ in range(12)]
    assert answers[-1].status_code == 429


@pytest.mark.parametrize(("path", "fields"), [(SIGNUP, {"password1": "x"}), (RESET, {})])
def test_whether_accounts_exist_cannot_be_asked_in_bulk(clock: Clock, path: str, fields: dict[str, str]) -> None:
    answers = [post(path, {"email": f"person{number}@example.org", **fields}) for number in range(25)]
    assert [answer.status_code for answer in answers[-5:]] == [429] * 5


# Known and unknown are told apart by nothing


def test_a_wrong_password_is_answered_alike_for_known_and_unknown_addresses() -> None:
    known, unknown = log_in(KNOWN, WRONG), log_in(UNKNOWN, WRONG)
    assert known.status_code == 200
    assert masked(known, KNOWN) == masked(unknown, UNKNOWN)


def test_somebody_deactivated_is_told_so_only_with_the_right_password(alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(is_active=False)
    known, unknown = log_in(KNOWN, WRONG), log_in(UNKNOWN, WRONG)
    assert masked(known, KNOWN) == masked(unknown, UNKNOWN)
    assert not is_in(log_in(KNOWN, RIGHT))


@pytest.mark.parametrize("bounded", [PER_ACCOUNT + 2])
def test_the_bound_is_answered_alike_for_known_and_unknown_addresses(clock: Clock, bounded: int) -> None:
    known = [log_in(KNOWN, WRONG, address=f"198.51.100.{number}") for number in range(bounded)]
    unknown = [log_in(UNKNOWN, WRONG, address=f"203.0.113.{number}") for number in range(bounded)]
    assert [masked(one, KNOWN) for one in known] == [masked(one, UNKNOWN) for one in unknown]


@pytest.mark.parametrize("state", ["active", "deactivated", "without a password"])
def test_a_wrong_password_is_the_same_work_for_known_and_unknown_addresses(
    alice: User, counting: type[CountingHasher], state: str
) -> None:
    if state == "deactivated":
        User.objects.filter(pk=alice.pk).update(is_active=False)
    if state == "without a password":
        alice.set_unusable_password()
        alice.save()
    counting.count = 0
    log_in(KNOWN, WRONG)
    known, counting.count = counting.count, 0
    log_in(UNKNOWN, WRONG)
    assert known == counting.count > 0


def test_a_reset_is_answered_alike_and_told_in_the_mail_alone() -> None:
    known, unknown = (post(RESET, {"email": email}) for email in (KNOWN, UNKNOWN))
    assert known.status_code == 302
    assert masked(known, KNOWN) == masked(unknown, UNKNOWN)
    assert [message.to for message in mail.outbox if "/password/reset/key/" in message.body] == [[KNOWN]]


def test_a_sign_up_is_answered_alike_where_addresses_are_confirmed(
    settings: Any, counting: type[CountingHasher]
) -> None:
    """Without confirmation a new account is logged in at once, and that alone tells that the address was free."""
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    answers, works = [], []
    for email in (KNOWN, UNKNOWN):
        counting.count = 0
        answers.append(post(SIGNUP, {"email": email, "password1": "another good password"}))
        works.append(counting.count)
    assert answers[0].status_code == 302
    assert masked(answers[0], KNOWN) == masked(answers[1], UNKNOWN)
    assert [message.to for message in mail.outbox] == [[KNOWN], [UNKNOWN]]
    assert works[0] == works[1]


def test_a_sign_up_with_a_known_address_changes_nothing_of_the_account(settings: Any, alice: User) -> None:
    for verification in ("none", "optional", "mandatory"):
        settings.ACCOUNT_EMAIL_VERIFICATION = verification
        client = Client()
        client.post(SIGNUP, {"email": KNOWN, "password1": "another good password"})
        assert client.get("/").status_code == 302
    assert User.objects.get().check_password(RIGHT)
