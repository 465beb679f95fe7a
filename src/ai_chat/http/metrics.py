"""`/metrics` for Prometheus. It tells strangers nothing: with METRICS_TOKEN it wants that, without it only a program on this
very machine is answered, and in production nobody.

"On this machine" is what the connection says, and a proxy on this machine has the same address. One that names whom it
speaks for is recognised; one that does not cannot be, which is why production wants the token.
"""

import asyncio
import hmac
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from ai_chat.http.state import part
from ai_chat.kernel.errors import AppError, ErrorCode
from ai_chat.kernel.exposition import SharedNumbers, render

_FORWARDED = ("x-forwarded-for", "forwarded", "x-real-ip", "x-forwarded-host", "via")
_LOOPBACK = ("127.0.0.1", "::1", "::ffff:127.0.0.1")


class MetricsAccess:
    """Who may read the metrics, and whose they are: `shared` where several workers answer together."""

    def __init__(self, token: str | None, *, local: bool, shared: SharedNumbers | None) -> None:
        self.token = token
        self.local = local
        self.shared = shared


router = APIRouter(include_in_schema=False)


@router.get("/metrics")
async def metrics(request: Request, access: Annotated[MetricsAccess, Depends(part(MetricsAccess))]) -> Response:
    """The numbers of this process, or of all workers of this machine."""
    _check(request, access)
    text = render() if access.shared is None else await asyncio.to_thread(access.shared.render)
    return Response(text, media_type="text/plain; version=0.0.4")


def _check(request: Request, access: MetricsAccess) -> None:
    if access.token is not None:
        shown = request.headers.get("authorization", "").encode()
        if not hmac.compare_digest(shown, f"Bearer {access.token}".encode()):
            raise AppError(ErrorCode.UNAUTHORIZED)
        return
    peer = request.client.host if request.client is not None else ""
    if not access.local or peer not in _LOOPBACK or any(name in request.headers for name in _FORWARDED):
        raise AppError(ErrorCode.NOT_FOUND)
