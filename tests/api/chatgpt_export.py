"""What ChatGPT's export looks like, small and large, whole and broken."""

import json
import zipfile
from io import BytesIO
from typing import Any
from uuid import uuid4


def node(name: str, parent: str | None, role: str, text: Any, **more: Any) -> dict[str, Any]:
    content = text if isinstance(text, dict) else {"content_type": "text", "parts": [text]}
    message = {
        "id": name,
        "author": {"role": role},
        "content": content,
        "create_time": 1_700_000_000.5,
        "metadata": {"model_slug": "gpt-4o"} if role == "assistant" else {},
        "recipient": "all",
    }
    return {"id": name, "parent": parent, "children": [], "message": message | more}


def conversation(title: str = "Кошки", **more: Any) -> dict[str, Any]:
    """A question with two answers, a hidden system message, and a tool between."""
    nodes = [
        {"id": "root", "parent": None, "children": ["system"], "message": None},
        node("system", "root", "system", "You are ChatGPT", metadata={"is_visually_hidden_from_conversation": True}),
        node("q", "system", "user", "Почему кошки мурлычут?"),
        node("call", "q", "assistant", {"content_type": "code", "language": "python", "text": "1"}, recipient="python"),
        node("tool", "call", "tool", {"content_type": "execution_output", "text": "1"}),
        node("a1", "tool", "assistant", "Потому что \ue200cite\ue202turn0\ue201рады.", create_time=1_700_000_001),
        node("a2", "q", "assistant", "Никто не знает.", create_time=1_700_000_002),
        node("more", "a1", "user", {"content_type": "multimodal_text",
             "parts": [{"content_type": "image_asset_pointer", "asset_pointer": "file-service://file-1"}, "А эта?"]},
             create_time=1_700_000_003),
    ]  # fmt: skip
    return {
        "title": title,
        "create_time": 1_700_000_000,
        "update_time": 1_700_000_100,
        "mapping": {one["id"]: one for one in nodes},
        "current_node": "more",
        "conversation_id": str(uuid4()),
        **more,
    }


def zipped(*conversations: Any, name: str = "conversations.json", others: dict[str, bytes] | None = None) -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, json.dumps(conversations))
        for other, content in (others or {}).items():
            archive.writestr(other, content)
    return buffer.getvalue()
