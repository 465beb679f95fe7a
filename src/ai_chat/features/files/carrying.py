"""Files on their way to a model: what was attached is read from the store and put beside the text of its message.

Images go as OpenAI-compatible `image_url` parts, everything else as text in a fence. A model that sees no images is told that
there was one: a conversation may go on with another model than it began with.
"""

import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import structlog

from ai_chat.features.files.attached import AttachedFile, key_of
from ai_chat.features.files.findings import MAIN, TEXT
from ai_chat.features.files.ports import ObjectMissing, ObjectStore, StoreUnavailable
from ai_chat.kernel.errors import ErrorCode
from ai_chat.relay.upstream import AnswerSink, CompletionRequest, PromptMessage, Upstream, UpstreamFailure

MOST_IMAGE_BYTES = 18 * 1024 * 1024
"""Of one request; providers refuse more. The newest are sent."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class MessageWithFiles(PromptMessage):
    """A message that is to carry files."""

    files: tuple[AttachedFile, ...] = ()


def carrying(upstream: Upstream, messages: Sequence[PromptMessage], store: ObjectStore, *, sees: bool) -> Upstream:
    """An upstream that carries the files of these messages; the same one where there are none."""
    if any(isinstance(message, MessageWithFiles) for message in messages):
        return _Carrying(upstream, store, sees=sees)
    return upstream


class _Carrying:
    """Implements the relay's `Upstream`."""

    def __init__(self, upstream: Upstream, store: ObjectStore, *, sees: bool) -> None:
        self._upstream = upstream
        self._store = store
        self._sees = sees

    async def complete(self, request: CompletionRequest, sink: AnswerSink) -> None:
        messages: list[PromptMessage] = []
        room = MOST_IMAGE_BYTES if self._sees else 0
        for message in reversed(request.messages):
            if isinstance(message, MessageWithFiles):
                loaded, used = await self._loaded(message, room)
                room -= used
                messages.append(loaded)
            else:
                messages.append(message)
        await self._upstream.complete(replace(request, messages=messages[::-1]), sink)

    async def _loaded(self, message: MessageWithFiles, room: int) -> tuple[PromptMessage, int]:
        texts, images, used = [], [], 0
        for file in message.files:
            if file.kind != "image":
                text = await self._read(file, TEXT if file.kind == "document" else MAIN)
                texts.append(
                    f"[File {_plain(file.name)} is no longer there]" if text is None else fenced(file.name, text)
                )
                continue
            image = await self._read(file, MAIN) if used + file.size <= room else None
            if image is None:
                texts.append(f"[Image {_plain(file.name)}, which you cannot see]")
            else:
                used += len(image)
                url = f"data:{file.type};base64,{b64encode(image).decode()}"
                images.append({"type": "image_url", "image_url": {"url": url}})
        said = "\n\n".join([*texts, message.content] if message.content else texts)
        words: list[Mapping[str, object]] = [{"type": "text", "text": said}] if said else []
        return PromptMessage(message.role, said, (*words, *images) if images else ()), used

    async def _read(self, file: AttachedFile, part: str) -> bytes | None:
        try:
            return b"".join([piece async for piece in self._store.read(key_of(file.content, part))])
        except ObjectMissing:
            log.error("a file is missing in the store", file=file.id)
            return None
        except StoreUnavailable as problem:
            raise UpstreamFailure(ErrorCode.SERVICE_UNAVAILABLE, str(problem), retryable=True) from problem


def fenced(name: str, content: bytes) -> str:
    """Text in a fence that it cannot end by itself."""
    text = content.decode(errors="replace")
    longest = max((len(run) for run in re.findall(r"`{3,}", text)), default=2)
    fence = "`" * (longest + 1)
    return f"File {_plain(name)}:\n{fence}\n{text}\n{fence}"


def _plain(name: str) -> str:
    return '"' + " ".join(name.replace('"', "'").split()) + '"'
