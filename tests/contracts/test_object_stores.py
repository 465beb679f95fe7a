"""Both places to keep files in: a folder, and a bucket of an S3-compatible server that checks our signatures."""

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiohttp
import pytest

from ai_chat.features.files.ports import ObjectMissing, ObjectStore, StoreUnavailable
from ai_chat.integrations.disk.store import DiskStore
from ai_chat.integrations.s3.signing import EMPTY, Credentials, signed_headers
from ai_chat.integrations.s3.store import S3Store
from ai_chat.kernel.clock import system_clock
from ai_chat.kernel.ids import new_id

KEYS = Credentials("test-access-key", "test/secret+key", "eu-central-1")
BUCKET = "people-files"


@pytest.fixture(scope="module")
def s3_endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real server in a process of its own."""
    folder = tmp_path_factory.mktemp("s3")
    (folder / BUCKET).mkdir()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {"NANIO_ACCESS_KEY": KEYS.access_key, "NANIO_SECRET_KEY": KEYS.secret_key}
    command = [sys.executable, "-m", "nanio", "serve", "--host", "127.0.0.1", "--port", str(port)]
    process = subprocess.Popen(
        [*command, "--data-dir", str(folder), "--region", KEYS.region],
        env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)


async def _answers(session: aiohttp.ClientSession, endpoint: str) -> None:
    for _ in range(400):
        try:
            async with session.get(endpoint):
                return
        except aiohttp.ClientError:
            await asyncio.sleep(0.05)
    raise AssertionError("the S3 server did not start")


@pytest.fixture(params=["disk", "s3"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[ObjectStore]:
    if request.param == "disk":
        yield DiskStore(tmp_path / "objects")
        return
    endpoint = request.getfixturevalue("s3_endpoint")
    async with aiohttp.ClientSession() as session:
        await _answers(session, endpoint)
        yield S3Store(session, endpoint, BUCKET, KEYS)


def a_file(folder: Path, content: bytes) -> Path:
    path = folder / new_id().hex
    path.write_bytes(content)
    return path


async def content_of(store: ObjectStore, key: str) -> bytes:
    return b"".join([piece async for piece in store.read(key)])


def a_key() -> str:
    return f"{new_id().hex}-main"


@pytest.mark.parametrize("content", [b"", b"x", bytes(range(256)) * 20_000], ids=["empty", "a byte", "five megabytes"])
async def test_what_is_put_is_read_again(store: ObjectStore, tmp_path: Path, content: bytes) -> None:
    key = a_key()
    await store.put(key, a_file(tmp_path, content))
    assert await content_of(store, key) == content


async def test_a_second_put_takes_the_place_of_the_first(store: ObjectStore, tmp_path: Path) -> None:
    key = a_key()
    await store.put(key, a_file(tmp_path, b"one"))
    await store.put(key, a_file(tmp_path, b"another"))
    assert await content_of(store, key) == b"another"


async def test_what_is_not_there_is_said_to_be_missing(store: ObjectStore) -> None:
    with pytest.raises(ObjectMissing):
        await content_of(store, a_key())


async def test_deleting_takes_one_object_and_may_be_done_twice(store: ObjectStore, tmp_path: Path) -> None:
    gone, stays = a_key(), a_key()
    for key in (gone, stays):
        await store.put(key, a_file(tmp_path, key.encode()))
    await store.delete(gone)
    await store.delete(gone)
    with pytest.raises(ObjectMissing):
        await content_of(store, gone)
    assert await content_of(store, stays) == stays.encode()


async def test_many_at_once_do_not_mix(store: ObjectStore, tmp_path: Path) -> None:
    keys = [a_key() for _ in range(20)]
    await asyncio.gather(*(store.put(key, a_file(tmp_path, key.encode())) for key in keys))
    assert await asyncio.gather(*(content_of(store, key) for key in keys)) == [key.encode() for key in keys]


async def test_a_folder_that_cannot_be_written_is_an_unavailable_store(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file stands where the folder should be")
    with pytest.raises(StoreUnavailable):
        await DiskStore(tmp_path / "taken").put(a_key(), a_file(tmp_path, b"x"))


async def test_a_wrong_key_and_a_server_that_is_away_are_an_unavailable_store(s3_endpoint: str, tmp_path: Path) -> None:
    async with aiohttp.ClientSession() as session:
        await _answers(session, s3_endpoint)
        wrong = Credentials(KEYS.access_key, "wrong", KEYS.region)
        for store in (
            S3Store(session, s3_endpoint, BUCKET, wrong),
            S3Store(session, s3_endpoint, "no-such-bucket", KEYS),
            S3Store(session, "http://127.0.0.1:9", BUCKET, KEYS),
        ):
            with pytest.raises(StoreUnavailable):
                await store.put(a_key(), a_file(tmp_path, b"x"))


def test_a_signature_never_shows_the_secret() -> None:
    signed = signed_headers("GET", "https://s3.example/b/k", KEYS, payload=EMPTY, now=system_clock(), headers={})
    assert KEYS.secret_key not in str(signed)
    assert "SignedHeaders=host;x-amz-content-sha256;x-amz-date" in signed["Authorization"]
