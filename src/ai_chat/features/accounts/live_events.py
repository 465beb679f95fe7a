"""What a person's open pages are told, as a closed union of small events, and how it stands on the wire.

The union is the one home of the channel's shape: OpenAPI's `LiveEvent` and docs/events.md are made from it.
"""

from typing import TypeAlias

import msgspec


class HelloEvent(msgspec.Struct, tag="hello", tag_field="type", frozen=True):
    """The first frame of a connection: what happens after `cursor` follows. A page reads its data after this."""

    cursor: str


class ResetEvent(msgspec.Struct, tag="reset", tag_field="type", frozen=True):
    """Something may have been missed (the cursor is unknown or too old): read everything anew."""


class ChatCreatedEvent(msgspec.Struct, tag="chat.created", tag_field="type", frozen=True, rename="camel"):
    """There is a new chat, or a deleted one is back."""

    chat_id: str
    title: str


class ChatUpdatedEvent(msgspec.Struct, tag="chat.updated", tag_field="type", frozen=True, rename="camel"):
    """A chat was renamed or changed in another way. What did not change may be left out."""

    chat_id: str
    title: str
    pinned: bool | msgspec.UnsetType = msgspec.UNSET
    archived: bool | msgspec.UnsetType = msgspec.UNSET
    folder_id: str | msgspec.UnsetType | None = msgspec.UNSET


class ChatDeletedEvent(msgspec.Struct, tag="chat.deleted", tag_field="type", frozen=True, rename="camel"):
    """A chat is gone, with its messages."""

    chat_id: str


class FolderUpdatedEvent(msgspec.Struct, tag="folder.updated", tag_field="type", frozen=True, rename="camel"):
    """A folder is new, has another name, or stands in another place."""

    folder_id: str
    name: str


class FolderDeletedEvent(msgspec.Struct, tag="folder.deleted", tag_field="type", frozen=True, rename="camel"):
    """A folder is gone; its chats are in no folder now."""

    folder_id: str


class GenerationStartedEvent(msgspec.Struct, tag="generation.started", tag_field="type", frozen=True, rename="camel"):
    """An answer begins; anybody may follow it at `/stream`."""

    chat_id: str
    generation_id: str
    message_id: str


class GenerationEndedEvent(msgspec.Struct, tag="generation.ended", tag_field="type", frozen=True, rename="camel"):
    """An answer has ended and is stored: `complete`, `stopped`, `interrupted` or `failed`."""

    chat_id: str
    generation_id: str
    message_id: str
    status: str


class AccountChangedEvent(msgspec.Struct, tag="account.changed", tag_field="type", frozen=True):
    """The person's profile or preferences have changed."""


class SubscriptionChangedEvent(msgspec.Struct, tag="subscription.changed", tag_field="type", frozen=True):
    """The plan, its period or its renewal has changed."""


class SessionEndedEvent(msgspec.Struct, tag="session.ended", tag_field="type", frozen=True, rename="camel"):
    """The last frame: this sign-in does not count any more."""

    session_id: str | None = None
    """Null: all of the account's."""


LiveEvent: TypeAlias = (
    HelloEvent
    | ResetEvent
    | ChatCreatedEvent
    | ChatUpdatedEvent
    | ChatDeletedEvent
    | FolderUpdatedEvent
    | FolderDeletedEvent
    | GenerationStartedEvent
    | GenerationEndedEvent
    | AccountChangedEvent
    | SubscriptionChangedEvent
    | SessionEndedEvent
)

_ending = msgspec.json.Decoder(SessionEndedEvent)
_ENDING = b'{"type":"session.ended"'

encode_event = msgspec.json.Encoder().encode


def encode_frame(cursor: str, event: bytes) -> bytes:
    """One frame of the channel: `id` for resuming, `data` with the event as JSON."""
    return b"id: %b\ndata: %b\n\n" % (cursor.encode(), event)


def ending_of(event: bytes) -> SessionEndedEvent | None:
    """The encoded event where it ends sessions; any other is not looked into."""
    return _ending.decode(event) if event.startswith(_ENDING) else None
