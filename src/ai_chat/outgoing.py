"""The ways out of this process: clients for calls to other servers, through the operator's proxy where there is one."""

from contextlib import AsyncExitStack, suppress
from ipaddress import ip_address
from urllib.parse import unquote, urlsplit

import aiohttp
from pydantic import SecretStr

from ai_chat.integrations.chat_completions.direct import DirectTransport
from ai_chat.integrations.chat_completions.proxied import ProxiedTransport
from ai_chat.integrations.chat_completions.transport import Transport
from ai_chat.relay.tick import Tick


async def ways_out(
    proxy: SecretStr | None, stack: AsyncExitStack, tick: Tick | None
) -> tuple[aiohttp.ClientSession, Transport]:
    """The client for ordinary calls, and the transport for answers: our own, unless a proxy stands between."""
    session = await stack.enter_async_context(http_session(proxy))
    transport = DirectTransport(tick) if proxy is None else ProxiedTransport(session)
    stack.push_async_callback(transport.close)
    return session, transport


def http_session(proxy: SecretStr | None) -> aiohttp.ClientSession:
    """For every outgoing call: as many connections as there are streams, one TLS context, the operator's proxy."""
    address: str | None = None
    middlewares: tuple[aiohttp.ClientMiddlewareType, ...] = ()
    if proxy is not None:
        parts = urlsplit(proxy.get_secret_value())
        name_and_password, _, host = parts.netloc.rpartition("@")
        address = parts._replace(netloc=host).geturl()  # errors show it
        if name_and_password:
            middlewares = (_signing_in(name_and_password),)
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=60),
        cookie_jar=aiohttp.DummyCookieJar(),
        proxy=address,
        middlewares=middlewares,
        read_bufsize=256 * 1024,
    )


def _signing_in(name_and_password: str) -> aiohttp.ClientMiddlewareType:
    """Tells the proxy, and nobody behind it, who asks."""
    name, _, password = name_and_password.partition(":")
    header = {"Proxy-Authorization": aiohttp.encode_basic_auth(unquote(name), unquote(password))}

    async def sign_in(request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
        if request.is_ssl():
            request.update_proxy(request.proxy, None, header)  # goes with CONNECT, outside the tunnel
        else:
            request.headers.update(header)  # the proxy reads the request itself
        return await handler(request)

    return sign_in


def is_loopback(address: str) -> bool:
    """A server on this machine is never reached through the operator's proxy."""
    host = urlsplit(address).hostname or ""
    with suppress(ValueError):
        return ip_address(host).is_loopback
    return host == "localhost"


def header_text(text: str) -> str:
    """A name as a header can carry it: a Cyrillic brand must not break every request."""
    return text.encode("ascii", "ignore").decode().strip() or "AI Chat"
