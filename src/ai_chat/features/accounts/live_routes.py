"""`/api/events`: the live channel of the signed-in user."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query, Response

from ai_chat.features.accounts.deps import SignedInUser
from ai_chat.features.accounts.live import LiveEvents
from ai_chat.http.live_stream import LiveStream
from ai_chat.http.openapi import event_stream_of
from ai_chat.http.schemas import failures
from ai_chat.http.state import part
from ai_chat.kernel.errors import ErrorCode

router = APIRouter(prefix="/api", tags=["events"])


@router.get(
    "/events",
    operation_id="liveEvents",
    response_class=Response,
    responses=event_stream_of("Frames `id: <cursor>` and `data: <LiveEvent as JSON>`, without an end.")
    | failures(ErrorCode.UNAUTHORIZED, ErrorCode.SERVICE_UNAVAILABLE, ErrorCode.SHUTTING_DOWN),
)
async def live_events(
    user: SignedInUser,
    live: Annotated[LiveEvents, Depends(part(LiveEvents))],
    cursor: Annotated[str | None, Query(max_length=100)] = None,
    last_event_id: Annotated[str | None, Header()] = None,
) -> Response:
    """What changes in the user's account, as it happens, on every device. `Last-Event-ID` or `cursor` name the last frame
    that was received.
    """
    reader = await live.open(user.id, user.session_id, cursor or last_event_id)
    return LiveStream(reader, on_end=lambda: live.close(reader))
