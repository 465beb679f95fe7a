"""Guessing passwords is slowed down, by source, by address, and most of all by both."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from ai_chat.emulators.openrouter import Emulator
from tests.api.helpers import assert_limit, assert_refused
from tests.conftest import BACKENDS
from tests.product import PASSWORD, Answer, Product, running_product


@pytest.fixture
async def behind_proxy(
    tmp_path: Path, database_url: str | None, redis_url: str | None, emulator: Emulator
) -> AsyncIterator[Product]:
    """A product that believes this machine's X-Forwarded-For, so that a test can come from many addresses."""
    async with running_product(
        data_dir=tmp_path,
        database_url=database_url,
        redis_url=redis_url,
        emulator=emulator,
        trusted_proxies=("127.0.0.1",),
    ) as product:
        yield product


async def attempt(product: Product, email: str, password: str = "wrong horse", ip: str | None = None) -> Answer:
    headers = {"X-Forwarded-For": ip} if ip else {}
    return await product.anonymous.post("/api/auth/login", {"email": email, "password": password}, headers=headers)


def new_address() -> str:
    """Redis outlives a test: every test guesses at an address of its own."""
    return f"{uuid4().hex}@example.com"


def new_ip() -> str:
    """Another customer: IPv6 customers are told apart by the first half of their address."""
    digits = uuid4().hex
    return f"2001:{digits[:4]}:{digits[4:8]}:{digits[8:12]}::1"


@pytest.mark.parametrize("backend", ["sqlite", "sqlite+redis"], indirect=True)
async def test_after_ten_failures_even_the_right_password_has_to_wait(behind_proxy: Product) -> None:
    user = await behind_proxy.user()
    email, ip = user.user["email"], new_ip()
    for _ in range(10):
        assert_refused(await attempt(behind_proxy, email, ip=ip), 401, "INVALID_CREDENTIALS")
    for password in ("wrong horse", PASSWORD):
        answer = await attempt(behind_proxy, email, password, ip=ip)
        resets = assert_limit(answer, "TOO_MANY_ATTEMPTS", limit=10, used=10)
        wait = int(answer.headers["Retry-After"])
        assert 14 * 60 < wait <= 15 * 60
        assert abs(resets - datetime.now(UTC) - timedelta(seconds=wait)) < timedelta(seconds=3)
    somebody_else = await behind_proxy.user()
    assert (await attempt(behind_proxy, somebody_else.user["email"], PASSWORD, ip=ip)).status == 200


async def test_an_unknown_address_is_throttled_like_a_known_one(product: Product) -> None:
    email = new_address()
    for _ in range(10):
        assert_refused(await attempt(product, email), 401, "INVALID_CREDENTIALS")
    assert_limit(await attempt(product, email.upper()), "TOO_MANY_ATTEMPTS", limit=10, used=10)


async def test_a_good_login_forgets_the_failures_before_it(product: Product) -> None:
    user = await product.user()
    for _ in range(3):
        for _ in range(9):
            assert (await attempt(product, user.user["email"])).status == 401
        assert (await attempt(product, user.user["email"], PASSWORD)).status == 200


@pytest.mark.parametrize("backend", BACKENDS, indirect=True)
async def test_thirty_guesses_at_the_same_moment_are_ten_guesses(behind_proxy: Product) -> None:
    email, ip = new_address(), new_ip()
    answers = await asyncio.gather(*(attempt(behind_proxy, email, ip=ip) for _ in range(30)))
    assert sorted(answer.status for answer in answers) == [401] * 10 + [429] * 20


async def test_a_stranger_s_failures_do_not_lock_an_account(behind_proxy: Product) -> None:
    user = await behind_proxy.user()
    email, stranger, owner = user.user["email"], new_ip(), new_ip()
    for _ in range(12):
        await attempt(behind_proxy, email, ip=stranger)
    assert_limit(await attempt(behind_proxy, email, PASSWORD, ip=stranger), "TOO_MANY_ATTEMPTS", limit=10, used=10)
    assert (await attempt(behind_proxy, email, PASSWORD, ip=owner)).status == 200
    # And the owner's success opens nothing to the stranger.
    assert_limit(await attempt(behind_proxy, email, ip=stranger), "TOO_MANY_ATTEMPTS", limit=10, used=10)


@pytest.mark.parametrize("backend", ["sqlite", "sqlite+redis"], indirect=True)
async def test_an_address_that_many_sources_guess_at_closes_after_a_hundred_failures(behind_proxy: Product) -> None:
    user = await behind_proxy.user()
    email = user.user["email"]
    answers = await asyncio.gather(*(attempt(behind_proxy, email, ip=new_ip()) for _ in range(130)))
    assert sorted(answer.status for answer in answers) == [401] * 100 + [429] * 30
    refused = await attempt(behind_proxy, email, PASSWORD, ip=new_ip())
    assert_limit(refused, "TOO_MANY_ATTEMPTS", limit=100, used=100)
    assert 14 * 60 < int(refused.headers["Retry-After"]) <= 15 * 60
    somebody_else = await behind_proxy.user()
    assert (await attempt(behind_proxy, somebody_else.user["email"], PASSWORD, ip=new_ip())).status == 200


@pytest.mark.parametrize("backend", ["sqlite", "sqlite+redis"], indirect=True)
async def test_an_ip_that_failed_a_hundred_times_has_to_wait_and_others_need_not(behind_proxy: Product) -> None:
    user = await behind_proxy.user()
    bad = new_ip()
    answers = await asyncio.gather(*(attempt(behind_proxy, new_address(), ip=bad) for _ in range(100)))
    assert {answer.status for answer in answers} == {401}
    refused = await attempt(behind_proxy, user.user["email"], PASSWORD, ip=bad)
    assert_limit(refused, "TOO_MANY_ATTEMPTS", limit=100, used=100)
    assert (await attempt(behind_proxy, user.user["email"], PASSWORD, ip=new_ip())).status == 200


async def test_a_forged_forwarding_header_does_not_make_a_new_ip(behind_proxy: Product) -> None:
    real = "203.0.113.77"
    for number in range(100):
        await attempt(behind_proxy, new_address(), ip=f"198.51.100.{number}, {real}")
    refused = await attempt(behind_proxy, new_address(), ip=f"192.0.2.1, {real}")
    assert_limit(refused, "TOO_MANY_ATTEMPTS", limit=100, used=100)


async def test_an_untrusted_forwarding_header_is_not_believed(product: Product) -> None:
    transport = httpx.ASGITransport(product.app, client=("203.0.113.5", 5000))
    async with httpx.AsyncClient(transport=transport, base_url=product.url) as client:
        statuses = [
            (
                await client.post(
                    "/api/auth/login",
                    json={"email": new_address(), "password": PASSWORD},
                    headers={"X-Forwarded-For": f"198.51.100.{number}"},
                )
            ).status_code
            for number in range(101)
        ]
    assert statuses == [401] * 100 + [429]


async def test_the_throttle_can_be_switched_off(tmp_path: Path, emulator: Emulator) -> None:
    async with running_product(data_dir=tmp_path, emulator=emulator, auth_throttle="off") as product:
        user = await product.user()
        for _ in range(12):
            assert_refused(await attempt(product, user.user["email"]), 401, "INVALID_CREDENTIALS")
        assert (await attempt(product, user.user["email"], PASSWORD)).status == 200
