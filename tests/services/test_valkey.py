"""The Valkey that the tests run on can be taken away and given back at the same address."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
import redis.asyncio as redis
from redis.exceptions import ConnectionError as RedisConnectionError

from tests.services.valkey import ValkeyServer


def set_and_get(url: str, value: str) -> str:
    async def run() -> str:
        async with redis.Redis.from_url(url) as client:
            await client.set("key", value)
            stored = await client.get("key")
            assert isinstance(stored, bytes)
            return stored.decode()

    return asyncio.run(run())


def get(url: str) -> object:
    async def run() -> object:
        async with redis.Redis.from_url(url) as client:
            return await client.get("key")

    return asyncio.run(run())


@pytest.fixture
def own_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ValkeyServer]:
    monkeypatch.delenv("REDIS_URL_TEST", raising=False)
    with ValkeyServer() as server:
        yield server


def test_round_trip(valkey_server: ValkeyServer) -> None:
    assert set_and_get(valkey_server.url, "Привет 🦔") == "Привет 🦔"


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_it_comes_back_at_the_same_address(own_server: ValkeyServer, end: str) -> None:
    url = own_server.url
    set_and_get(url, "before")

    getattr(own_server, end)()
    with pytest.raises(RedisConnectionError):
        get(url)

    own_server.start()
    assert own_server.url == url
    assert get(url) is None


def test_a_durable_one_keeps_what_it_acknowledged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REDIS_URL_TEST", raising=False)
    with ValkeyServer(durable=True) as server:
        set_and_get(server.url, "kept")
        server.kill()
        server.start()
        assert get(server.url) == b"kept"


def test_an_external_server_replaces_it(own_server: ValkeyServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL_TEST", own_server.url)

    with ValkeyServer() as external:
        assert not external.managed
        external.stop()
        assert set_and_get(external.url, "there") == "there"
