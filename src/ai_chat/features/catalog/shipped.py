"""The catalogue the product ships with: OpenRouter's models as of July 2026, with the tier that each belongs to.

It decides tiers and names; windows and prices are replaced by OpenRouter's own list as soon as a key is set and the list has
been read. The seven models of the plan are all here; those that OpenRouter has retired name their successors, newest first.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

Tier = Literal["free", "premium"]


@dataclass(frozen=True, slots=True)
class ShippedModel:
    """One row. Prices are US dollars for a million tokens."""

    id: str
    name: str
    provider: str
    tier: Tier
    context_length: int
    max_output_tokens: int
    prompt_price: Decimal
    completion_price: Decimal
    successors: tuple[str, ...] = ()


def _row(
    id: str,
    name: str,
    provider: str,
    tier: Tier,
    window: int,
    output: int,
    prompt: str,
    completion: str,
    *successors: str,
) -> ShippedModel:
    return ShippedModel(id, name, provider, tier, window, output, Decimal(prompt), Decimal(completion), successors)


SHIPPED: tuple[ShippedModel, ...] = (
    # The plan's seven
    _row("openai/gpt-3.5-turbo", "GPT-3.5 Turbo", "OpenAI", "free", 16385, 4096, "0.5", "1.5", "openai/gpt-4o-mini"),
    _row(
        "google/gemini-flash-1.5", "Gemini Flash", "Google", "free", 1_048_576, 65_535, "0.1", "0.4",
        "google/gemini-2.5-flash-lite", "google/gemini-3.1-flash-lite", "google/gemini-2.5-flash",
    ),
    _row("meta-llama/llama-3.1-8b-instruct", "Llama 3.1 8B", "Meta", "free", 131_072, 16_384, "0.02", "0.03"),
    _row("openai/gpt-4-turbo", "GPT-4 Turbo", "OpenAI", "premium", 128_000, 4096, "10", "30", "openai/gpt-4.1"),
    _row(
        "anthropic/claude-3.5-sonnet", "Claude 3.5 Sonnet", "Anthropic", "premium", 1_000_000, 64_000, "3", "15",
        "anthropic/claude-sonnet-4.5", "anthropic/claude-sonnet-4.6", "anthropic/claude-sonnet-5",
    ),
    _row(
        "google/gemini-pro-1.5", "Gemini Pro", "Google", "premium", 1_048_576, 65_536, "1.25", "10",
        "google/gemini-2.5-pro", "google/gemini-3.1-pro-preview",
    ),
    _row(
        "deepseek/deepseek-chat", "DeepSeek Chat", "DeepSeek", "premium", 128_000, 16_000, "0.2002", "0.8001",
        "deepseek/deepseek-v3.2", "deepseek/deepseek-v4-flash",
    ),
    # Free plan
    _row("openai/gpt-4o-mini", "GPT-4o mini", "OpenAI", "free", 128_000, 16_384, "0.15", "0.6"),
    _row("openai/gpt-5-nano", "GPT-5 nano", "OpenAI", "free", 400_000, 128_000, "0.05", "0.4"),
    _row("openai/gpt-oss-20b:free", "gpt-oss 20B", "OpenAI", "free", 131_072, 32_768, "0", "0"),
    _row("openai/gpt-oss-120b", "gpt-oss 120B", "OpenAI", "free", 131_072, 131_072, "0.03", "0.15"),
    _row("google/gemini-2.5-flash-lite", "Gemini 2.5 Flash-Lite", "Google", "free", 1_048_576, 65_535, "0.1", "0.4"),
    _row("meta-llama/llama-3.3-70b-instruct", "Llama 3.3 70B", "Meta", "free", 131_072, 16_384, "0.1", "0.32"),
    _row("deepseek/deepseek-v4-flash", "DeepSeek V4 Flash", "DeepSeek", "free", 1_048_575, 65_536, "0.098", "0.196"),
    # Premium plan
    _row("openai/gpt-5.5", "GPT-5.5", "OpenAI", "premium", 1_050_000, 128_000, "5", "30"),
    _row("openai/gpt-5.4", "GPT-5.4", "OpenAI", "premium", 1_050_000, 128_000, "2.5", "15"),
    _row("openai/gpt-5.4-mini", "GPT-5.4 mini", "OpenAI", "premium", 400_000, 128_000, "0.75", "4.5"),
    _row("openai/gpt-5.4-nano", "GPT-5.4 nano", "OpenAI", "premium", 400_000, 128_000, "0.2", "1.25"),
    _row("openai/gpt-5-mini", "GPT-5 mini", "OpenAI", "premium", 400_000, 128_000, "0.25", "2"),
    _row("openai/gpt-4.1", "GPT-4.1", "OpenAI", "premium", 1_047_576, 32_768, "2", "8"),
    _row("openai/gpt-4.1-mini", "GPT-4.1 mini", "OpenAI", "premium", 1_047_576, 32_768, "0.4", "1.6"),
    _row("openai/gpt-4o", "GPT-4o", "OpenAI", "premium", 128_000, 16_384, "2.5", "10"),
    _row("anthropic/claude-opus-4.8", "Claude Opus 4.8", "Anthropic", "premium", 1_000_000, 128_000, "5", "25"),
    _row("anthropic/claude-sonnet-5", "Claude Sonnet 5", "Anthropic", "premium", 1_000_000, 128_000, "2", "10"),
    _row("anthropic/claude-sonnet-4.6", "Claude Sonnet 4.6", "Anthropic", "premium", 1_000_000, 128_000, "3", "15"),
    _row("anthropic/claude-sonnet-4.5", "Claude Sonnet 4.5", "Anthropic", "premium", 1_000_000, 64_000, "3", "15"),
    _row("anthropic/claude-haiku-4.5", "Claude Haiku 4.5", "Anthropic", "premium", 200_000, 64_000, "1", "5"),
    _row("google/gemini-3.1-pro-preview", "Gemini 3.1 Pro", "Google", "premium", 1_048_576, 65_536, "2", "12"),
    _row("google/gemini-3.5-flash", "Gemini 3.5 Flash", "Google", "premium", 1_048_576, 65_536, "1.5", "9"),
    _row("google/gemini-3.1-flash-lite", "Gemini 3.1 Flash-Lite", "Google", "premium", 1_048_576, 65_536, "0.25", "1.5"),
    _row("google/gemini-2.5-pro", "Gemini 2.5 Pro", "Google", "premium", 1_048_576, 65_536, "1.25", "10"),
    _row("google/gemini-2.5-flash", "Gemini 2.5 Flash", "Google", "premium", 1_048_576, 65_535, "0.3", "2.5"),
    _row("deepseek/deepseek-v4-pro", "DeepSeek V4 Pro", "DeepSeek", "premium", 1_048_576, 384_000, "0.435", "0.87"),
    _row("deepseek/deepseek-v3.2", "DeepSeek V3.2", "DeepSeek", "premium", 128_000, 64_000, "0.2288", "0.3432"),
    _row("deepseek/deepseek-r1-0528", "DeepSeek R1", "DeepSeek", "premium", 163_840, 32_768, "0.5", "2.15"),
    _row("x-ai/grok-4.3", "Grok 4.3", "xAI", "premium", 1_000_000, 1_000_000, "1.25", "2.5"),
    _row("meta-llama/llama-4-maverick", "Llama 4 Maverick", "Meta", "premium", 1_048_576, 16_384, "0.15", "0.6"),
    _row("qwen/qwen3.7-max", "Qwen3.7 Max", "Qwen", "premium", 1_000_000, 65_536, "1.25", "3.75"),
    _row("qwen/qwen3.7-plus", "Qwen3.7 Plus", "Qwen", "premium", 1_000_000, 65_536, "0.32", "1.28"),
    _row("qwen/qwen3-coder", "Qwen3 Coder", "Qwen", "premium", 262_144, 65_536, "0.22", "1.8"),
    _row("moonshotai/kimi-k2.6", "Kimi K2.6", "Moonshot AI", "premium", 262_144, 262_144, "0.55", "3.2"),
    _row("z-ai/glm-5.2", "GLM 5.2", "Z.AI", "premium", 1_048_576, 32_768, "0.93", "3"),
    _row("minimax/minimax-m3", "MiniMax M3", "MiniMax", "premium", 524_288, 512_000, "0.3", "1.2"),
    _row("mistralai/mistral-large-2512", "Mistral Large", "Mistral AI", "premium", 262_144, 262_144, "0.5", "1.5"),
    _row("mistralai/mistral-medium-3-5", "Mistral Medium 3.5", "Mistral AI", "premium", 262_144, 262_144, "1.5", "7.5"),
)  # fmt: skip

PLAN_MODELS = tuple(row.id for row in SHIPPED[:7])
"""The models that the product plan names: they stay accepted whatever the upstream does."""
