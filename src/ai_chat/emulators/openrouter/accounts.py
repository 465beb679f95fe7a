"""Keys, balance and limits: the part of the service that says no because of money.

All amounts are Decimal dollars. The worst case of a request (its prompt plus all the output it may ask for) must be
affordable before it starts; what it really cost is taken when it ends.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import ROUND_FLOOR, Decimal

from ai_chat.emulators.json_values import JsonObject
from ai_chat.emulators.openrouter.catalogue import Model
from ai_chat.emulators.openrouter.failures import CREDITS_URL, Failure, api_failure
from ai_chat.emulators.openrouter.shapes import as_number

DEFAULT_KEY = "sk-or-v1-emulator"
MANAGEMENT_KEY = "sk-or-v1-emulator-management"
DEFAULT_CREDITS = Decimal(100)
FREE_PER_MINUTE = 20
FREE_PER_DAY = 50
FREE_PER_DAY_PAID = 1000
WEB_SEARCH_PRICE = Decimal("0.007")

_KEYS_URL = "https://openrouter.ai/settings/keys"


@dataclass(slots=True)
class Key:
    """One API key; `limit` is the most it may ever spend."""

    secret: str
    label: str
    limit: Decimal | None = None
    disabled: bool = False
    management: bool = False
    spent: dict[str, Decimal] = field(default_factory=dict)
    """UTC date → dollars."""

    @property
    def usage(self) -> Decimal:
        return sum(self.spent.values(), Decimal(0))

    @property
    def remaining(self) -> Decimal | None:
        return None if self.limit is None else self.limit - self.usage

    def since(self, day: str) -> Decimal:
        return sum((amount for date, amount in self.spent.items() if date >= day), Decimal(0))


def _default_keys() -> dict[str, Key]:
    ordinary = Key(DEFAULT_KEY, "sk-or-v1-emu...tor")
    management = Key(MANAGEMENT_KEY, "sk-or-v1-emu...ent", management=True)
    return {key.secret: key for key in (ordinary, management)}


@dataclass(slots=True)
class Accounts:
    """One account with its keys, as the service has it."""

    keys: dict[str, Key] = field(default_factory=_default_keys)
    credits: Decimal = DEFAULT_CREDITS
    purchased: Decimal = DEFAULT_CREDITS
    """Dollars ever bought; under ten the daily number of free requests is fifty."""
    used: Decimal = Decimal(0)
    free_requests: deque[float] = field(default_factory=deque)

    @property
    def balance(self) -> Decimal:
        return self.credits - self.used

    def authorise(self, header: str | None) -> Key:
        """The key of an Authorization header, or 401."""
        if not header:
            raise api_failure(401, "Missing Authentication header", fallback=False)
        scheme, _, secret = header.partition(" ")
        key = self.keys.get(secret.strip())
        if scheme.lower() != "bearer" or key is None:
            raise api_failure(401, "User not found.", fallback=False)
        if key.disabled:
            raise api_failure(401, "This API key is disabled.", fallback=False)
        return key

    def admit(self, key: Key, model: Model, prompt_tokens: int, max_tokens: int | None, now: float) -> None:
        """Refuse (402, 429) a request that cannot be paid for or that is one free request too many."""
        if self.balance < 0:
            raise out_of_credits()
        if model.free:
            self._admit_free(now)
            return
        remaining = key.remaining
        if remaining is not None and remaining < self.balance:
            self._admit_paid(model, prompt_tokens, max_tokens, remaining, "openrouter_key_limit")
        else:
            self._admit_paid(model, prompt_tokens, max_tokens, self.balance, "openrouter_credits")

    def charge(self, key: Key, cost: Decimal, now: float) -> None:
        day = _utc(now).date().isoformat()
        key.spent[day] = key.spent.get(day, Decimal(0)) + cost
        self.used += cost

    def describe_key(self, key: Key, now: float) -> JsonObject:
        """GET /key."""
        today = _utc(now).date()
        monday = today - timedelta(days=today.weekday())
        remaining = key.remaining
        return {
            "label": key.label,
            "limit": None if key.limit is None else as_number(key.limit),
            "limit_remaining": None if remaining is None else as_number(remaining),
            "limit_reset": None,
            "usage": as_number(key.usage),
            "usage_daily": as_number(key.since(today.isoformat())),
            "usage_weekly": as_number(key.since(monday.isoformat())),
            "usage_monthly": as_number(key.since(today.replace(day=1).isoformat())),
            "byok_usage": 0,
            "byok_usage_daily": 0,
            "byok_usage_weekly": 0,
            "byok_usage_monthly": 0,
            "is_free_tier": self.purchased <= 0,
            "is_management_key": key.management,
            "expires_at": None,
            "creator_user_id": "user_2emulator",
            "rate_limit": {"requests": -1, "interval": "10s", "note": "This field is deprecated and safe to ignore."},
        }

    def _admit_paid(self, model: Model, prompt: int, max_tokens: int | None, funds: Decimal, source: str) -> None:
        requested = min(max_tokens or model.max_output, model.max_output)
        prompt_cost = prompt * model.prompt
        if prompt_cost > funds:
            affordable = _floor(funds / model.prompt) if model.prompt else 0
            raise prompt_limit(prompt, max(0, affordable), source)
        affordable = requested if not model.completion else _floor((funds - prompt_cost) / model.completion)
        if affordable < requested:
            raise token_limit(requested, affordable, source)

    def _admit_free(self, now: float) -> None:
        """Every attempt counts, including those that fail later."""
        while self.free_requests and self.free_requests[0] <= now - 86_400:
            self.free_requests.popleft()
        midnight = _utc(now).replace(hour=0, minute=0, second=0, microsecond=0).timestamp()
        today = [moment for moment in self.free_requests if moment >= midnight]
        per_day = FREE_PER_DAY if self.purchased < 10 else FREE_PER_DAY_PAID
        if len(today) >= per_day:
            raise free_limit("day", per_day, midnight + 86_400)
        minute = [moment for moment in self.free_requests if moment > now - 60]
        if len(minute) >= FREE_PER_MINUTE:
            raise free_limit("min", FREE_PER_MINUTE, minute[0] + 60)
        self.free_requests.append(now)


def token_limit(requested: int, affordable: int, source: str = "openrouter_credits") -> Failure:
    """The first text of 402: the output asked for is too long for the balance."""
    advice = (
        f"visit {CREDITS_URL} and add more credits"
        if source == "openrouter_credits"
        else f"visit {_KEYS_URL} and create a key with a higher total limit"
    )
    message = (
        f"This request requires more credits, or fewer max_tokens. You requested up to {requested} tokens, but can only"
        f" afford {affordable}. To increase, {advice}"
    )
    return api_failure(
        402, message, metadata=_credit_metadata(source, message), user_id="user_2emulator", fallback=False
    )


def prompt_limit(prompt: int, affordable: int, source: str = "openrouter_credits") -> Failure:
    """The second text of 402: even the prompt is too long for the balance."""
    message = (
        f"Prompt tokens limit exceeded: {prompt} > {affordable}. To increase, visit {CREDITS_URL} and upgrade to a paid"
        " account"
    )
    return api_failure(
        402, message, metadata=_credit_metadata(source, message), user_id="user_2emulator", fallback=False
    )


def out_of_credits() -> Failure:
    message = f"Insufficient credits. Add more using {CREDITS_URL}"
    return api_failure(402, message, metadata=_credit_metadata("openrouter_credits", message), fallback=False)


def free_limit(period: str, limit: int, reset: float) -> Failure:
    """429 of the platform itself: retrying before the reset is useless."""
    message = f"Rate limit exceeded: free-models-per-{period}."
    if period == "day" and limit == FREE_PER_DAY:
        message += " Add 10 credits to unlock 1000 free model requests per day"
    headers = {
        "X-RateLimit-Limit": str(limit),
        "X-RateLimit-Remaining": "0",
        "X-RateLimit-Reset": str(int(reset * 1000)),
    }
    source = "openrouter_free_tier_daily" if period == "day" else "openrouter_free_tier_minute"
    metadata: JsonObject = {"headers": {**headers}, "limit_source": source, "provider_name": None}
    return api_failure(429, message, metadata=metadata, headers=headers, user_id="user_2emulator", fallback=False)


def _credit_metadata(source: str, message: str) -> JsonObject:
    return {
        "limit_source": source,
        "remedy_hint": "Add credits or lower max_tokens.",
        "provider_name": None,
        "previous_errors": [{"code": 402, "message": message}],
    }


def _floor(amount: Decimal) -> int:
    return int(amount.to_integral_value(rounding=ROUND_FLOOR))


def _utc(now: float) -> datetime:
    return datetime.fromtimestamp(now, tz=UTC)
