"""The operator's command line: accounts, models, schema; and one sentence where something is wrong."""

import json
from pathlib import Path

import pytest

from ai_chat import __version__
from ai_chat.emulators.openrouter import Emulator
from ai_chat.storage.migrate import newest_revision
from tests.product import MODEL, PREMIUM_MODEL
from tests.stories.server import Finished, environment, newcomer, run, serving

ANN = "ann@example.com"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


async def command(folder: Path, *arguments: str, **settings: str) -> Finished:
    return await run(*arguments, env=environment(folder / "data", None, **settings), cwd=folder)


async def done(folder: Path, *arguments: str, **settings: str) -> str:
    """The output of a command that has to work."""
    finished = await command(folder, *arguments, **settings)
    assert finished.code == 0, finished.errors
    assert "Traceback" not in finished.errors
    return finished.output


async def test_without_arguments_it_says_what_it_can(folder: Path) -> None:
    shown = (await command(folder, "--help")).output
    for name in ("serve", "migrate", "user", "models", "openapi"):
        assert name in shown


async def test_it_says_its_version(folder: Path) -> None:
    assert (await done(folder, "version")).strip() == __version__


async def test_an_account_from_creation_to_blocking(folder: Path) -> None:
    created = await done(folder, "user", "create", "Ann@Example.com", "--password", "password123", "--full-name", "Энн")
    assert "ann@example.com" in created
    again = await command(folder, "user", "create", ANN, "--password", "password123")
    assert "There is already an account ann@example.com" in again.sentence
    await done(folder, "user", "set-plan", "ANN@example.com", "premium")
    await done(folder, "user", "block", ANN)
    listed = await done(folder, "user", "list")
    assert "premium" in listed
    assert "blocked" in listed


@pytest.mark.parametrize(
    "arguments",
    [
        ("set-plan", "nobody@example.com", "premium"),
        ("set-password", "nobody@example.com", "--password", "password123"),
    ],
    ids=lambda arguments: arguments[0],
)
async def test_an_account_that_does_not_exist_is_named(arguments: tuple[str, ...], folder: Path) -> None:
    assert "There is no account nobody@example.com" in (await command(folder, "user", *arguments)).sentence


@pytest.mark.parametrize(("email", "password"), [("not-an-address", "password123"), (ANN, "short"), (ANN, "x" * 2000)])
async def test_what_cannot_register_cannot_be_created(email: str, password: str, folder: Path) -> None:
    finished = await command(folder, "user", "create", email, "--password", password)
    assert password not in finished.sentence


async def test_what_the_operator_does_counts_for_a_running_server(
    env: dict[str, str], tmp_path: Path, emulator: Emulator
) -> None:
    async with serving(env, tmp_path) as server, newcomer(server) as api:
        refused = await api.post("/api/chat", {"title": "T", "model": PREMIUM_MODEL})
        assert refused.code == "MODEL_NOT_IN_PLAN"
        assert (await run("user", "set-plan", ANN, "premium", env=env, cwd=tmp_path)).code == 0
        assert await api.new_chat(PREMIUM_MODEL)
        assert (await run("user", "block", ANN, env=env, cwd=tmp_path)).code == 0
        assert (await api.get("/api/auth/me")).status == 401


async def test_models_are_listed_without_any_key(folder: Path) -> None:
    lines = (await done(folder, "models")).splitlines()
    assert len(lines) >= 30
    assert any(line.startswith("openai/gpt-4o ") and "OPENROUTER_API_KEY is not set" in line for line in lines)


async def test_models_are_listed_with_the_providers_prices(folder: Path, emulator: Emulator) -> None:
    env = environment(folder / "data", emulator)
    finished = await run("models", env=env, cwd=folder)
    assert finished.code == 0, finished.errors
    row = next(line for line in finished.output.splitlines() if line.startswith(f"{MODEL} "))
    assert "$0.15 / $0.6" in row
    assert "available" in row


async def test_the_schema_is_printed_as_json(folder: Path) -> None:
    schema = json.loads(await done(folder, "openapi"))
    assert {"/api/auth/register", "/api/chat", "/api/chat/{chat_id}/message", "/health"} <= set(schema["paths"])
    assert "422" not in json.dumps(schema["paths"])


async def test_the_schema_does_not_depend_on_the_servers_settings(folder: Path) -> None:
    assert await done(folder, "openapi", APP_ENV="production") == await done(folder, "openapi")


async def test_migrating_says_where_the_database_stands(folder: Path) -> None:
    assert f"revision {newest_revision()}" in await done(folder, "migrate")
    assert (folder / "data" / "ai_chat.sqlite3").is_file()


@pytest.mark.parametrize("arguments", [("migrate",), ("models",)], ids=" ".join)
async def test_a_wrong_setting_is_one_sentence_for_every_command(arguments: tuple[str, ...], folder: Path) -> None:
    assert "PORT" in (await command(folder, *arguments, PORT="eighty")).sentence
