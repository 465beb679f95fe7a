"""Whatever keeps the server from starting is one sentence, with exit code 1 and without a traceback."""

import os
import shutil
import socket
import subprocess
from pathlib import Path

import pytest

from tests.stories.server import environment, free_port, run, serving

SECRET = "0f3a9c5d7e1b2468ace013579bdf2468ace0"


async def refused(tmp_path: Path, *arguments: str, **settings: str) -> str:
    env = environment(tmp_path / "data", None, **settings)
    return (await run("serve", "--port", str(free_port()), *arguments, env=env, cwd=tmp_path)).sentence


async def test_a_second_server_on_the_same_data_is_refused(env: dict[str, str], tmp_path: Path) -> None:
    async with serving(env, tmp_path) as server:
        second = await run("serve", "--port", str(free_port()), env=env, cwd=tmp_path)
        assert "Another server already runs on" in second.sentence
        assert "DATA_DIR" in second.sentence
        assert server.process.poll() is None


async def test_after_the_first_is_gone_the_second_may_start(env: dict[str, str], tmp_path: Path) -> None:
    async with serving(env, tmp_path) as server:
        server.kill()
    async with serving(env, tmp_path):
        pass


async def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        env = environment(tmp_path / "data")
        done = await run("serve", "--host", "127.0.0.1", "--port", str(port), env=env, cwd=tmp_path)
    assert f"Port {port} on 127.0.0.1 cannot be used" in done.sentence


async def test_several_workers_without_shared_stores_are_refused(tmp_path: Path) -> None:
    sentence = await refused(tmp_path, "--workers", "2")
    assert "More than one worker needs PostgreSQL (DATABASE_URL) and Redis (REDIS_URL)" in sentence


async def test_several_workers_with_only_one_of_them_are_refused(tmp_path: Path) -> None:
    sentence = await refused(tmp_path, "--workers", "2", REDIS_URL="redis://127.0.0.1:1/0")
    assert "PostgreSQL" in sentence


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"PORT": "eighty"}, "PORT"),
        ({"APP_ENV": "production"}, "JWT_SECRET must be set in production"),
        ({"NODE_ENV": "production"}, "JWT_SECRET must be set in production"),
        ({"APP_ENV": "production", "JWT_SECRET": SECRET, "AUTH_THROTTLE": "off"}, "AUTH_THROTTLE=off is refused"),
        ({"QUOTA_TIMEZONE": "Mars/Olympus"}, "Mars/Olympus"),
        ({"DATABASE_URL": "mysql://root@db/x"}, "'mysql'"),
        ({"DATABASE_URL": "postgresql://u:hunter2@127.0.0.1:1/x"}, "127.0.0.1:1"),
        ({"PLANS_FILE": "/nowhere/plans.toml"}, "/nowhere/plans.toml"),
        ({"DATA_DIR": "/proc/ai-chat"}, "DATA_DIR /proc/ai-chat cannot be created"),
    ],
    ids=str,
)
async def test_a_setting_that_makes_no_sense_is_named(settings: dict[str, str], words: str, tmp_path: Path) -> None:
    sentence = await refused(tmp_path, **settings)
    assert words in sentence
    assert "hunter2" not in sentence


async def test_a_plans_file_in_the_data_folder_that_makes_no_sense_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "plans.toml").write_text("[gold]\n")
    assert "[gold]" in await refused(tmp_path)


async def test_a_data_folder_that_may_not_be_written_is_named(tmp_path: Path) -> None:
    """Root may write everywhere: it becomes somebody else for this."""
    data = tmp_path / "data"
    data.mkdir()
    somebody = ("unshare", "--user", "--map-user=1000", "--map-group=1000") if os.geteuid() == 0 else ()
    if somebody and (shutil.which("unshare") is None or subprocess.run([*somebody, "true"], check=False).returncode):
        pytest.skip("this container forbids becoming another user")
    data.chmod(0o555)
    try:
        done = await run("serve", "--port", str(free_port()), env=environment(data), cwd=tmp_path, prefix=somebody)
    finally:
        data.chmod(0o755)
    assert "is not writable for this user" in done.sentence


async def test_workers_that_cannot_start_say_so_once(tmp_path: Path) -> None:
    sentence = await refused(
        tmp_path, "--workers", "2", DATABASE_URL="postgresql://u@127.0.0.1:1/x", REDIS_URL="redis://127.0.0.1:1/0"
    )
    assert "127.0.0.1:1" in sentence


async def test_an_option_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    done = await run("serve", "--wrokers", "2", env=environment(tmp_path), cwd=tmp_path)
    assert done.code == 2
    assert "Traceback" not in done.errors
