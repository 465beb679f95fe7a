"""What an answer has cost, by its id: `GET /generation`. For answers whose stream did not come to its usage."""

import asyncio
from decimal import Decimal

import aiohttp
import msgspec
import structlog

from ai_chat.features.usage.settling_later import Charge
from ai_chat.integrations.chat_completions.chunks import believable_cost, countable
from ai_chat.integrations.chat_completions.client import Target
from ai_chat.integrations.chat_completions.failures import kind_of

ASKING_SECONDS = 20

log = structlog.get_logger()


class _Data(msgspec.Struct):
    total_cost: Decimal | None = None
    native_tokens_prompt: float | None = None
    native_tokens_completion: float | None = None
    tokens_prompt: float | None = None
    tokens_completion: float | None = None


class _Found(msgspec.Struct):
    data: _Data


_decode = msgspec.json.Decoder(_Found, strict=False).decode


async def charge_of(session: aiohttp.ClientSession, target: Target, answer_id: str) -> Charge | None:
    """None where OpenRouter does not know, or not yet: its records appear seconds to minutes after an answer."""
    headers = {**target.headers, **({"Authorization": f"Bearer {target.api_key}"} if target.api_key else {})}
    try:
        async with (
            asyncio.timeout(ASKING_SECONDS),
            session.get(
                f"{target.base_url}/generation", params={"id": answer_id}, headers=headers, allow_redirects=False
            ) as response,
        ):
            body = await response.content.read(256 * 1024)
            if response.status != 200:
                log.info("what an answer cost is not known yet", answer=answer_id, status=response.status)
                return None
        data = _decode(body).data
    except (aiohttp.ClientError, TimeoutError) as problem:
        log.warning("what an answer cost cannot be asked", answer=answer_id, reason=kind_of(problem))
        return None
    except (msgspec.MsgspecError, UnicodeDecodeError) as problem:
        log.warning("what an answer cost makes no sense", answer=answer_id, reason=str(problem))
        return None
    cost = believable_cost(data.total_cost)
    if cost is None:
        log.error("the provider names an impossible cost; it is not believed", answer=answer_id)
        return None
    prompt = data.native_tokens_prompt if data.native_tokens_prompt is not None else data.tokens_prompt
    completion = data.native_tokens_completion if data.native_tokens_completion is not None else data.tokens_completion
    return Charge(countable(prompt), countable(completion), cost)
