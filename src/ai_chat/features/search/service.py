"""Searching in one's own chats."""

import asyncio
from collections.abc import Sequence

from ai_chat.features.accounts.service import CurrentUser
from ai_chat.features.search.finding import Found, find
from ai_chat.features.search.schemas import SearchHit
from ai_chat.features.search.snippets import marked, snippet
from ai_chat.features.search.words import Term, terms_of
from ai_chat.storage.database import Database


class Search:
    """Finds chats by their titles and messages by their text."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, user: CurrentUser, query: str, cursor: str | None) -> tuple[list[SearchHit], str | None]:
        """A page of what has all the words of the query, and the cursor of the next; a query without words finds nothing."""
        terms = terms_of(query)
        if not terms:
            return [], None
        page, next_cursor = await self._database.read(lambda session: find(session, user.id, terms, cursor))
        return await asyncio.to_thread(_hits, page, terms), next_cursor  # long texts take their time


def _hits(page: Sequence[Found], terms: Sequence[Term]) -> list[SearchHit]:
    return [
        SearchHit(
            kind="chat" if found.content is None else "message",
            chat_id=found.chat_id,
            title=marked(found.title, terms),
            archived=found.archived,
            message_id=found.message_id,
            role=found.role,
            snippet=None if found.content is None else snippet(found.content, terms),
            created_at=found.created_at,
        )
        for found in page
    ]
