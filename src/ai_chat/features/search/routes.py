"""`/api/search`: one's own chats and messages by their words."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from ai_chat.features.accounts.deps import SignedInUser
from ai_chat.features.search.schemas import SearchHit
from ai_chat.features.search.service import Search
from ai_chat.http.schemas import Page, failures
from ai_chat.http.state import part
from ai_chat.kernel.errors import ErrorCode

router = APIRouter(prefix="/api/search", tags=["search"], responses=failures(ErrorCode.UNAUTHORIZED))
SearchPart = Annotated[Search, Depends(part(Search))]


@router.get("", operation_id="search")
async def search(
    user: SignedInUser,
    found: SearchPart,
    q: Annotated[str, Query(max_length=500)],
    cursor: Annotated[str | None, Query(max_length=60)] = None,
) -> Page[SearchHit]:
    """Chats and messages with all these words, in whatever form («привет» finds «Приветы»); the last word may be the beginning
    of one. Titles come first, then messages; what has the words as they were typed before other forms; the newest first.
    Signs have no meaning: a query of nothing else finds nothing.
    """
    page, next_cursor = await found.find(user, q, cursor)
    return Page[SearchHit](success=True, data=page, cursor=next_cursor)
