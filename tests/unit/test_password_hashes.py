"""Passwords are hashed slowly, checked whole, and old bcrypt hashes are taken over."""

import asyncio
from collections.abc import Iterator

import bcrypt
import pytest

from ai_chat.features.accounts.passwords import Passwords


@pytest.fixture(scope="module")
def passwords() -> Iterator[Passwords]:
    made = Passwords()
    made.failure_takes = 0.0
    yield made
    made.close()


async def test_a_hash_is_argon2id_with_the_recommended_cost(passwords: Passwords) -> None:
    assert (await passwords.hash("password123")).startswith("$argon2id$v=19$m=19456,t=2,p=1$")


async def test_two_hashes_of_one_password_differ_and_both_fit(passwords: Passwords) -> None:
    first, second = await asyncio.gather(passwords.hash("password123"), passwords.hash("password123"))
    assert first != second
    assert await passwords.verify("password123", first) == (True, None)
    assert await passwords.verify("password123", second) == (True, None)


@pytest.mark.parametrize("wrong", ["", "password124", "Password123", "password123 ", "password12", "пароль"])
async def test_a_wrong_password_does_not_fit(wrong: str, passwords: Passwords) -> None:
    stored = await passwords.hash("password123")
    assert await passwords.verify(wrong, stored) == (False, None)


@pytest.mark.parametrize("password", ["пароль123", "🦔" * 8, "a" * 1024, "tab\tand\nline"])
async def test_any_text_can_be_a_password(password: str, passwords: Passwords) -> None:
    assert (await passwords.verify(password, await passwords.hash(password)))[0]


async def test_a_password_over_72_bytes_counts_to_its_last_letter(passwords: Passwords) -> None:
    stored = await passwords.hash("x" * 100 + "a")
    assert (await passwords.verify("x" * 100 + "b", stored))[0] is False


async def test_nobody_has_any_password(passwords: Passwords) -> None:
    assert await passwords.verify("no account has this password", None) == (False, None)


async def test_an_account_without_a_hash_has_not_nobody_s_password(passwords: Passwords) -> None:
    assert await passwords.verify("no account has this password", "") == (False, None)


async def test_a_bcrypt_hash_is_accepted_and_replaced(passwords: Passwords) -> None:
    old = bcrypt.hashpw(b"password123", bcrypt.gensalt(4)).decode()
    right, fresh = await passwords.verify("password123", old)
    assert right
    assert fresh is not None
    assert fresh.startswith("$argon2id$")
    assert await passwords.verify("wrong", old) == (False, None)


async def test_a_bcrypt_hash_of_a_long_password_is_replaced_by_one_of_the_whole(passwords: Passwords) -> None:
    long = "x" * 80
    old = bcrypt.hashpw(long.encode()[:72], bcrypt.gensalt(4)).decode()
    _, fresh = await passwords.verify(long, old)
    assert fresh is not None
    assert (await passwords.verify(long, fresh))[0]
    assert not (await passwords.verify("x" * 72, fresh))[0]


@pytest.mark.parametrize("stored", ["", "plain", "$argon2id$broken", "$2b$broken", "$5$salt$hash", "\x00"])
async def test_a_stored_hash_that_is_none_lets_nobody_in(stored: str, passwords: Passwords) -> None:
    assert await passwords.verify(stored, stored) == (False, None)


async def test_hashing_does_not_hold_up_the_event_loop(passwords: Passwords) -> None:
    hashing = asyncio.gather(*(passwords.hash("password123") for _ in range(4)))
    turns = 0
    while not hashing.done():
        await asyncio.sleep(0.001)
        turns += 1
    assert turns >= 3


async def test_checking_a_password_does_not_wait_for_a_hundred_that_are_being_made(passwords: Passwords) -> None:
    stored = await passwords.hash("password123")
    making = [asyncio.create_task(passwords.hash("password123")) for _ in range(100)]
    await asyncio.sleep(0)
    for _ in range(3):
        assert (await passwords.verify("password123", stored))[0]
    assert sum(made.done() for made in making) < 50
    for made in making:
        made.cancel()
    await asyncio.gather(*making, return_exceptions=True)
