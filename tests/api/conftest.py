"""One product for all tests of a module that only send what is refused: nothing of it stays, so they may share it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio

from ai_chat.emulators.openrouter import start as start_emulator
from tests.api.helpers import insert_system_message
from tests.product import Api, Product, running_product


@dataclass
class Target:
    """A product, somebody signed in there, and a chat of theirs with a message that nothing can be done with."""

    product: Product
    user: Api
    chat: str
    message: str


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def target(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Target]:
    """For modules marked `pytest.mark.asyncio(loop_scope="module")`."""
    async with (
        await start_emulator() as emulator,
        running_product(
            data_dir=tmp_path_factory.mktemp("data"), emulator=emulator, web_url="https://chat.example.com"
        ) as product,
    ):
        user = await product.user()
        chat = await user.new_chat()
        yield Target(product, user, chat, await insert_system_message(product, chat))
