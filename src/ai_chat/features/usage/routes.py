"""`/api/usage`: what is used of the plan's limits."""

from typing import Annotated

from fastapi import APIRouter, Depends
from sqlalchemy.orm import Session

from ai_chat.features.accounts.deps import SignedInUser
from ai_chat.features.usage.schemas import UsageInfo, allowance_info
from ai_chat.features.usage.service import Allowance, Usage
from ai_chat.http.schemas import Envelope, failures, ok
from ai_chat.http.state import part
from ai_chat.kernel.errors import ErrorCode
from ai_chat.storage.database import Database

UsagePart = Annotated[Usage, Depends(part(Usage))]
DatabasePart = Annotated[Database, Depends(part(Database))]

router = APIRouter(prefix="/api/usage", tags=["usage"])


@router.get("", operation_id="getUsage", responses=failures(ErrorCode.UNAUTHORIZED))
async def get_usage(user: SignedInUser, usage: UsagePart, database: DatabasePart) -> Envelope[UsageInfo]:
    """Messages of today, chats of the last hour, and when each limit opens again."""
    plan = usage.plans[user.tier]

    def work(session: Session) -> tuple[Allowance, Allowance]:
        return usage.messages_today(session, user.id, plan), usage.chats_this_hour(session, user.id, plan)

    messages, chats = await database.read(work)
    return ok(
        UsageInfo(
            plan=plan.id,
            messages=allowance_info(messages),
            chats=allowance_info(chats),
            tokens_per_message=plan.tokens_per_message,
        )
    )
