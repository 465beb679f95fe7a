"""One HTTP call to YooKassa: signed, with a time-out, its answer or its problem. It never repeats anything by itself."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import aiohttp
import structlog
from pydantic import SecretStr

from ai_chat.features.billing.ports import OutcomeUnknown, ProviderProblem
from ai_chat.integrations.yookassa.failures import problem_of_answer, problem_of_connection
from ai_chat.integrations.yookassa.reading import Fields, Unreadable, read_object

TOTAL_SECONDS = 35.0
"""YooKassa answers within 30 seconds, if need be with a 500. A little more, so that it is not us who stop listening first."""
CONNECT_SECONDS = 10.0
LARGEST_ANSWER = 4 * 1024 * 1024

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Account:
    """The shop that we are, and where its provider is."""

    base_url: str
    shop_id: str
    secret_key: SecretStr

    @property
    def test(self) -> bool:
        """A test shop's payments move no money; in a live shop they must count for nothing."""
        return self.secret_key.get_secret_value().startswith("test_")


class Calls:
    """Makes calls through the session that it is given, which knows the operator's proxy."""

    def __init__(self, session: aiohttp.ClientSession, account: Account, *, seconds: float = TOTAL_SECONDS) -> None:
        self._session = session
        self._base = account.base_url.rstrip("/")
        self._authorization = aiohttp.encode_basic_auth(account.shop_id, account.secret_key.get_secret_value())
        self._seconds = seconds

    async def get(self, path: str, query: Mapping[str, str] | None = None) -> Fields:
        return await self._call("GET", path, query=query)

    async def post(self, path: str, key: str, request: str) -> Fields:
        return await self._call("POST", path, key=key, request=request)

    async def _call(
        self,
        method: Literal["GET", "POST"],
        path: str,
        *,
        key: str | None = None,
        request: str | None = None,
        query: Mapping[str, str] | None = None,
    ) -> Fields:
        headers = {"Authorization": self._authorization, "Accept": "application/json"}
        if key is not None:
            headers |= {"Idempotence-Key": key, "Content-Type": "application/json"}
        begun = time.monotonic()
        try:
            status, answered, body = await self._exchange(method, path, headers, request, query)
            if status != 200:
                raise problem_of_answer(status, answered, body)
            return read_object(body)
        except Unreadable as problem:
            self._note(method, path, begun, "unreadable")
            raise OutcomeUnknown(f"an answer that cannot be read: {problem}") from problem
        except ProviderProblem as problem:
            self._note(method, path, begun, str(problem))
            raise

    async def _exchange(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        request: str | None,
        query: Mapping[str, str] | None,
    ) -> tuple[int, Mapping[str, str], bytes]:
        """Status, headers and body of an answer. Redirects are not followed: the key goes to this one address."""
        try:
            async with (
                asyncio.timeout(self._seconds),
                self._session.request(
                    method,
                    f"{self._base}{path}",
                    params=query,
                    data=request.encode() if request is not None else None,
                    headers=headers,
                    timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS),
                    allow_redirects=False,
                ) as response,
            ):
                body = bytearray()
                async for chunk in response.content.iter_any():
                    body += chunk
                    if len(body) > LARGEST_ANSWER:
                        raise OutcomeUnknown(f"an answer of more than {LARGEST_ANSWER} bytes")
                return response.status, response.headers, bytes(body)
        except TimeoutError as problem:
            raise OutcomeUnknown(f"no answer within {self._seconds:g} s") from problem
        except (aiohttp.ClientError, OSError) as problem:
            raise problem_of_connection(problem) from problem

    def _note(self, method: str, path: str, begun: float, problem: str) -> None:
        seconds = round(time.monotonic() - begun, 3)
        log.warning("a call to YooKassa failed", method=method, path=path, seconds=seconds, problem=problem)
