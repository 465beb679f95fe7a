"""How long a failed check takes tells neither whether there is an account nor what kind of hash it has."""

import asyncio
import time
from collections.abc import Iterator

import bcrypt
import pytest

from ai_chat.features.accounts.passwords import Passwords


@pytest.fixture(scope="module")
def passwords() -> Iterator[Passwords]:
    made = Passwords()
    yield made
    made.close()


async def seconds(passwords: Passwords, password: str, stored: str | None) -> float:
    started = time.perf_counter()
    await passwords.verify(password, stored)
    return time.perf_counter() - started


async def test_a_failed_check_takes_as_long_for_every_kind_of_hash_and_for_none(passwords: Passwords) -> None:
    kept = {
        "argon2": await passwords.hash("password123"),
        "bcrypt, cheap": bcrypt.hashpw(b"password123", bcrypt.gensalt(4)).decode(),
        "bcrypt": bcrypt.hashpw(b"password123", bcrypt.gensalt(12)).decode(),
        "broken": "!",
        "nobody's": None,
    }
    # The quickest of three: a busy machine can only make one slower.
    took = {
        kind: min([await seconds(passwords, "wrong horse", stored) for _ in range(3)]) for kind, stored in kept.items()
    }
    assert max(took.values()) - min(took.values()) < 0.2 * passwords.failure_takes, took


async def test_the_time_of_a_failure_is_that_of_a_bcrypt_check_with_some_to_spare(passwords: Passwords) -> None:
    stored = bcrypt.hashpw(b"password123", bcrypt.gensalt(12)).decode()
    started = time.thread_time()
    bcrypt.checkpw(b"wrong horse", stored.encode())
    assert 1.3 < passwords.failure_takes / (time.thread_time() - started) < 3


async def test_a_right_password_does_not_wait(passwords: Passwords) -> None:
    stored = await passwords.hash("password123")
    took = min([await seconds(passwords, "password123", stored) for _ in range(5)])
    assert took < passwords.failure_takes / 3


async def test_waiting_takes_no_thread_from_others(passwords: Passwords) -> None:
    started = time.perf_counter()
    await asyncio.gather(*(passwords.verify("wrong horse", "!") for _ in range(20)))
    assert time.perf_counter() - started < 5 * passwords.failure_takes
