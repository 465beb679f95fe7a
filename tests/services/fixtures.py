"""Fixtures of the real servers, for `pytest_plugins = ["tests.services.fixtures"]` in tests/conftest.py.

Session-scoped: under xdist each worker has its own, which costs 0.4 s and 25 MB and needs no coordination.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.services.chromium import find_chromium
from tests.services.postgres import PostgresServer
from tests.services.valkey import ValkeyServer


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    with PostgresServer() as server:
        yield server


@pytest.fixture(scope="session")
def valkey_server() -> Iterator[ValkeyServer]:
    with ValkeyServer() as server:
        yield server


@pytest.fixture(scope="session")
def chromium_path() -> Path:
    return find_chromium()
