"""`make demo`: the product, its stand-ins for OpenRouter and YooKassa, and one clock for all of them."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import aiohttp

from tests.product import PASSWORD, Api
from tests.stories.server import environment, free_port

NEWCOMER = {"email": "ann@example.com", "password": PASSWORD}
ROOT = Path(__file__).parents[2]


@asynccontextmanager
async def demonstration(folder: Path, **settings: str) -> AsyncIterator[tuple[str, str, asyncio.subprocess.Process]]:
    """The product's address, the payment emulator's, and the process."""
    port, models, payments = free_port(), free_port(), free_port()
    ports = ("--port", str(port), "--models-port", str(models), "--payments-port", str(payments))
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "scripts.demo", *ports,
        env={**environment(folder), "PYTHONPATH": str(ROOT), **settings}, cwd=folder,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    try:
        yield f"http://127.0.0.1:{port}", f"http://127.0.0.1:{payments}", process
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.communicate()


async def until_serving(process: asyncio.subprocess.Process) -> str:
    """What it said until then."""
    assert process.stdout is not None
    said = ""
    async with asyncio.timeout(60):
        while "serving" not in said:
            line = await process.stdout.readline()
            assert line, said
            said += line.decode()
    return said


async def test_many_models_answer_and_the_clocks_travel_together(tmp_path: Path) -> None:
    async with demonstration(tmp_path) as (product, kassa, process), aiohttp.ClientSession() as session:
        said = await until_serving(process)
        assert f"{kassa}/_emulator/" in said
        registered = await Api(session, product).post("/api/auth/register", NEWCOMER)
        api = Api(session, product, registered.data["token"])
        models = (await api.get("/api/models")).data
        assert sum(model["available"] for model in models) >= 30
        async with session.post(f"{kassa}/_emulator/clock", json={"set": "2041-05-06T07:08:09+00:00"}) as response:
            assert response.status == 200
        assert (await api.get("/health")).body["timestamp"].startswith("2041-05-06T07:")
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(20):
            await process.communicate()
        assert process.returncode == 0


async def test_it_refuses_production_in_one_sentence(tmp_path: Path) -> None:
    settings = {
        "APP_ENV": "production",
        "JWT_SECRET": "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a6978",
        "WEB_URL": "https://chat.example.com",
    }
    async with demonstration(tmp_path, **settings) as (_, _, process):
        async with asyncio.timeout(40):
            said, _ = await process.communicate()
        assert process.returncode == 1
        assert "does not run in production" in said.decode()
        assert "Traceback" not in said.decode()
