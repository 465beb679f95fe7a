"""The plans and their limits: the one home of these numbers. An operator changes them in a TOML file, not in the code."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Literal

from ai_chat.kernel.refusal import Refusal

PlanId = Literal["free", "premium"]


@dataclass(frozen=True, slots=True)
class Plan:
    """What a plan allows."""

    id: PlanId
    name: str
    price_rub: int
    """Roubles a month."""
    messages_per_day: int
    """Calendar day in QUOTA_TIMEZONE."""
    chats_per_hour: int
    """New chats within any hour."""
    tokens_per_message: int
    """Of a message sent, and of the answer."""
    context_tokens: int
    """History sent with a message."""
    price_rub_year: int = 0
    """Roubles a year; 0 offers no yearly plan."""
    trial_days: int = 0
    """Days for nothing before the first charge, once a person, for whoever lets us save a card; 0 is no trial."""
    files_per_message: int = 5
    megabytes_per_file: int = 10
    """As it is sent."""
    megabytes_of_files: int = 200
    """All that a person keeps."""


DEFAULT_PLANS: Mapping[PlanId, Plan] = {
    "free": Plan("free", "Free", 0, 50, 10, 4_000, 16_000),
    "premium": Plan(
        id="premium",
        name="Premium",
        price_rub=990,
        messages_per_day=1000,
        chats_per_hour=100,
        tokens_per_message=32_000,
        context_tokens=128_000,
        price_rub_year=9_900,
        files_per_message=10,
        megabytes_per_file=25,
        megabytes_of_files=5_000,
    ),
}


class PlansFileError(Refusal):
    """The plans file does not make sense; the text is one sentence for the operator."""


def load_plans(path: Path | None) -> Mapping[PlanId, Plan]:
    """The default plans with what the file at `path` changes: `[free]` or `[premium]`, then any of Plan's fields."""
    if path is None:
        return DEFAULT_PLANS
    try:
        changes = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        raise PlansFileError(f"The plans file {path} cannot be read: {problem}.") from problem
    plans = dict(DEFAULT_PLANS)
    changeable = {field.name: field.type for field in fields(Plan) if field.name != "id"}
    for plan_id, values in changes.items():
        if plan_id not in plans or not isinstance(values, dict):
            raise PlansFileError(
                f"The plans file {path} has a section [{plan_id}]; there are only [free] and [premium]."
            )
        for name, value in values.items():
            if name not in changeable:
                raise PlansFileError(f"The plans file {path} sets {plan_id}.{name}; known are {', '.join(changeable)}.")
            wanted = str if name == "name" else int
            if type(value) is not wanted or (isinstance(value, int) and value < 0):
                raise PlansFileError(
                    f"The plans file {path}: {plan_id}.{name} must be a {wanted.__name__} of at least 0."
                )
        plans[plan_id] = replace(plans[plan_id], **values)
    return plans
