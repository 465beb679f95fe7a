"""Fixtures for all tests: the product as a running server, on every pair of database and Redis it supports."""

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from ai_chat.emulators.openrouter import Emulator
from ai_chat.emulators.openrouter import start as start_emulator
from tests.product import Product, migrated_template, running_product
from tests.services.postgres import PostgresServer
from tests.services.valkey import ValkeyServer

pytest_plugins = ["tests.services.fixtures"]

# `make soak` runs the same random tests much longer.
settings.register_profile("soak", max_examples=2_000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("usual", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("soak" if os.environ.get("SOAK") else "usual")

BACKENDS = ("sqlite", "sqlite+redis", "postgres", "postgres+redis")


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting of the developer's own, neither from the environment nor from a .env, reaches a test."""
    for name in list(os.environ):
        if name.startswith(
            (
                "OPENROUTER_",
                "OPENAI_COMPATIBLE_",
                "DATABASE_URL",
                "REDIS_URL",
                "JWT_",
                "APP_ENV",
                "NODE_ENV",
                "YOOKASSA_",
                "SMTP_",
            )
        ) and name not in ("DATABASE_URL_TEST", "REDIS_URL_TEST"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))


@pytest.fixture(params=["sqlite"])
def backend(request: pytest.FixtureRequest) -> str:
    """`@pytest.mark.parametrize("backend", BACKENDS, indirect=True)` runs a test on all of them."""
    return str(request.param)


@pytest.fixture(scope="session")
def postgres_template(postgres_server: PostgresServer) -> str:
    return migrated_template(postgres_server)


@pytest.fixture
def database_url(backend: str, request: pytest.FixtureRequest) -> Iterator[str | None]:
    """None for SQLite; for PostgreSQL a fresh database with the newest schema."""
    if not backend.startswith("postgres"):
        yield None
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    url = server.create_database(template=request.getfixturevalue("postgres_template"))
    yield url
    server.drop_database(url)


@pytest.fixture
def redis_url(backend: str, request: pytest.FixtureRequest) -> str | None:
    if not backend.endswith("redis"):
        return None
    server: ValkeyServer = request.getfixturevalue("valkey_server")
    return server.url


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    async with await start_emulator() as emulator:
        yield emulator


@pytest.fixture
async def product(
    tmp_path: Path, database_url: str | None, redis_url: str | None, emulator: Emulator
) -> AsyncIterator[Product]:
    """The whole product on a real socket, with the OpenRouter emulator as its upstream and without the embedded model."""
    async with running_product(
        data_dir=tmp_path / "data", database_url=database_url, redis_url=redis_url, emulator=emulator
    ) as product:
        yield product
