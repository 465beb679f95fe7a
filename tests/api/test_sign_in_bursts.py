"""Many attempts to sign in at the same moment are limited like as many one after the other."""

import asyncio
from pathlib import Path
from uuid import uuid4

import pytest

from ai_chat.emulators.openrouter import Emulator
from tests.api.helpers import assert_limit
from tests.product import Answer, Product, running_product


async def guess(product: Product, source: str) -> Answer:
    body = {"email": f"{uuid4().hex}@example.com", "password": "wrong horse"}
    return await product.anonymous.post("/api/auth/login", body, headers={"X-Forwarded-For": source})


@pytest.mark.parametrize("backend", ["sqlite", "sqlite+redis"], indirect=True)
async def test_two_hundred_guesses_at_two_hundred_addresses_at_once_are_a_hundred(
    tmp_path: Path, redis_url: str | None, emulator: Emulator
) -> None:
    source = f"2001:db8:{uuid4().hex[:4]}:{uuid4().hex[:4]}::1"  # Redis outlives a test
    async with running_product(
        data_dir=tmp_path, redis_url=redis_url, emulator=emulator, trusted_proxies=("127.0.0.1",)
    ) as product:
        answers = await asyncio.gather(*(guess(product, source) for _ in range(200)))
        assert sorted(answer.status for answer in answers) == [401] * 100 + [429] * 100
        for answer in answers:
            if answer.status == 429:
                assert_limit(answer, "TOO_MANY_ATTEMPTS", limit=100, used=100)
        assert_limit(await guess(product, source), "TOO_MANY_ATTEMPTS", limit=100, used=100)
