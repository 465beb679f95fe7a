"""What billing needs of a payment provider, in our words: payments, refunds, saved methods, each looked up or asked for.

Every call that moves money takes an idempotence key and the very text of its request. Both are written down before the call
(`compose_…` makes the text), so that after a time-out, a restart or an upgrade the same call is made again and done once.
A provider forgets keys, YooKassa after 24 hours: an older call is looked up with `payments_since` before it is repeated.

One call is one attempt: nothing here retries by itself. What went wrong is one of the `ProviderProblem`s below.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, Protocol

from ai_chat.kernel.money import Kopecks

PayWith = Literal["bank_card", "sbp", "sberbank", "tinkoff_bank", "yoo_money"]
PaymentState = Literal["pending", "waiting_for_capture", "succeeded", "canceled"]
RefundState = Literal["pending", "succeeded", "canceled"]
ReceiptState = Literal["pending", "succeeded", "canceled"]
BindingState = Literal["pending", "active", "inactive"]

KEY_LIFETIME = timedelta(hours=24)
"""How long the provider remembers an idempotence key; after that the same call would be done a second time."""


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    """One line of a fiscal receipt. The lines' sums make the payment's amount exactly."""

    description: str
    price: Kopecks
    """Of one piece."""
    quantity: int = 1
    vat_code: int = 1
    subject: str = "service"
    mode: str = "full_payment"


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the tax office is told (54-FZ), and the address that the receipt is sent to."""

    email: str
    lines: Sequence[ReceiptLine]
    tax_system: int | None = None


@dataclass(frozen=True, slots=True)
class PaymentTerms:
    """A payment to be opened: by a person who is sent to the provider's page, or by a saved method, without them."""

    reference: str
    """Our own id for it, returned with every report as `Payment.reference`."""
    amount: Kopecks
    description: str
    return_url: str | None = None
    """Where the person comes back to; not for a saved method."""
    pay_with: PayWith | None = None
    """None: the person chooses on the provider's page."""
    saved_method: str | None = None
    save_method: bool = False
    """Ask for a method that can be charged again. The person has agreed; whether it was saved is in `Payment.method`."""
    receipt: Receipt | None = None
    locale: Literal["ru", "en"] = "ru"
    customer: str | None = None
    """An id of the person's, never their address."""
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BindingTerms:
    """A card to be saved without charging it."""

    reference: str
    return_url: str
    locale: Literal["ru", "en"] = "ru"


@dataclass(frozen=True, slots=True)
class RefundTerms:
    """Money to be given back, all of a payment or a part of it."""

    reference: str
    payment_id: str
    amount: Kopecks
    reason: str
    receipt: Receipt | None = None


@dataclass(frozen=True, slots=True)
class SavedMethod:
    """What was paid with. It may be charged again only where `reusable` is true, whatever was asked for."""

    id: str
    type: str
    """bank_card, sbp, …; any word: providers add new ones."""
    title: str
    reusable: bool


@dataclass(frozen=True, slots=True)
class Payment:
    """A payment as the provider reports it now. The one source of truth: notifications only say that it is worth a look."""

    id: str
    state: PaymentState
    """A state that we do not know is reported as `pending`: nothing may be concluded from it. `raw_state` has the word."""
    raw_state: str
    amount: Kopecks
    currency: str
    paid: bool
    test: bool
    shop_id: str
    reference: str | None
    metadata: Mapping[str, str]
    created_at: datetime
    captured_at: datetime | None
    expires_at: datetime | None
    confirmation_url: str | None
    net: Kopecks | None
    """What the shop gets of it; the rest is the provider's fee."""
    refunded: Kopecks
    method: SavedMethod | None
    reason: str | None
    """Why it was canceled; any word."""
    canceled_by: str | None
    receipt: ReceiptState | None


@dataclass(frozen=True, slots=True)
class Refund:
    """A refund as the provider reports it now. An unknown state is reported as `pending`."""

    id: str
    payment_id: str
    state: RefundState
    raw_state: str
    amount: Kopecks
    currency: str
    reference: str | None
    created_at: datetime
    reason: str | None
    canceled_by: str | None
    receipt: ReceiptState | None


@dataclass(frozen=True, slots=True)
class Binding:
    """A saved method on its way. `method.reusable` once the person has confirmed it."""

    state: BindingState
    raw_state: str
    method: SavedMethod
    shop_id: str
    confirmation_url: str | None


@dataclass(frozen=True, slots=True)
class Shop:
    """Who we are at the provider's."""

    id: str
    test: bool
    enabled: bool
    fiscal: bool
    """It must send receipts."""
    pay_with: Sequence[str]


class ProviderProblem(Exception):
    """Base of what can go wrong with a call. The text is for the operator's log; it holds no secret and no address."""

    def __init__(self, detail: str, *, retry_after: timedelta | None = None) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class OutcomeUnknown(ProviderProblem):
    """Done or not, nobody can tell (time-out, broken connection, 5xx, an answer that is none): same key, same text, again."""


class TooManyRequests(ProviderProblem):
    """Nothing was done: the same call again after `retry_after`."""


class CredentialsRejected(ProviderProblem):
    """Nothing was done: the shop's id or key is wrong, which only the operator can mend. The same call works afterwards."""


class PaymentRefused(ProviderProblem):
    """Nothing was done, and the same call never will be: it needs another text, and with it another key."""

    def __init__(self, code: str, description: str, parameter: str | None = None) -> None:
        super().__init__(f"{code}: {description}" + (f" ({parameter})" if parameter else ""))
        self.code = code
        self.description = description
        self.parameter = parameter


class NotKnown(PaymentRefused):
    """The provider knows no such payment, refund or method of this shop."""


class RecurringForbidden(PaymentRefused):
    """The shop may neither save methods nor charge saved ones. A payment without them is still possible."""


class MethodGone(PaymentRefused):
    """The saved method does not exist, was never saved, or is no longer valid."""


class ReceiptRejected(PaymentRefused):
    """A receipt is missing, or is not one that the tax office would take."""


class KeyReused(PaymentRefused):
    """The key belongs to another text. Look for what it did before trying a new one."""


class PaymentProvider(Protocol):
    """Payments of one shop."""

    def compose_payment(self, terms: PaymentTerms) -> str:
        """The request's text, to be kept and given to `pay`. Too long texts are cut; the money is captured at once."""

    async def pay(self, key: str, request: str) -> Payment:
        """Open a payment, or charge a saved method."""

    async def payment(self, payment_id: str) -> Payment: ...

    async def payments_since(self, moment: datetime) -> Sequence[Payment]:
        """All payments created at or after `moment`, newest first."""

    async def capture(self, key: str, payment_id: str) -> Payment:
        """Take the money that a payment only holds."""

    async def shop(self) -> Shop: ...


class RefundProvider(Protocol):
    """Money back, for payments that succeeded."""

    def compose_refund(self, terms: RefundTerms) -> str: ...

    async def give_back(self, key: str, request: str) -> Refund: ...

    async def refund(self, refund_id: str) -> Refund: ...

    async def refunds_since(self, moment: datetime) -> Sequence[Refund]:
        """All refunds made at or after `moment`, newest first."""

    async def refunds_of(self, payment_id: str) -> Sequence[Refund]:
        """All refunds of a payment, also those that the operator made at the provider's."""


class BindingProvider(Protocol):
    """Cards saved without a payment."""

    def compose_binding(self, terms: BindingTerms) -> str: ...

    async def bind(self, key: str, request: str) -> Binding: ...

    async def binding(self, method_id: str) -> Binding: ...
