"""What every story needs: a folder for the data and settings of the processes."""

from pathlib import Path

import pytest

from ai_chat.emulators.openrouter import Emulator
from tests.stories.server import environment


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def env(data_dir: Path, emulator: Emulator, database_url: str | None, redis_url: str | None) -> dict[str, str]:
    """The environment of a server with the emulator as its upstream."""
    stores = {}
    if database_url is not None:
        stores["DATABASE_URL"] = database_url
    if redis_url is not None:
        stores["REDIS_URL"] = redis_url
    return environment(data_dir, emulator, **stores)
