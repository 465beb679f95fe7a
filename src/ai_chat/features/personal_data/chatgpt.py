"""Conversations as ChatGPT exports them: a tree of nodes, with much in it that nobody has said. Pure."""

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


def looks_like_it(raw: dict[str, Any]) -> bool:
    return isinstance(raw.get("mapping"), dict)


def conversation(raw: dict[str, Any], fallback_id: str, now: float) -> Conversation:
    """NotUsable where nothing was said in it."""
    title = title_of(raw.get("title"))
    nodes: dict[str, Any] = {name: node for name, node in raw["mapping"].items() if isinstance(node, dict)}
    created = moment_of(raw.get("create_time"), now, now)
    said = {name: draft for name, node in nodes.items() if (draft := _said(node, created, now)) is not None}
    if not said:
        raise NotUsable("empty", title)
    if len(said) > MOST_MESSAGES:
        raise NotUsable("too_long", title)
    for name, draft in said.items():
        draft.after = _next_said(nodes, said, nodes[name].get("parent"))
    current = raw.get("current_node")
    messages, leaf = in_order(said, _next_said(nodes, said, current) if isinstance(current, str) else None)
    name = text_of(raw.get("conversation_id") or raw.get("id"), 80) or fallback_id
    models = [message.model for message in messages if message.model]
    updated = moment_of(raw.get("update_time"), max(message.at for message in messages), now)
    return Conversation(f"chatgpt:{name}", title, created, updated, leaf, messages, models[-1] if models else None)


def _said(node: dict[str, Any], created: float, now: float) -> Draft | None:
    """What a person or the model has said to the other; None for everything else."""
    message = node.get("message")
    if not isinstance(message, dict):
        return None
    author, metadata = message.get("author"), message.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    role = author.get("role") if isinstance(author, dict) else None
    hidden = metadata.get("is_visually_hidden_from_conversation") or message.get("recipient", "all") != "all"
    if role not in ("user", "assistant") or hidden:
        return None
    content = _text(message.get("content")).strip()
    if not content:
        return None
    speaker: Literal["user", "assistant"] = "user" if role == "user" else "assistant"
    slug = text_of(metadata.get("model_slug"), 80) if speaker == "assistant" else ""
    model = (slug if "/" in slug else f"openai/{slug}") if slug else None
    return Draft(None, speaker, content, moment_of(message.get("create_time"), created, now), model)


def _text(content: object) -> str:
    if not isinstance(content, dict):
        return ""
    kind, parts = content.get("content_type"), content.get("parts")
    if kind == "code":
        language = text_of(content.get("language"), 20)
        fence = f"```{language if language.isalnum() and language != 'unknown' else ''}"
        return f"{fence}\n{text_of(content.get('text'))}\n```"
    if kind in ("text", "multimodal_text") and isinstance(parts, list):
        return "\n\n".join(part for part in map(_part, parts) if part)
    return text_of(content.get("text")) if kind == "tether_quote" else ""


def _part(part: object) -> str:
    if isinstance(part, dict):
        if part.get("content_type") == "image_asset_pointer":
            return "[image]"
        return text_of(part.get("text"))
    return text_of(part)


def _next_said(nodes: dict[str, Any], said: dict[str, Draft], start: object) -> str | None:
    """The nearest node upwards that somebody has said. However the export winds, it ends."""
    seen: set[str] = set()
    name = start
    while isinstance(name, str) and name in nodes and name not in seen:
        if name in said:
            return name
        seen.add(name)
        name = nodes[name].get("parent")
    return None
