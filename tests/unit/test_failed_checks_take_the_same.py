"""How long a failed check takes tells neither whether there is an account nor what kind of hash it has."""

import asyncio
from collections.abc import Iterator

import bcrypt
import pytest

from ai_chat.features.accounts import passwords as passwords_module
from ai_chat.features.accounts.passwords import Passwords

CHECKING_TAKES = 0.125


@pytest.fixture(scope="module")
def passwords() -> Iterator[Passwords]:
    made = Passwords()
    yield made
    made.close()


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long each check has waited, by a watch that says that every check took the same."""
    moments = iter(range(1000))
    noted: list[float] = []

    async def note(seconds: float) -> None:
        noted.append(seconds)

    class Watch:
        perf_counter = staticmethod(lambda: next(moments) * CHECKING_TAKES)

    monkeypatch.setattr(passwords_module, "time", Watch)
    monkeypatch.setattr(passwords_module, "asyncio", _Asyncio(note))
    return noted


class _Asyncio:
    """asyncio, with another way to sleep."""

    def __init__(self, sleep: object) -> None:
        self.sleep = sleep
        self.get_running_loop = asyncio.get_running_loop


async def test_a_failed_check_waits_until_the_same_moment_for_every_kind_of_hash_and_for_none(
    passwords: Passwords, waits: list[float]
) -> None:
    for stored in (
        await passwords.hash("password123"),
        bcrypt.hashpw(b"password123", bcrypt.gensalt(4)).decode(),
        "!",
        "",
        None,
    ):
        assert await passwords.verify("wrong horse", stored) == (False, None)
    assert waits == [pytest.approx(passwords.failure_takes - CHECKING_TAKES)] * 5


async def test_a_right_password_does_not_wait(passwords: Passwords, waits: list[float]) -> None:
    assert (await passwords.verify("password123", await passwords.hash("password123")))[0]
    assert waits == []


async def test_a_check_that_took_longer_than_the_floor_does_not_wait_further(
    passwords: Passwords, waits: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passwords, "failure_takes", CHECKING_TAKES / 2)
    await passwords.verify("wrong horse", None)
    assert waits == [0.0]
