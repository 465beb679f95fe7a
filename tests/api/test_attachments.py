"""Messages with files: what the model is sent, what stays with the message, and what is not accepted."""

import asyncio
import base64
from typing import Any

import pytest
from sqlalchemy import func, select

from ai_chat.features.chats.deleting import Deleting
from ai_chat.features.files.models import File, FileContent, MessageFile
from tests.api.helpers import assert_refused
from tests.api.test_files import sweep
from tests.conftest import BACKENDS
from tests.files import BLIND, VISION, download, pdf, upload, uploaded
from tests.product import Product, running_product


def prompt(product: Product) -> list[dict[str, Any]]:
    """What the provider was asked last."""
    body: Any = product.emulator.admin.requests("/chat/completions")[-1].body
    return list(body["messages"])


@pytest.mark.parametrize("backend", ["sqlite", "postgres+redis"], indirect=True)
async def test_an_image_is_shown_to_the_model_and_stays_with_its_message(product: Product) -> None:
    user = await product.user()
    chat = await user.new_chat(VISION)
    file = await uploaded(user)
    answer = await user.send(chat, "What is this?", attachments=[file])
    assert answer.last["type"] == "done"
    text, image = prompt(product)[-1]["content"]
    assert text == {"type": "text", "text": "What is this?"}
    kind, _, data = image["image_url"]["url"].partition(";base64,")
    assert kind == "data:image/png"
    assert base64.b64decode(data) == (await download(user, f"/api/files/{file}"))[2]

    question, reply = await user.messages(chat)
    assert [one["id"] for one in question["attachments"]] == [file]
    assert reply["attachments"] == []
    await user.send(chat, "And now?")
    assert prompt(product)[0]["content"][1] == image, "the model sees it again, as long as the conversation goes on"

    await user.turn(f"{chat}/messages/{question['id']}/regenerate", {})
    assert prompt(product)[-1]["content"][1] == image
    edited = await user.turn(f"{chat}/messages/{question['id']}/edit", {"content": "In other words?"})
    assert prompt(product)[-1]["content"] == [{"type": "text", "text": "In other words?"}, image]
    found = (await user.get(f"/api/chat/{chat}/messages/{edited.start['userMessageId']}")).data
    assert [one["id"] for one in found["attachments"]] == [file]
    await user.turn(f"{chat}/messages/{question['id']}/edit", {"content": "Without it", "attachments": []})
    assert prompt(product)[-1]["content"] == "Without it"
    assert_refused(await user.delete(f"/api/files/{file}"), 409, "FILE_IN_USE")


async def test_text_and_pdf_are_read_by_any_model(product: Product) -> None:
    user = await product.user()
    chat = await user.new_chat(BLIND, title=None)
    files = [await uploaded(user, b"a = 1\n```\nb = 2", "a.py"), await uploaded(user, pdf("First", "Second"), "b.pdf")]
    await user.send(chat, "", attachments=files)
    said = prompt(product)[-1]["content"]
    assert said == (
        'File "a.py":\n````\na = 1\n```\nb = 2\n````\n\nFile "b.pdf":\n```\n[page 1]\nFirst\n\n[page 2]\nSecond\n```'
    )
    assert (await user.get(f"/api/chat/{chat}")).data["title"] != "New chat"


async def test_a_model_that_sees_nothing_is_not_sent_images(product: Product) -> None:
    user = await product.user()
    blind, chat = await user.new_chat(BLIND), await user.new_chat(VISION)
    file = await uploaded(user, name="cat.png")
    sent = {"content": "Look", "attachments": [file]}
    refused = assert_refused(await user.post(f"/api/chat/{blind}/message", sent), 400, "MODEL_CANNOT_SEE")
    assert "GPT-3.5 Turbo" in refused["message"]
    compared = await user.post(f"/api/chat/{chat}/message", sent | {"models": [VISION, BLIND]})
    assert_refused(compared, 400, "MODEL_CANNOT_SEE")
    assert (await user.get("/api/usage")).data["messages"]["used"] == 0

    await user.send(chat, "Look", attachments=[file])
    await user.patch(f"/api/chat/{chat}", {"model": BLIND})
    await user.send(chat, "And without eyes?")
    assert prompt(product)[0]["content"] == '[Image "cat.png", which you cannot see]\n\nLook'


async def test_too_many_or_too_long_files_are_refused_and_cost_nothing(product: Product) -> None:
    user = await product.user()
    chat = await user.new_chat(VISION)
    files = [await uploaded(user, f"text {number}".encode(), "a.txt") for number in range(6)]
    many = await user.post(f"/api/chat/{chat}/message", {"content": "All", "attachments": files})
    assert_refused(many, 400, "TOO_MANY_FILES")
    long = await uploaded(user, b"word " * 20_000, "long.txt")
    too_long = await user.post(f"/api/chat/{chat}/message", {"content": "Read", "attachments": [long]})
    assert_refused(too_long, 400, "FILES_TOO_LONG")
    for body in ({"content": ""}, {"content": " ", "attachments": []}, {"content": "x", "attachments": ["no"]}):
        assert_refused(await user.post(f"/api/chat/{chat}/message", body), 400, "VALIDATION_ERROR")
    assert (await user.get("/api/usage")).data["messages"]["used"] == 0
    middling = await uploaded(user, b"word " * 8_000, "middling.txt")
    assert (await user.send(chat, "Read", attachments=[middling])).last["type"] == "done"


async def test_files_go_with_their_chat_and_with_their_person(product: Product) -> None:
    user = await product.user()
    folder = product.data_dir / "files"
    gone, stays = await user.new_chat(VISION), await user.new_chat(VISION)
    shared, single = await uploaded(user), await uploaded(user)
    await user.send(gone, "One", attachments=[shared, single])
    await user.send(stays, "Two", attachments=[shared])
    await user.delete(f"/api/chat/{gone}")
    product.clock.travel(hours=2)
    await purge(product)
    assert (await download(user, f"/api/files/{shared}"))[0] == 200
    assert_refused(await user.get(f"/api/files/{single}"), 404, "FILE_NOT_FOUND")
    assert len([path for path in folder.rglob("*") if path.is_file()]) == 2, "the image and its thumbnail"
    assert await counted(product) == [1, 1, 1]
    await user.delete(f"/api/chat/{stays}")
    product.clock.travel(minutes=30)
    await purge(product)
    assert not [path for path in folder.rglob("*") if path.is_file()]
    assert await counted(product) == [0, 0, 0]
    assert not list((product.data_dir / "incoming").iterdir())


async def purge(product: Product) -> None:
    """A deleted chat can be restored for a while, and keeps its files as long."""
    await sweep(product)
    await product.app.state.parts[Deleting].purge_due()
    await sweep(product)


async def counted(product: Product) -> list[int | None]:
    def work(session: Any) -> list[int | None]:
        return [session.scalar(select(func.count()).select_from(table)) for table in (File, FileContent, MessageFile)]

    return await product.database.read(work)


@pytest.mark.parametrize("backend", [BACKENDS[0], BACKENDS[2]], indirect=True)
async def test_of_many_uploads_at_once_only_so_many_are_taken_as_there_is_room_for(product: Product) -> None:
    (product.data_dir / "plans.toml").write_text("[free]\nmegabytes_of_files = 1\nmegabytes_per_file = 1\n")
    emulator = product.emulator
    url = product.database_url
    async with running_product(data_dir=product.data_dir / "second", emulator=emulator, database_url=url,
                               plans_file=product.data_dir / "plans.toml") as small:  # fmt: skip
        user = await small.user()
        text = b"word " * 60_000  # 300 kB
        answers = await asyncio.gather(*(upload(user, text, "a.txt") for _ in range(8)))
        assert sorted(answer.status for answer in answers) == [200] * 3 + [409] * 5
        assert {answer.code for answer in answers if answer.status != 200} == {"FILE_STORAGE_FULL"}
        storage = (await user.get("/api/files/allowance")).data["storage"]
        assert storage == {"limit": 1024 * 1024, "used": 900_000}
        too_large = await upload(user, b"x" * (1024 * 1024 + 1), "a.txt")
        assert (too_large.status, too_large.code) == (413, "FILE_TOO_LARGE")
        far_too_large = await upload(user, b"x" * (5 * 1024 * 1024), "a.txt")
        assert (far_too_large.status, far_too_large.code) == (413, "FILE_TOO_LARGE")
        assert (await user.get("/api/files/allowance")).data["filesPerMessage"] == 5
