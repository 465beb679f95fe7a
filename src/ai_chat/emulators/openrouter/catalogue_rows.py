"""The catalogue's table: OpenRouter's models and prices as of 2026-07-02, $ per million tokens.

Source: models.dev snapshot quoted in external-apis.md A9; gpt-5.6-*, claude-opus-5, gemini-3.6-flash and grok-4.5 are
vendor list prices. Prices drift daily upstream; these never do, so that a test can name a cost exactly. Which models
reason, and the dated slugs, are a plausible choice of ours where no recording shows them.

Columns: id | name | context | max output | in | out | cached in ("-" none) | flags
Flags: img, file, audio = input kinds; imgout = draws; think = can reason; think! = always reasons; slug=… = what the
reply calls it; via=… = provider.
"""

from __future__ import annotations

TABLE = """
openai/gpt-5.6-sol | OpenAI: GPT-5.6 Sol | 1050000 | 128000 | 4 | 20 | 0.4 | img file think
openai/gpt-5.6-terra | OpenAI: GPT-5.6 Terra | 1050000 | 128000 | 2 | 12 | 0.2 | img file think
openai/gpt-5.6-luna | OpenAI: GPT-5.6 Luna | 400000 | 128000 | 0.2 | 1.2 | 0.02 | img file think
openai/gpt-5.5 | OpenAI: GPT-5.5 | 1050000 | 128000 | 5 | 30 | 0.5 | img file think slug=openai/gpt-5.5-20260423
openai/gpt-5.4 | OpenAI: GPT-5.4 | 1050000 | 128000 | 2.5 | 15 | 0.25 | img file think slug=openai/gpt-5.4-20260305
openai/gpt-5.4-mini | OpenAI: GPT-5.4 Mini | 400000 | 128000 | 0.75 | 4.5 | 0.075 | img file think
openai/gpt-5.4-nano | OpenAI: GPT-5.4 Nano | 400000 | 128000 | 0.2 | 1.25 | 0.02 | img file think
openai/gpt-5-mini | OpenAI: GPT-5 Mini | 400000 | 128000 | 0.25 | 2 | 0.025 | img think \
slug=openai/gpt-5-mini-2025-08-07
openai/gpt-5-nano | OpenAI: GPT-5 Nano | 400000 | 128000 | 0.05 | 0.4 | 0.01 | img think \
slug=openai/gpt-5-nano-2025-08-07
openai/gpt-4.1 | OpenAI: GPT-4.1 | 1047576 | 32768 | 2 | 8 | 0.5 | img file slug=openai/gpt-4.1-2025-04-14
openai/gpt-4.1-mini | OpenAI: GPT-4.1 Mini | 1047576 | 32768 | 0.4 | 1.6 | 0.1 | img slug=openai/gpt-4.1-mini-2025-04-14
openai/gpt-4o | OpenAI: GPT-4o | 128000 | 16384 | 2.5 | 10 | - | img file
openai/gpt-4o-mini | OpenAI: GPT-4o-mini | 128000 | 16384 | 0.15 | 0.6 | 0.075 | img file
openai/gpt-4-turbo | OpenAI: GPT-4 Turbo | 128000 | 4096 | 10 | 30 | - | img
openai/gpt-3.5-turbo | OpenAI: GPT-3.5 Turbo | 16385 | 4096 | 0.5 | 1.5 | - |
openai/gpt-oss-120b | OpenAI: gpt-oss-120b | 131072 | 131072 | 0.03 | 0.15 | - | think! via=Cloudflare
openai/gpt-oss-20b:free | OpenAI: gpt-oss-20b (free) | 131072 | 32768 | 0 | 0 | - | think! via=Chutes
anthropic/claude-opus-5 | Anthropic: Claude Opus 5 | 1000000 | 128000 | 5 | 25 | 0.5 | img file think
anthropic/claude-opus-4.8 | Anthropic: Claude Opus 4.8 | 1000000 | 128000 | 5 | 25 | 0.5 | img file think
anthropic/claude-sonnet-5 | Anthropic: Claude Sonnet 5 | 1000000 | 128000 | 2 | 10 | 0.2 | img file think
anthropic/claude-sonnet-4.6 | Anthropic: Claude Sonnet 4.6 | 1000000 | 128000 | 3 | 15 | 0.3 | img file think \
slug=anthropic/claude-4.6-sonnet-20260217
anthropic/claude-sonnet-4.5 | Anthropic: Claude Sonnet 4.5 | 1000000 | 64000 | 3 | 15 | 0.3 | img file think \
slug=anthropic/claude-4.5-sonnet-20250929 via=Amazon_Bedrock
anthropic/claude-haiku-4.5 | Anthropic: Claude Haiku 4.5 | 200000 | 64000 | 1 | 5 | 0.1 | img think \
slug=anthropic/claude-4.5-haiku-20251001
google/gemini-3.6-flash | Google: Gemini 3.6 Flash | 1048576 | 65536 | 0.75 | 3.75 | 0.075 | img file audio think
google/gemini-3.1-pro-preview | Google: Gemini 3.1 Pro Preview | 1048576 | 65536 | 2 | 12 | 0.2 | img file audio think!
google/gemini-3.5-flash | Google: Gemini 3.5 Flash | 1048576 | 65536 | 1.5 | 9 | 0.15 | img file audio think
google/gemini-3.1-flash-lite | Google: Gemini 3.1 Flash Lite | 1048576 | 65536 | 0.25 | 1.5 | 0.025 | \
img file audio think
google/gemini-2.5-pro | Google: Gemini 2.5 Pro | 1048576 | 65536 | 1.25 | 10 | 0.125 | img file audio think!
google/gemini-2.5-flash | Google: Gemini 2.5 Flash | 1048576 | 65535 | 0.3 | 2.5 | 0.03 | img file audio think
google/gemini-2.5-flash-lite | Google: Gemini 2.5 Flash Lite | 1048576 | 65535 | 0.1 | 0.4 | 0.01 | img file audio think
google/gemini-2.5-flash-image | Google: Gemini 2.5 Flash Image | 32768 | 32768 | 0.3 | 2.5 | 0.03 | img imgout
deepseek/deepseek-v4-pro | DeepSeek: DeepSeek V4 Pro | 1048576 | 384000 | 0.435 | 0.87 | 0.0036 | think
deepseek/deepseek-v4-flash | DeepSeek: DeepSeek V4 Flash | 1048575 | 65536 | 0.098 | 0.196 | 0.02 | think
deepseek/deepseek-v3.2 | DeepSeek: DeepSeek V3.2 | 128000 | 64000 | 0.2288 | 0.3432 | 0.0229 | think via=DeepInfra
deepseek/deepseek-chat | DeepSeek: DeepSeek V3 | 128000 | 16000 | 0.2002 | 0.8001 | - | via=Novita
deepseek/deepseek-r1-0528 | DeepSeek: R1 0528 | 163840 | 32768 | 0.5 | 2.15 | 0.35 | think! via=Together
x-ai/grok-4.5 | xAI: Grok 4.5 | 1000000 | 1000000 | 2 | 6 | 0.5 | img think
x-ai/grok-4.3 | xAI: Grok 4.3 | 1000000 | 1000000 | 1.25 | 2.5 | 0.2 | img think
x-ai/grok-4.20 | xAI: Grok 4.20 | 2000000 | 2000000 | 1.25 | 2.5 | 0.2 | img think
meta-llama/llama-4-maverick | Meta: Llama 4 Maverick | 1048576 | 16384 | 0.15 | 0.6 | - | img via=DeepInfra
meta-llama/llama-3.3-70b-instruct | Meta: Llama 3.3 70B Instruct | 131072 | 16384 | 0.1 | 0.32 | - | via=Novita
meta-llama/llama-3.3-70b-instruct:free | Meta: Llama 3.3 70B Instruct (free) | 131072 | 16384 | 0 | 0 | - | via=Chutes
meta-llama/llama-3.1-8b-instruct | Meta: Llama 3.1 8B Instruct | 131072 | 16384 | 0.02 | 0.03 | - | via=Groq
qwen/qwen3.7-max | Qwen: Qwen3.7 Max | 1000000 | 65536 | 1.25 | 3.75 | 0.25 | think
qwen/qwen3.7-plus | Qwen: Qwen3.7 Plus | 1000000 | 65536 | 0.32 | 1.28 | 0.064 | img think
qwen/qwen3-coder | Qwen: Qwen3 Coder | 262144 | 65536 | 0.22 | 1.8 | - | via=DeepInfra
qwen/qwen3-coder:free | Qwen: Qwen3 Coder (free) | 262144 | 65536 | 0 | 0 | - | via=Chutes
moonshotai/kimi-k2.6 | MoonshotAI: Kimi K2.6 | 262144 | 262144 | 0.55 | 3.2 | 0.11 | img think via=Fireworks
z-ai/glm-5.2 | Z.AI: GLM 5.2 | 1048576 | 32768 | 0.93 | 3 | 0.18 | think via=Novita
minimax/minimax-m3 | MiniMax: MiniMax M3 | 524288 | 512000 | 0.3 | 1.2 | 0.06 | think
mistralai/mistral-large-2512 | Mistral: Mistral Large 3 2512 | 262144 | 262144 | 0.5 | 1.5 | 0.05 | img
mistralai/mistral-medium-3-5 | Mistral: Mistral Medium 3.5 | 262144 | 262144 | 1.5 | 7.5 | - | img file
"""

#: Routers and aliases: id → (name, the model that answers). The routers list a price of -1.
ALIASES: dict[str, tuple[str, str]] = {
    "openrouter/auto": ("Auto Router", "openai/gpt-4o-mini"),
    "openrouter/free": ("Free Models Router", "meta-llama/llama-3.3-70b-instruct:free"),
    "~anthropic/claude-sonnet-latest": ("Anthropic: Claude Sonnet (latest)", "anthropic/claude-sonnet-5"),
    "~openai/gpt-latest": ("OpenAI: GPT (latest)", "openai/gpt-5.5"),
}

#: Models that are gone from the list, with what the service suggests instead: they answer 404.
REMOVED: dict[str, list[str]] = {
    "google/gemini-flash-1.5": ["google/gemini-2.5-flash", "google/gemini-2.5-flash-lite"],
    "google/gemini-pro-1.5": ["google/gemini-2.5-pro", "google/gemini-3.1-pro-preview"],
    "anthropic/claude-3.5-sonnet": ["anthropic/claude-sonnet-4.5", "anthropic/claude-sonnet-5"],
}

PROVIDERS: dict[str, str] = {
    "openai": "OpenAI",
    "anthropic": "Anthropic",
    "google": "Google AI Studio",
    "deepseek": "DeepSeek",
    "x-ai": "xAI",
    "meta-llama": "DeepInfra",
    "qwen": "Alibaba",
    "moonshotai": "Fireworks",
    "z-ai": "Novita",
    "minimax": "Minimax",
    "mistralai": "Mistral",
}

#: Providers that stop (and stop billing) when the client leaves: external-apis.md A5.
CANCELLING_PROVIDERS = frozenset(
    {
        "OpenAI",
        "Azure",
        "Anthropic",
        "Fireworks",
        "Mancer",
        "Recursal",
        "AnyScale",
        "Lepton",
        "OctoAI",
        "Novita",
        "DeepInfra",
        "Together",
        "Cohere",
        "Hyperbolic",
        "Infermatic",
        "Avian",
        "xAI",
        "Cloudflare",
        "SFCompute",
        "Nineteen",
        "Liquid",
        "Friendli",
        "Chutes",
        "DeepSeek",
    }
)
