"""Our own format, read: a conversation as a JSON object with all its branches, as `exporting.py` writes it. Pure."""

from typing import Any, Literal

from ai_chat.features.personal_data.normal import (
    MOST_MESSAGES,
    Conversation,
    Draft,
    NotUsable,
    in_order,
    moment_of,
    text_of,
    title_of,
)

FORMAT, VERSION = "ai-chat", 1


def looks_like_it(raw: dict[str, Any]) -> bool:
    return raw.get("format") == FORMAT and isinstance(raw.get("messages"), list)


def conversation(raw: dict[str, Any], fallback_id: str, now: float) -> Conversation:
    """NotUsable where nothing was said in it."""
    title = title_of(raw.get("title"))
    created = moment_of(raw.get("createdAt"), now, now)
    said: dict[str, Draft] = {}
    for number, row in enumerate(raw["messages"]):
        draft = _said(row, created, now) if isinstance(row, dict) else None
        if draft is not None:
            said[str(row.get("id") or number)] = draft
    if not said:
        raise NotUsable("empty", title)
    if len(said) > MOST_MESSAGES:
        raise NotUsable("too_long", title)
    messages, leaf = in_order(said, str(raw.get("leafId")))
    temperature = raw.get("temperature")
    kept = isinstance(temperature, (int, float)) and not isinstance(temperature, bool) and 0 <= temperature <= 2
    return Conversation(
        f"{FORMAT}:{text_of(raw.get('id'), 80) or fallback_id}",
        title,
        created,
        moment_of(raw.get("updatedAt"), max(message.at for message in messages), now),
        leaf,
        messages,
        text_of(raw.get("model"), 100) or None,
        text_of(raw.get("systemPrompt"), 20_000) or None,
        float(temperature) if kept and temperature is not None else None,
    )


def _said(row: dict[str, Any], created: float, now: float) -> Draft | None:
    role = row.get("role")
    content = text_of(row.get("content"))
    files = row.get("attachments")
    names = [title_of(file.get("name")) for file in files if isinstance(file, dict)] if isinstance(files, list) else []
    if names:
        content = "\n".join([content, *(f"[{name}]" for name in names[:20] if name)]).strip()
    if role not in ("user", "assistant") or not content.strip():
        return None
    speaker: Literal["user", "assistant"] = "user" if role == "user" else "assistant"
    model = text_of(row.get("model"), 100) or None
    reasoning = text_of(row.get("reasoning")) or None
    parent = row.get("parentId")
    at = moment_of(row.get("createdAt"), created, now)
    return Draft(str(parent) if parent is not None else None, speaker, content, at, model, reasoning)
