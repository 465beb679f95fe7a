"""Billing as one thing: built from settings and a provider by the composition root. Without a provider plans still end in time."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from uuid import UUID
from zoneinfo import ZoneInfo

from ai_chat.features.billing.delivery import Delivery
from ai_chat.features.billing.dunning import Schedule
from ai_chat.features.billing.jobs import Jobs, Reconciliation
from ai_chat.features.billing.letters import Letters
from ai_chat.features.billing.notifications import Networks, Notifications
from ai_chat.features.billing.orders import Orders
from ai_chat.features.billing.payments import Payments
from ai_chat.features.billing.ports import BindingProvider, PaymentProvider, RefundProvider
from ai_chat.features.billing.prices import offered
from ai_chat.features.billing.pricing import Pricing
from ai_chat.features.billing.refunds import Refunds
from ai_chat.features.billing.renewals import Renewals
from ai_chat.features.billing.requests import ReceiptRules, Requests
from ai_chat.features.billing.settlement import Settlement
from ai_chat.features.billing.subscriptions import Subscriptions
from ai_chat.features.mail.outbox import MailSender, Outbox
from ai_chat.features.usage.plans import Plan, PlanId
from ai_chat.kernel.clock import Clock
from ai_chat.storage.database import Database


@dataclass(frozen=True, slots=True)
class ShopAccess:
    """Our shop at the provider's, and who may notify us."""

    payments: PaymentProvider
    refunds: RefundProvider
    bindings: BindingProvider
    shop_id: str
    live: bool
    senders: Networks
    receipts: ReceiptRules | None


@dataclass(frozen=True, slots=True)
class BillingTerms:
    """What of the settings billing needs."""

    zone: ZoneInfo
    web_url: str
    brand: str
    locale: str
    schedule: Schedule = field(default_factory=Schedule)


@dataclass(frozen=True, slots=True)
class Selling:
    """The parts that exist only with a provider."""

    orders: Orders
    refunds: Refunds
    notifications: Notifications
    senders: Networks


class Billing:
    """The parts, wired."""

    def __init__(
        self,
        database: Database,
        plans: Mapping[PlanId, Plan],
        terms: BillingTerms,
        shop: ShopAccess | None,
        mail: MailSender | None,
        clock: Clock,
        announce: Callable[[UUID], None],
    ) -> None:
        self.database = database
        self.plans = plans
        self.terms = terms
        self.clock = clock
        delivery = Delivery(terms.zone, terms.schedule, Letters(terms.web_url, terms.zone))
        self.selling: Selling | None = None
        reconciliation = notifications = orders = charging = None
        if shop is not None:
            settlement = Settlement(delivery, shop.shop_id, clock, live=shop.live)
            requests = Requests(
                shop.payments,
                shop.bindings,
                shop.refunds,
                web_url=terms.web_url,
                brand=terms.brand,
                receipts=shop.receipts,
            )
            payments = Payments(database, shop.payments, shop.bindings, settlement, requests, clock, announce)
            refunds = Refunds(database, shop.refunds, settlement, requests, clock, announce)
            notifications = Notifications(database, shop.payments, payments, refunds, clock)
            reconciliation = Reconciliation(database, shop.payments, payments, refunds, settlement, clock)
            pricing = Pricing(plans, requests)
            orders = Orders(database, pricing, payments, requests, settlement, delivery, clock)
            charging = payments, requests
            self.selling = Selling(orders, refunds, notifications, shop.senders)
        self.subscriptions = Subscriptions(database, plans, orders, delivery, clock, announce)
        self.outbox = Outbox(database, mail, clock)
        renewals = Renewals(database, plans, delivery, clock, announce, charging)
        self.jobs = Jobs(database, renewals, self.outbox, clock, reconciliation, notifications)

    async def plans_now(self) -> Mapping[PlanId, Plan]:
        """The plans as they are sold at this moment."""
        return await self.database.read(lambda session: offered(session, self.plans))

    async def close(self) -> None:
        """Waits for calls under way."""
        if self.selling is not None:
            await self.selling.orders.close()
