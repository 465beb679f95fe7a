"""The one composition root: settings in, the whole product out. Nothing else knows which parts are in use."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import unquote, urlsplit

import aiohttp
import structlog
from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from pydantic import SecretStr

from ai_chat import __version__
from ai_chat.features.accounts.access import OpenAccess
from ai_chat.features.accounts.keys import ApiKeys
from ai_chat.features.accounts.live import LiveEvents, UserFeeds
from ai_chat.features.accounts.live_events import LiveEvent, SubscriptionChangedEvent
from ai_chat.features.accounts.live_routes import router as live_router
from ai_chat.features.accounts.passwords import Passwords
from ai_chat.features.accounts.preference_routes import router as preferences_router
from ai_chat.features.accounts.profiles import Profiles
from ai_chat.features.accounts.routes import CookiePolicy
from ai_chat.features.accounts.routes import router as accounts_router
from ai_chat.features.accounts.service import Accounts
from ai_chat.features.accounts.throttle import CountingThrottle, NoThrottle, SignInThrottle
from ai_chat.features.accounts.tokens import AccessTokens
from ai_chat.features.admin.routes import router as admin_router
from ai_chat.features.admin.service import Admin
from ai_chat.features.billing.dunning import Schedule
from ai_chat.features.billing.requests import ReceiptRules
from ai_chat.features.billing.routes import router as billing_router
from ai_chat.features.billing.service import Billing, BillingTerms, ShopAccess
from ai_chat.features.billing.shop import check_shop
from ai_chat.features.catalog.ports import Gate, ModelSource
from ai_chat.features.catalog.routes import router as catalog_router
from ai_chat.features.catalog.service import Catalog
from ai_chat.features.chats.announcing import Announcer
from ai_chat.features.chats.branches import Branches
from ai_chat.features.chats.deleting import Deleting
from ai_chat.features.chats.folder_routes import router as folders_router
from ai_chat.features.chats.folders import Folders
from ai_chat.features.chats.generation_store import DatabaseGenerationStore
from ai_chat.features.chats.naming import Naming
from ai_chat.features.chats.reaper import Presence, Reaper
from ai_chat.features.chats.routes import router as chats_router
from ai_chat.features.chats.service import Chats
from ai_chat.features.chats.turn_routes import router as turns_router
from ai_chat.features.chats.turns import Turns
from ai_chat.features.completions.key_routes import router as keys_router
from ai_chat.features.completions.routes import router as completions_router
from ai_chat.features.completions.service import Completions
from ai_chat.features.usage.plans import Plan, PlanId, load_plans
from ai_chat.features.usage.routes import router as usage_router
from ai_chat.features.usage.service import Usage
from ai_chat.features.usage.settling_later import CostSource, SettlingLater
from ai_chat.features.usage.spending import Spending
from ai_chat.http.errors import install_error_handlers
from ai_chat.http.health import Now
from ai_chat.http.health import router as health_router
from ai_chat.http.metrics import MetricsAccess
from ai_chat.http.metrics import router as metrics_router
from ai_chat.http.middleware import Edge
from ai_chat.http.openapi import install_openapi
from ai_chat.http.web_files import WebFiles
from ai_chat.integrations.chat_completions.client import Target
from ai_chat.integrations.chat_completions.direct import DirectTransport
from ai_chat.integrations.chat_completions.proxied import ProxiedTransport
from ai_chat.integrations.chat_completions.transport import Transport
from ai_chat.integrations.local_model.source import LocalModel
from ai_chat.integrations.local_model.supervisor import LocalModelServer
from ai_chat.integrations.openai_compatible.source import OpenAiCompatible
from ai_chat.integrations.openrouter.source import OpenRouter
from ai_chat.integrations.smtp.sender import Smtp
from ai_chat.integrations.yookassa.calls import Account, Calls
from ai_chat.integrations.yookassa.provider import YooKassa
from ai_chat.kernel import pulse
from ai_chat.kernel.clock import Clock, system_clock
from ai_chat.kernel.exposition import SHARE_SECONDS, SharedNumbers, process_id
from ai_chat.kernel.ids import new_id
from ai_chat.relay.events import StreamEvent
from ai_chat.relay.mirror import FrameStreams
from ai_chat.relay.observer import Observers
from ai_chat.relay.relay import Relay
from ai_chat.relay.tick import Tick
from ai_chat.settings import Settings
from ai_chat.signals.frame_streams import MemoryFrameStreams
from ai_chat.signals.presence import MemoryPresence
from ai_chat.signals.rate_limiter import MemoryRateLimiter, RedisRateLimiter
from ai_chat.signals.user_feeds import MemoryUserFeeds
from ai_chat.storage.database import Database
from ai_chat.storage.exclusive import exclusive_use
from ai_chat.storage.migrate import migrate
from ai_chat.storage.opening import open_database
from ai_chat.storage.sqlite import SqliteDatabase

WEB_FOLDER = Path(__file__).parent / "web_dist"
FIRST_CATALOGUE_SECONDS = 5.0
_DAY_SECONDS = 86_400.0

log = structlog.get_logger()


def build_api(settings: Settings) -> FastAPI:
    """Routes, middleware and pages, without the parts behind them: enough for the OpenAPI schema."""
    app = FastAPI(
        title=settings.brand_name,
        version=__version__,
        description="Chat with many AI models. Success is `{success: true, data}`, failure `{success: false, error}`.",
        docs_url=None,
        redoc_url=None,
        openapi_url=None if settings.is_production else "/openapi.json",
        redirect_slashes=False,
    )
    app.state.parts = {}
    for router in (
        turns_router,  # first: routes are tried in turn, and messages are sent most
        health_router,
        accounts_router,
        preferences_router,
        live_router,
        catalog_router,
        usage_router,
        chats_router,
        folders_router,
        billing_router,
        admin_router,
        metrics_router,
        keys_router,
        completions_router,
    ):
        app.include_router(router)
    app.router.default = WebFiles(WEB_FOLDER, brand_name=settings.brand_name, default_locale=settings.default_locale)
    install_error_handlers(app)
    install_openapi(app, {"StreamEvent": StreamEvent, "LiveEvent": LiveEvent})
    app.add_middleware(Edge, proxies=settings.proxy_networks, https=settings.public_url.startswith("https://"))
    app.add_middleware(
        CORSMiddleware,
        allow_origins=settings.cors_origins,
        allow_credentials=True,
        allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
        allow_headers=["Authorization", "Content-Type", "Last-Event-ID", "X-Client", "X-Request-Id"],
        expose_headers=["Retry-After", "X-Request-Id"],
        max_age=600,
    )
    return app


@asynccontextmanager
async def running_app(settings: Settings, *, clock: Clock = system_clock, workers: int = 1) -> AsyncIterator[FastAPI]:
    """The whole product, ready to serve: database migrated, leftovers ended, catalogue read. Ends all it started."""
    settings.prepare_data_dir()
    app = build_api(settings)
    async with AsyncExitStack() as stack:
        database = await open_storage(settings, stack, workers)
        limit = settings.daily_spend_limit_usd
        spending = Spending(database, None if limit == "off" else limit, settings.zone, clock)
        await spending.open(alone=database.name == "sqlite")
        stack.push_async_callback(spending.close)
        usage = Usage(load_plans(_plans_file(settings)), settings.zone, clock, spending, asked_later=("openrouter",))
        store = DatabaseGenerationStore(database, usage, clock)
        live = LiveEvents(_user_feeds(settings))
        _in_background(stack, "live events", live.run())
        tick = Tick()
        observers = Observers(Announcer(live))
        relay = Relay(store, _frame_streams(settings), tick=tick, observer=observers)
        _in_background(stack, "streams", relay.run())
        stack.push_async_callback(relay.drain, 0)
        worker = f"{socket.gethostname()[:30]}-{os.getpid()}-{new_id().hex[-6:]}"
        presence = _presence(settings, worker)
        _in_background(stack, "presence", presence.run())
        reaper = Reaper(database, store, relay, presence)
        await reaper.end_leftovers(alone=database.name == "sqlite")
        sources = await model_sources(settings, stack, tick)
        catalog = catalog_of(sources, settings, clock, spending)
        naming = Naming(database, catalog, usage, live, settings.title_model)
        stack.push_async_callback(naming.close)
        observers.add(naming)
        spending.consult(catalog.prices_of)
        late: dict[str, CostSource] = {source.name: source for source in sources if isinstance(source, OpenRouter)}
        settling = SettlingLater(database, late, spending, clock, store.correct_cost)
        passwords = Passwords()
        stack.callback(passwords.close)
        tokens = AccessTokens(settings.signing_secret(), clock)
        throttle = _throttle(settings, stack)
        accounts = Accounts(database, passwords, tokens, throttle, live, clock)
        open_access = OpenAccess(database, live, relay.stop_all_of)
        billing = await open_billing(settings, stack, database, usage.plans, live, clock)
        app.state.parts = {
            Now: Now(clock),
            Database: database,
            Accounts: accounts,
            Profiles: Profiles(database, passwords, throttle, live, clock),
            ApiKeys: ApiKeys(database, clock),
            OpenAccess: open_access,
            LiveEvents: live,
            MetricsAccess: _metrics_access(settings, stack, workers),
            CookiePolicy: CookiePolicy(frozenset(settings.cors_origins), settings.public_url.startswith("https://")),
            Catalog: catalog,
            Usage: usage,
            Spending: spending,
            Relay: relay,
            Chats: Chats(database, catalog, usage, relay, live, clock),
            Branches: Branches(database, live),
            **_history(stack, database, relay, live, clock),
            Turns: Turns(database, catalog, usage, relay, clock, worker),
            Completions: Completions(database, catalog, usage, relay, clock, worker),
            Billing: billing,
            Admin: Admin(
                database,
                billing,
                settings.usd_rub_rate,
                clock,
                lambda user_id: live.publish(user_id, SubscriptionChangedEvent()),
            ),
        }
        with suppress(TimeoutError):
            await asyncio.wait_for(catalog.refresh(), FIRST_CATALOGUE_SECONDS)
        _in_background(stack, "catalogue", catalog.keep_fresh())
        _in_background(stack, "reaper", reaper.run())
        _in_background(stack, "spending", spending.run())
        _in_background(stack, "late costs", settling.run())
        _in_background(stack, "access", open_access.run())
        _in_background(stack, "billing", billing.jobs.run())
        _in_background(stack, "pulse", pulse.watch())
        _in_background(stack, "sessions", _forget_sessions_daily(accounts))
        yield app


def _history(
    stack: AsyncExitStack, database: Database, relay: Relay, live: LiveEvents, clock: Clock
) -> dict[type, object]:
    """Arranging and deleting chats, and what is done for that in the background."""
    deleting = Deleting(database, relay, live, clock)
    _in_background(stack, "deleted chats", deleting.run())
    return {Deleting: deleting, Folders: Folders(database, live, clock)}


async def open_storage(settings: Settings, stack: AsyncExitStack, workers: int) -> Database:
    """The database of the settings, migrated; the stack closes it."""
    url = settings.database_url.get_secret_value() if settings.database_url else None
    database = await open_database(url, settings.data_dir, processes=workers)
    stack.push_async_callback(database.close)
    if isinstance(database, SqliteDatabase):
        stack.enter_context(exclusive_use(database.path))
    await migrate(database)
    return database


def catalog_of(sources: Sequence[ModelSource], settings: Settings, clock: Clock, *gates: Gate) -> Catalog:
    """The catalogue of these sources; what OpenRouter refuses us, it keeps shut."""
    own = [source for source in sources if isinstance(source, OpenRouter)]
    catalog = Catalog(sources, [*own, *gates], settings.openrouter_fallback_models, clock)
    for source in own:
        source.consult(fallbacks_of=catalog.fallbacks_of, on_stale=catalog.refresh_soon)
    return catalog


async def open_billing(
    settings: Settings,
    stack: AsyncExitStack,
    database: Database,
    plans: Mapping[PlanId, Plan],
    live: LiveEvents,
    clock: Clock,
) -> Billing:
    """Billing, selling through YooKassa where the settings name a shop."""
    shop = None
    if settings.yookassa_shop_id and settings.yookassa_secret_key is not None:
        proxy = None if _is_loopback(settings.yookassa_base_url) else settings.outbound_proxy
        session = await stack.enter_async_context(_http_session(proxy))
        account = Account(settings.yookassa_base_url, settings.yookassa_shop_id, settings.yookassa_secret_key)
        provider = YooKassa(Calls(session, account))
        live_key = settings.yookassa_secret_key.get_secret_value().startswith("live_")
        receipts = None
        if settings.yookassa_receipts == "on":
            receipts = ReceiptRules(
                settings.yookassa_tax_system,
                settings.yookassa_vat_code,
                settings.yookassa_payment_subject,
                settings.yookassa_payment_mode,
            )
        shop = ShopAccess(
            provider, provider, provider, settings.yookassa_shop_id, live_key, settings.payment_senders, receipts
        )
        _in_background(stack, "shop check", check_shop(shop))
    hours, days = timedelta(hours=settings.renewal_lead_hours), timedelta(days=settings.renewal_grace_days)
    terms = BillingTerms(
        settings.zone,
        settings.public_url,
        settings.brand_name,
        settings.default_locale,
        Schedule(hours, settings.renewal_retry_days, days),
    )
    mail = Smtp(settings.smtp_url.get_secret_value(), settings.mail_from) if settings.smtp_url is not None else None
    billing = Billing(
        database, plans, terms, shop, mail, clock, lambda user_id: live.publish(user_id, SubscriptionChangedEvent())
    )
    stack.push_async_callback(billing.close)
    return billing


async def model_sources(settings: Settings, stack: AsyncExitStack, tick: Tick | None = None) -> list[ModelSource]:
    """The providers that the settings switch on."""
    sources: list[ModelSource] = []
    outside = await _ways_out(settings.outbound_proxy, stack, tick)
    here = await _ways_out(None, stack, tick)
    if settings.openrouter_api_key is not None:
        session, transport = here if _is_loopback(settings.openrouter_base_url) else outside
        headers = {"HTTP-Referer": settings.public_url, "X-OpenRouter-Title": _header_text(settings.brand_name)}
        key = settings.openrouter_api_key.get_secret_value()
        sources.append(OpenRouter(session, transport, Target(settings.openrouter_base_url, key, headers)))
    if settings.openai_compatible_base_url is not None:
        session, transport = here if _is_loopback(settings.openai_compatible_base_url) else outside
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


async def _ways_out(
    proxy: SecretStr | None, stack: AsyncExitStack, tick: Tick | None
) -> tuple[aiohttp.ClientSession, Transport]:
    """The client for ordinary calls, and the transport for answers: our own, unless a proxy stands between."""
    session = await stack.enter_async_context(_http_session(proxy))
    transport = DirectTransport(tick) if proxy is None else ProxiedTransport(session)
    stack.push_async_callback(transport.close)
    return session, transport


def _http_session(proxy: SecretStr | None) -> aiohttp.ClientSession:
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


def _is_loopback(address: str) -> bool:
    """A server on this machine is never reached through the operator's proxy."""
    host = urlsplit(address).hostname or ""
    with suppress(ValueError):
        return ip_address(host).is_loopback
    return host == "localhost"


def _header_text(text: str) -> str:
    """A name as a header can carry it: a Cyrillic brand must not break every request."""
    return text.encode("ascii", "ignore").decode().strip() or "AI Chat"


def _plans_file(settings: Settings) -> Path | None:
    if settings.plans_file is not None:
        return settings.plans_file
    usual = settings.data_dir / "plans.toml"
    return usual if usual.is_file() else None


def _throttle(settings: Settings, stack: AsyncExitStack) -> SignInThrottle:
    if settings.auth_throttle == "off":
        return NoThrottle()
    if settings.redis_url is None:
        return CountingThrottle(MemoryRateLimiter())
    shared = RedisRateLimiter(settings.redis_url.get_secret_value())
    stack.push_async_callback(shared.close)
    return CountingThrottle(shared)


def _frame_streams(settings: Settings) -> FrameStreams:
    if settings.redis_url is None:
        return MemoryFrameStreams()
    from ai_chat.signals.redis_streams import RedisFrameStreams  # noqa: PLC0415 - Redis' client weighs 18 MB

    return RedisFrameStreams(settings.redis_url.get_secret_value())


def _user_feeds(settings: Settings) -> UserFeeds:
    if settings.redis_url is None:
        return MemoryUserFeeds()
    from ai_chat.signals.redis_feeds import RedisUserFeeds  # noqa: PLC0415 - Redis' client weighs 18 MB

    return RedisUserFeeds(settings.redis_url.get_secret_value())


def _presence(settings: Settings, worker: str) -> Presence:
    if settings.redis_url is None:
        return MemoryPresence()
    from ai_chat.signals.redis_presence import RedisPresence  # noqa: PLC0415 - Redis' client weighs 18 MB

    return RedisPresence(settings.redis_url.get_secret_value(), worker)


def _metrics_access(settings: Settings, stack: AsyncExitStack, workers: int) -> MetricsAccess:
    shared = None
    if workers > 1:
        shared = SharedNumbers(settings.data_dir / "metrics" / socket.gethostname()[:60], process_id())
        stack.callback(shared.forget)
        _in_background(stack, "metrics", _share_numbers(shared))
    token = settings.metrics_token.get_secret_value() if settings.metrics_token is not None else None
    return MetricsAccess(token, local=not settings.is_production, shared=shared)


async def _share_numbers(shared: SharedNumbers) -> None:
    while True:
        try:
            await asyncio.to_thread(shared.share)
        except OSError as problem:
            log.warning("metrics cannot be shared with other workers", reason=repr(problem))
        await asyncio.sleep(SHARE_SECONDS)


def _in_background(stack: AsyncExitStack, name: str, work: Coroutine[object, object, None]) -> None:
    task = asyncio.create_task(work, name=name)

    async def end() -> None:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    stack.push_async_callback(end)


async def _forget_sessions_daily(accounts: Accounts) -> None:
    while True:
        try:
            await accounts.forget_old_sessions()
        except Exception:
            log.exception("forgetting old sessions failed")
        await asyncio.sleep(_DAY_SECONDS)
