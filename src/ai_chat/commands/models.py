"""`ai-chat models`: the catalogue as this server's settings make it."""

from contextlib import AsyncExitStack

from ai_chat.assembly.models import catalog_of, model_sources
from ai_chat.features.catalog.schemas import model_info
from ai_chat.kernel.clock import system_clock
from ai_chat.settings import Settings


async def models_table(settings: Settings) -> list[str]:
    """A line for each model, those that can answer first."""
    async with AsyncExitStack() as stack:
        catalog = catalog_of(await model_sources(settings, stack), settings, system_clock)
        await catalog.refresh()
        lines = []
        for model in catalog.models():
            info = model_info(model, "premium")
            price = f"${info.pricing.prompt} / ${info.pricing.completion}" if info.pricing else "unknown"
            state = model.unavailable or (f"answered by {model.served_by}" if model.served_by else "available")
            lines.append(f"{model.id:42} {model.tier:8} {model.context_length:>9} {price:>18}  {state}")
        return lines
