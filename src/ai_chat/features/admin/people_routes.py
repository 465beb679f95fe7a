"""`/api/admin/users`: finding people, blocking them, giving them Premium."""

from datetime import timedelta
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from sqlalchemy.orm import Session

from ai_chat.features.accounts.deps import Administrator
from ai_chat.features.accounts.models import User
from ai_chat.features.admin.deps import AdminPart, Cursor, found_id
from ai_chat.features.admin.people import end_premium, give_premium, person, set_blocked
from ai_chat.features.admin.people_schemas import Block, PremiumGift, UserDetail, UserInfo, user_detail
from ai_chat.features.admin.service import Admin
from ai_chat.http.schemas import Envelope, Page, failures, ok
from ai_chat.kernel.errors import AppError, ErrorCode, FieldProblem, InvalidInput

_NOT_THERE = failures(ErrorCode.UNAUTHORIZED, ErrorCode.NOT_FOUND, ErrorCode.USER_NOT_FOUND)

router = APIRouter(prefix="/api/admin", tags=["admin"])


@router.get("/users", operation_id="adminListUsers", responses=failures(ErrorCode.UNAUTHORIZED, ErrorCode.NOT_FOUND))
async def list_users(
    admin: AdminPart,
    _who: Administrator,
    q: Annotated[str | None, Query(max_length=255)] = None,
    only: Annotated[Literal["premium", "blocked", "admin"] | None, Query()] = None,
    cursor: Cursor = None,
) -> Page[UserInfo]:
    """People, newest first; `q` is a part of an e-mail address or name, or an id."""
    users, following = await admin.users(q, only, cursor)
    return Page[UserInfo](
        success=True,
        data=[UserInfo.model_validate(user) for user in users],
        cursor=str(following) if following else None,
    )


@router.get("/users/{user_id}", operation_id="adminGetUser", responses=_NOT_THERE)
async def get_user(user_id: str, admin: AdminPart, _who: Administrator) -> Envelope[UserDetail]:
    """A person with their subscription, grants, payments and what they have cost."""
    return ok(await _detail(admin, _known(user_id)))


@router.put("/users/{user_id}/block", operation_id="adminBlockUser", responses=_NOT_THERE)
async def block(user_id: str, body: Block, admin: AdminPart, who: Administrator) -> Envelope[UserDetail]:
    """Blocks a person: they are signed out everywhere and what is being written for them stops. Or lets them in again."""
    wanted, now = _known(user_id), admin.clock()
    if wanted == who.id:
        raise InvalidInput(FieldProblem("userId", "You cannot block yourself."))

    def work(session: Session) -> None:
        _there(session, wanted)
        set_blocked(session, wanted, blocked=body.blocked, actor=str(who.id), now=now)

    await admin.database.write(work)
    return ok(await _detail(admin, wanted))


@router.post("/users/{user_id}/premium", operation_id="adminGivePremium", responses=_NOT_THERE)
async def give(user_id: str, body: PremiumGift, admin: AdminPart, who: Administrator) -> Envelope[UserDetail]:
    """Premium without a payment, in the place of what was given before."""
    wanted, now = _known(user_id), admin.clock()
    until = now + timedelta(days=body.days) if body.days is not None else None

    def work(session: Session) -> None:
        _there(session, wanted)
        give_premium(session, wanted, until, body.reason, actor=str(who.id), now=now)

    await admin.database.write(work)
    admin.tell(wanted)
    return ok(await _detail(admin, wanted))


@router.delete("/users/{user_id}/premium", operation_id="adminEndPremium", responses=_NOT_THERE)
async def take_back(user_id: str, admin: AdminPart, who: Administrator) -> Envelope[UserDetail]:
    """Ends what administrators have given; what was paid stays (a refund ends that)."""
    wanted, now = _known(user_id), admin.clock()

    def work(session: Session) -> None:
        _there(session, wanted)
        end_premium(session, wanted, "Ended by an administrator.", actor=str(who.id), now=now, only_given=True)

    await admin.database.write(work)
    admin.tell(wanted)
    return ok(await _detail(admin, wanted))


async def _detail(admin: Admin, user_id: UUID) -> UserDetail:
    return user_detail(await admin.database.read(lambda session: person(session, user_id)))


def _known(user_id: str) -> UUID:
    return found_id(user_id, ErrorCode.USER_NOT_FOUND)


def _there(session: Session, user_id: UUID) -> None:
    if session.get(User, user_id) is None:
        raise AppError(ErrorCode.USER_NOT_FOUND)
