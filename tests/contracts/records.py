"""Rows for the tests of the storage, with everything that may not be empty filled in."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from ai_chat.features.accounts.models import ApiKey, AuthSession, User
from ai_chat.features.billing.models import PromoCode, PromoUse, SavedMethod, Subscription
from ai_chat.features.chats.models import Chat, Folder, Generation, Message
from ai_chat.features.files.models import File, FileContent, MessageFile
from ai_chat.features.personal_data.models import ImportedChat
from ai_chat.features.search.models import SearchMessage, SearchTitle
from ai_chat.features.sharing.models import Share
from ai_chat.features.usage.models import ChatCreation, KeyDay, LateCost, UsageDay, UsageEntry
from ai_chat.kernel.ids import new_id

NOW = datetime(2026, 7, 1, 12, 30, 5, 123_456, UTC)


def user(**fields: Any) -> User:
    wanted = {"id": new_id(), "email": f"{uuid4().hex}@example.com", "password_hash": "x", "subscription_tier": "free"}
    return User(**{**wanted, "created_at": NOW, "updated_at": NOW, **fields})


def chat(user_id: UUID, **fields: Any) -> Chat:
    wanted = {"id": new_id(), "user_id": user_id, "title": "T", "titled_by": "person", "model": "m", "temperature": 0.7}
    return Chat(**{**wanted, "created_at": NOW, "updated_at": NOW, **fields})


def message(chat_id: UUID, **fields: Any) -> Message:
    wanted = {"id": new_id(), "chat_id": chat_id, "role": "assistant", "content": "", "status": "complete"}
    return Message(**{**wanted, "tokens_used": 0, "size_tokens": 0, "created_at": NOW, **fields})


def generation(answer: Message, user_id: UUID, **fields: Any) -> Generation:
    wanted: dict[str, Any] = {"id": new_id(), "chat_id": answer.chat_id, "user_id": user_id, "message_id": answer.id}
    wanted |= {"user_message_id": new_id(), "status": "ended", "worker": "w", "heartbeat_at": NOW, "created_at": NOW}
    return Generation(**{**wanted, **fields})


def everything_of(user_id: UUID) -> list[object]:
    """A row in every table that hangs on a user."""
    owned = chat(user_id)
    said = message(owned.id)
    key = ApiKey(
        id=new_id(),
        user_id=user_id,
        name="K",
        key_hash=uuid4().hex,
        prefix="sk-aichat-1",
        scopes=["chat"],
        created_at=NOW,
    )
    return [
        owned,
        Folder(id=new_id(), user_id=user_id, name="F", position=0, created_at=NOW),
        said,
        SearchMessage(place=said.id.int >> 66, message_id=said.id, chat_id=owned.id, version=1, words="a"),
        SearchTitle(place=owned.id.int >> 66, chat_id=owned.id, version=1, words="a"),
        Generation(
            id=new_id(), chat_id=owned.id, user_id=user_id, message_id=said.id, user_message_id=new_id(),
            status="ended", worker="w", heartbeat_at=NOW, created_at=NOW,
        ),
        AuthSession(
            id=new_id(), user_id=user_id, refresh_hash=uuid4().hex, rotated_at=NOW, created_at=NOW, expires_at=NOW
        ),
        Subscription(
            id=new_id(), user_id=user_id, plan="premium", status="active", current_period_start=NOW,
            current_period_end=NOW, cancel_at_period_end=False, created_at=NOW, updated_at=NOW,
        ),
        UsageDay(user_id=user_id, day=NOW.date(), used=1, reserved=0),
        entry := UsageEntry(
            id=new_id(), user_id=user_id, day=NOW.date(), state="settled", model="m", source="openrouter",
            prompt_tokens=1, completion_tokens=1, cost_usd=Decimal("0.1"), estimated=False, created_at=NOW,
        ),
        LateCost(entry_id=entry.id, source="openrouter", answer_id="gen-1", attempts=0, due_at=NOW, created_at=NOW),
        key,
        KeyDay(key_id=key.id, day=NOW.date(), messages=1, spent_nano_usd=1),
        ChatCreation(id=new_id(), user_id=user_id, created_at=NOW),
        SavedMethod(
            id=new_id(), user_id=user_id, provider_id=uuid4().hex, type="bank_card", title="*4444", status="active",
            order_id=new_id(), consent_at=NOW, created_at=NOW,
        ),
        promo := PromoCode(id=new_id(), code=uuid4().hex, created_at=NOW),
        PromoUse(id=new_id(), promo_id=promo.id, user_id=user_id, order_id=new_id(), created_at=NOW),
        content := FileContent(
            id=new_id(), kind="text", type="text/plain", size=1, tokens=1, created_at=NOW,
        ),
        file := File(id=new_id(), user_id=user_id, content_id=content.id, name="F", kept_until=NOW, created_at=NOW),
        Share(id=new_id(), chat_id=owned.id, leaf_id=said.id, title="S", created_at=NOW),
        ImportedChat(user_id=user_id, source="chatgpt:1", chat_id=owned.id),
        MessageFile(message_id=said.id, file_id=file.id),
    ]  # fmt: skip
