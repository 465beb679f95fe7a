"""The one composition root: settings in, the whole product out. Nothing else knows which parts are in use."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path

import structlog
from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware

from ai_chat import __version__
from ai_chat.assembly.background import in_background
from ai_chat.assembly.keeping import open_files, open_storage
from ai_chat.assembly.models import catalog_of, model_sources
from ai_chat.assembly.selling import landing_of, open_billing, open_spending, plans_of
from ai_chat.assembly.signals import frame_streams, metrics_access, presence_of, rate_limiter, user_feeds
from ai_chat.features.accounts.access import OpenAccess
from ai_chat.features.accounts.keys import ApiKeys
from ai_chat.features.accounts.live import LiveEvents
from ai_chat.features.accounts.live_events import LiveEvent, SubscriptionChangedEvent
from ai_chat.features.accounts.live_routes import router as live_router
from ai_chat.features.accounts.passwords import Passwords
from ai_chat.features.accounts.preference_routes import router as preferences_router
from ai_chat.features.accounts.profiles import Profiles
from ai_chat.features.accounts.recovery import Recovery
from ai_chat.features.accounts.recovery_routes import router as recovery_router
from ai_chat.features.accounts.routes import CookiePolicy
from ai_chat.features.accounts.routes import router as accounts_router
from ai_chat.features.accounts.service import Accounts
from ai_chat.features.accounts.throttle import CountingThrottle, NoThrottle
from ai_chat.features.accounts.tokens import AccessTokens
from ai_chat.features.admin.operator_routes import router as operator_router
from ai_chat.features.admin.people_routes import router as people_router
from ai_chat.features.admin.routes import router as admin_router
from ai_chat.features.admin.service import Admin
from ai_chat.features.billing.routes import router as billing_router
from ai_chat.features.billing.service import Billing
from ai_chat.features.catalog.routes import router as catalog_router
from ai_chat.features.catalog.service import Catalog
from ai_chat.features.chats.announcing import Announcer
from ai_chat.features.chats.branches import Branches
from ai_chat.features.chats.deleting import Deleting
from ai_chat.features.chats.folder_routes import router as folders_router
from ai_chat.features.chats.folders import Folders
from ai_chat.features.chats.generation_store import DatabaseGenerationStore
from ai_chat.features.chats.naming import Naming
from ai_chat.features.chats.reaper import Reaper
from ai_chat.features.chats.routes import router as chats_router
from ai_chat.features.chats.service import Chats
from ai_chat.features.chats.turn_routes import router as turns_router
from ai_chat.features.chats.turns import Turns
from ai_chat.features.completions.key_routes import router as keys_router
from ai_chat.features.completions.routes import router as completions_router
from ai_chat.features.completions.service import Completions
from ai_chat.features.files.routes import router as files_router
from ai_chat.features.files.service import Files
from ai_chat.features.files.sweeping import FileSweep
from ai_chat.features.landing.routes import router as landing_router
from ai_chat.features.landing.service import Landing
from ai_chat.features.personal_data.exporting import Exporting
from ai_chat.features.personal_data.importing import Importing
from ai_chat.features.personal_data.leaving import Leaving
from ai_chat.features.personal_data.routes import router as data_router
from ai_chat.features.search.indexer import Indexer
from ai_chat.features.search.routes import router as search_router
from ai_chat.features.search.service import Search
from ai_chat.features.sharing.links import Links
from ai_chat.features.sharing.routes import router as sharing_router
from ai_chat.features.sharing.service import Shares
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
from ai_chat.integrations.openrouter.source import OpenRouter
from ai_chat.kernel import pulse
from ai_chat.kernel.clock import Clock, system_clock
from ai_chat.kernel.ids import new_id
from ai_chat.relay.events import StreamEvent
from ai_chat.relay.observer import Observers
from ai_chat.relay.relay import Relay
from ai_chat.relay.tick import Tick
from ai_chat.settings import Settings
from ai_chat.storage.database import Database

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
        recovery_router,
        preferences_router,
        live_router,
        catalog_router,
        usage_router,
        chats_router,
        files_router,
        sharing_router,
        data_router,
        folders_router,
        search_router,
        billing_router,
        admin_router,
        people_router,
        operator_router,
        metrics_router,
        keys_router,
        completions_router,
        landing_router,
    ):
        app.router.routes += (
            router.routes
        )  # as they are: included, FastAPI would make each a second time for every application
    app.router.default = app.state.web_files = WebFiles(
        WEB_FOLDER,
        brand_name=settings.brand_name,
        default_locale=settings.default_locale,
        facts={
            "app-offer": settings.offer_url,
            "app-privacy": settings.privacy_url,
            "app-support": settings.support_email,
            "app-mail": "on" if settings.smtp_url is not None else None,
        },
    )
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
        spending = await open_spending(settings, stack, database, clock)
        usage = Usage(plans_of(settings), settings.zone, clock, spending, asked_later=("openrouter",))
        store = DatabaseGenerationStore(database, usage, clock)
        live = LiveEvents(user_feeds(settings))
        in_background(stack, "live events", live.run())
        tick = Tick()
        observers = Observers(Announcer(live))
        relay = Relay(store, frame_streams(settings), tick=tick, observer=observers)
        in_background(stack, "streams", relay.run())
        stack.push_async_callback(relay.drain, 0)
        worker = f"{socket.gethostname()[:30]}-{os.getpid()}-{new_id().hex[-6:]}"
        presence = presence_of(settings, worker)
        in_background(stack, "presence", presence.run())
        reaper = Reaper(database, store, relay, presence, spending.cost_of)
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
        limiter = rate_limiter(settings, stack)
        throttle = CountingThrottle(limiter) if limiter is not None else NoThrottle()
        profiles = Profiles(database, passwords, throttle, live, clock, settings.default_locale)
        accounts = Accounts(database, passwords, tokens, throttle, live, clock)
        open_access = OpenAccess(database, live, relay.stop_all_of)
        billing = await open_billing(settings, stack, database, usage.plans, live, clock)
        files, sweep = await open_files(settings, stack, database, usage.plans, clock)
        app.state.parts = {
            Now: Now(clock),
            Database: database,
            Accounts: accounts,
            Profiles: profiles,
            Recovery: Recovery(
                database,
                passwords,
                live,
                clock,
                secret=settings.signing_secret(),
                page=f"{settings.public_url}/recover",
                mailing=settings.smtp_url is not None,
                locale=settings.default_locale,
            ),
            ApiKeys: ApiKeys(database, clock),
            OpenAccess: open_access,
            LiveEvents: live,
            MetricsAccess: metrics_access(settings, stack, workers),
            CookiePolicy: CookiePolicy(frozenset(settings.cors_origins), settings.public_url.startswith("https://")),
            Catalog: catalog,
            Usage: usage,
            Spending: spending,
            Relay: relay,
            Chats: Chats(database, catalog, usage, relay, live, clock),
            Branches: Branches(database, live),
            **_history(stack, database, relay, live, clock),
            Turns: Turns(database, accounts, catalog, usage, files, relay, clock, worker),
            Files: files,
            FileSweep: sweep,
            Shares: Shares(database, files, usage, live, _links(settings), limiter, clock, catalog),
            Exporting: Exporting(database, catalog, files, clock),
            Importing: Importing(database, catalog, files, live),
            Leaving: Leaving(database, profiles, relay, live, clock),
            Completions: Completions(database, catalog, usage, relay, clock, worker),
            Billing: billing,
            WebFiles: app.state.web_files,
            Landing: landing_of(settings, app.state.web_files, billing, catalog),
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
        await reaper.end_leftovers(alone=database.name == "sqlite")  # by the prices of the catalogue
        in_background(stack, "catalogue", catalog.keep_fresh())
        in_background(stack, "reaper", reaper.run())
        in_background(stack, "spending", spending.run())
        in_background(stack, "late costs", settling.run())
        in_background(stack, "access", open_access.run())
        in_background(stack, "billing", billing.jobs.run())
        in_background(stack, "pulse", pulse.watch())
        in_background(stack, "sessions", _forget_sessions_daily(accounts))
        yield app


def _history(
    stack: AsyncExitStack, database: Database, relay: Relay, live: LiveEvents, clock: Clock
) -> dict[type, object]:
    """Arranging, deleting and finding chats, and what is done for that in the background."""
    deleting = Deleting(database, relay, live, clock)
    in_background(stack, "deleted chats", deleting.run())
    in_background(stack, "search index", Indexer(database).run())
    return {Deleting: deleting, Folders: Folders(database, live, clock), Search: Search(database)}


def _links(settings: Settings) -> Links:
    return Links(settings.signing_secret(), f"{settings.public_url}/share/")


async def _forget_sessions_daily(accounts: Accounts) -> None:
    while True:
        try:
            await accounts.forget_old_sessions()
        except Exception:
            log.exception("forgetting old sessions failed")
        await asyncio.sleep(_DAY_SECONDS)
