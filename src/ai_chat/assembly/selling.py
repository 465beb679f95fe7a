"""Plans, money and the pages for visitors."""

from collections.abc import Mapping
from contextlib import AsyncExitStack
from datetime import timedelta

from ai_chat.assembly.background import in_background
from ai_chat.assembly.keeping import data_file
from ai_chat.features.accounts.live import LiveEvents
from ai_chat.features.accounts.live_events import SubscriptionChangedEvent
from ai_chat.features.billing.dunning import Schedule
from ai_chat.features.billing.requests import ReceiptRules
from ai_chat.features.billing.service import Billing, BillingTerms, ShopAccess
from ai_chat.features.billing.shop import check_shop
from ai_chat.features.catalog.service import Catalog
from ai_chat.features.landing.page import Site
from ai_chat.features.landing.service import Landing
from ai_chat.features.landing.texts import load_texts
from ai_chat.features.usage.plans import Plan, PlanId, load_plans
from ai_chat.features.usage.spending import Spending
from ai_chat.http.web_files import WebFiles
from ai_chat.integrations.smtp.sender import Smtp
from ai_chat.integrations.yookassa.calls import Account, Calls
from ai_chat.integrations.yookassa.provider import YooKassa
from ai_chat.kernel.clock import Clock
from ai_chat.outgoing import http_session, is_loopback
from ai_chat.settings import Settings
from ai_chat.storage.database import Database


def plans_of(settings: Settings) -> Mapping[PlanId, Plan]:
    return load_plans(data_file(settings.plans_file, settings, "plans.toml"))


async def open_spending(settings: Settings, stack: AsyncExitStack, database: Database, clock: Clock) -> Spending:
    """The operator's budget of the day."""
    limit = settings.daily_spend_limit_usd
    spending = Spending(database, None if limit == "off" else limit, settings.zone, clock)
    await spending.open(alone=database.name == "sqlite")
    stack.push_async_callback(spending.close)
    return spending


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
        proxy = None if is_loopback(settings.yookassa_base_url) else settings.outbound_proxy
        session = await stack.enter_async_context(http_session(proxy))
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
        in_background(stack, "shop check", check_shop(shop))
    hours, days = timedelta(hours=settings.renewal_lead_hours), timedelta(days=settings.renewal_grace_days)
    terms = BillingTerms(
        settings.zone,
        settings.public_url,
        settings.brand_name,
        settings.default_locale,
        Schedule(hours, settings.renewal_retry_days, days),
    )
    billing = Billing(
        database,
        plans,
        terms,
        shop,
        _mail_server(settings),
        clock,
        lambda user_id: live.publish(user_id, SubscriptionChangedEvent()),
    )
    stack.push_async_callback(billing.close)
    return billing


def _mail_server(settings: Settings) -> Smtp | None:
    if settings.smtp_url is None:
        return None
    url = settings.smtp_url.get_secret_value()
    return Smtp(url, settings.mail_from, near=is_loopback(url))


def landing_of(settings: Settings, files: WebFiles, billing: Billing, catalog: Catalog) -> Landing:
    """The pages for visitors."""
    site = Site(
        settings.brand_name,
        settings.public_url,
        files.stylesheet("landing"),
        settings.offer_url,
        settings.privacy_url,
        settings.support_email,
        settings.seller,
        selling=billing.selling is not None,
    )
    texts = load_texts(data_file(settings.landing_file, settings, "landing.toml"))
    return Landing(
        site, texts, billing.plans_now, catalog.models, settings.default_locale, shown=settings.landing == "on"
    )
