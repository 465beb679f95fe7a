"""An honest OpenRouter on loopback: the same bytes, the same money, the same ways of going wrong.

    async with await start() as emulator:
        emulator.admin.fault("reset;after=5")
        …  # POST {emulator.base_url}/chat/completions with Authorization: Bearer {emulator.api_key}

Knobs can also be given per request, after a plus in the model's name (`openai/gpt-4o-mini+fault=stall;after=2`), in the
header `X-Emulator-Fault`, or in a first line `/emulator text=markdown;speed=40` of the user's message. knobs.py and
faults.py list them; `python -m ai_chat.emulators.openrouter --help` prints them.
"""

from ai_chat.emulators.openrouter.accounts import DEFAULT_KEY, MANAGEMENT_KEY
from ai_chat.emulators.openrouter.admin import Admin
from ai_chat.emulators.openrouter.server import Emulator, start
from ai_chat.emulators.serving import EmulatorRefused

__all__ = ["DEFAULT_KEY", "MANAGEMENT_KEY", "Admin", "Emulator", "EmulatorRefused", "start"]
