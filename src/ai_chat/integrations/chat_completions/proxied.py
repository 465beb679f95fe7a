"""The transport through aiohttp: for the operator's proxy, and for servers whose connections cannot be used twice."""

from collections.abc import Mapping

import aiohttp

from ai_chat.integrations.chat_completions.failures import kind_of
from ai_chat.integrations.chat_completions.transport import CONNECT_SECONDS, Next, Receiver, TransportFailure

_TIMEOUT = aiohttp.ClientTimeout(total=None, connect=CONNECT_SECONDS, sock_connect=CONNECT_SECONDS)


class ProxiedTransport:
    """Implements `Transport` on a session, which knows the proxy and is closed by whoever opened it."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    async def post(self, url: str, headers: Mapping[str, str], body: bytes, receiver: Receiver) -> None:
        try:
            async with self._session.post(
                url, data=body, headers=headers, timeout=_TIMEOUT, allow_redirects=False
            ) as response:
                receiver.begin(response.status, {name.lower(): value for name, value in response.headers.items()})
                async for piece in response.content.iter_any():
                    if receiver.data(piece) is Next.NOTHING:
                        return
        except aiohttp.ClientError as problem:
            raise TransportFailure(kind_of(problem)) from problem

    async def close(self) -> None:
        pass
