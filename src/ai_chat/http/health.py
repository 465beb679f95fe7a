"""`/health`: the process serves. No envelope, as planned."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends

from ai_chat.http.schemas import Moment, WireModel
from ai_chat.http.state import part
from ai_chat.kernel.clock import Clock


class Now:
    """The product's clock as a part of the application."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock


class Health(WireModel):
    status: Literal["healthy"]
    timestamp: Moment


router = APIRouter(tags=["health"])


@router.get("/health", operation_id="health")
async def health(now: Annotated[Now, Depends(part(Now))]) -> Health:
    """Answers once the catalogue was read and leftovers of a dead process were ended."""
    return Health(status="healthy", timestamp=now.clock())
