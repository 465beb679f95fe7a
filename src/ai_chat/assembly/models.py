"""Who answers: the providers that the settings switch on, and the catalogue of their models."""

from collections.abc import Sequence
from contextlib import AsyncExitStack

import aiohttp
import structlog

from ai_chat.features.catalog.ports import Gate, ModelSource
from ai_chat.features.catalog.service import Catalog
from ai_chat.integrations.chat_completions.client import Target
from ai_chat.integrations.chat_completions.proxied import ProxiedTransport
from ai_chat.integrations.local_model.source import LocalModel
from ai_chat.integrations.local_model.supervisor import LocalModelServer
from ai_chat.integrations.openai_compatible.source import OpenAiCompatible
from ai_chat.integrations.openrouter.source import OpenRouter
from ai_chat.kernel.clock import Clock
from ai_chat.outgoing import header_text, is_loopback, ways_out
from ai_chat.relay.tick import Tick
from ai_chat.settings import Settings

log = structlog.get_logger()


def catalog_of(sources: Sequence[ModelSource], settings: Settings, clock: Clock, *gates: Gate) -> Catalog:
    """The catalogue of these sources; what OpenRouter refuses us, it keeps shut."""
    own = [source for source in sources if isinstance(source, OpenRouter)]
    catalog = Catalog(sources, [*own, *gates], settings.openrouter_fallback_models, clock)
    for source in own:
        source.consult(fallbacks_of=catalog.fallbacks_of, on_stale=catalog.refresh_soon)
    return catalog


async def model_sources(settings: Settings, stack: AsyncExitStack, tick: Tick | None = None) -> list[ModelSource]:
    """The providers that the settings switch on."""
    sources: list[ModelSource] = []
    outside = await ways_out(settings.outbound_proxy, stack, tick)
    here = await ways_out(None, stack, tick)
    if settings.openrouter_api_key is not None:
        session, transport = here if is_loopback(settings.openrouter_base_url) else outside
        headers = {"HTTP-Referer": settings.public_url, "X-OpenRouter-Title": header_text(settings.brand_name)}
        key = settings.openrouter_api_key.get_secret_value()
        sources.append(OpenRouter(session, transport, Target(settings.openrouter_base_url, key, headers)))
    if settings.openai_compatible_base_url is not None:
        session, transport = here if is_loopback(settings.openai_compatible_base_url) else outside
        secret = settings.openai_compatible_api_key
        target = Target(settings.openai_compatible_base_url, secret.get_secret_value() if secret else None)
        sources.append(OpenAiCompatible(session, transport, target, settings.openai_compatible_tier))
    if settings.local_model == "on":
        server = LocalModelServer()
        if server.available():
            stack.push_async_callback(server.stop)
            # Its server closes kept-alive connections after a stream without saying so: each request gets a new one.
            local = aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True, limit=0))
            sources.append(LocalModel(ProxiedTransport(await stack.enter_async_context(local)), server))
            if len(sources) == 1:
                server.start_in_background()  # nobody else can answer: the first question should not wait
        else:
            log.info("the embedded model is off", reason=server.unavailable_reason())
    return sources
