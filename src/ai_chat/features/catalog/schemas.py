"""Models on the wire."""

from decimal import Decimal
from typing import Literal

from ai_chat.features.catalog.ports import SourceName
from ai_chat.features.catalog.service import Model
from ai_chat.features.catalog.shipped import Tier
from ai_chat.http.schemas import Moment, WireModel


class ModelPricing(WireModel):
    """US dollars for a million tokens, as decimal strings."""

    prompt: str
    completion: str


class ModelInfo(WireModel):
    id: str
    name: str
    provider: str
    tier: Tier
    source: SourceName
    context_length: int
    max_output_tokens: int | None
    pricing: ModelPricing | None
    available: bool
    unavailable_reason: str | None
    available_at: Moment | None = None
    """When it can answer again, where that is known."""
    missing_setting: str | None
    """The operator's setting without which it cannot answer."""
    in_plan: bool
    served_by: str | None
    note: str | None
    vision: bool | None = None
    """Whether it sees images; null where nobody knows."""


def model_info(model: Model, plan: Literal["free", "premium"]) -> ModelInfo:
    """`model` as this plan's users see it."""
    pricing = None
    if model.prompt_price is not None and model.completion_price is not None:
        pricing = ModelPricing(prompt=_per_million(model.prompt_price), completion=_per_million(model.completion_price))
    return ModelInfo(
        id=model.id,
        name=model.name,
        provider=model.provider,
        tier=model.tier,
        source=model.source,
        context_length=model.context_length,
        max_output_tokens=model.max_output_tokens,
        pricing=pricing,
        available=model.unavailable is None,
        unavailable_reason=model.unavailable,
        available_at=model.available_at,
        missing_setting=model.missing_setting,
        in_plan=plan == "premium" or model.tier == "free",
        served_by=model.served_by,
        note=model.note,
        vision=model.vision,
    )


def _per_million(price: Decimal) -> str:
    text = format(price * 1_000_000, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
