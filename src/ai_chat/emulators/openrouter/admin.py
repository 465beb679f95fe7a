"""The emulator's own controls, in process for tests; control.py offers the same over HTTP."""

from __future__ import annotations

from decimal import Decimal

from ai_chat.emulators.openrouter.accounts import DEFAULT_KEY, Key
from ai_chat.emulators.openrouter.bad_rows import BAD_ROWS
from ai_chat.emulators.openrouter.faults import PlannedFault
from ai_chat.emulators.openrouter.generations import Generation
from ai_chat.emulators.openrouter.knobs import merge, parse_spec
from ai_chat.emulators.openrouter.world import World
from ai_chat.emulators.serving import RecordedRequest

CHAT = "/chat/completions"


class Admin:
    """Turns the emulator's knobs. Every method takes effect for the next request."""

    def __init__(self, world: World) -> None:
        self._world = world

    def reset(self) -> None:
        """As after the start: faults, knobs, balance, generations, catalogue, clock and recordings."""
        self._world.reset()

    def fault(self, spec: str, *, times: int | None = 1, model: str | None = None, path: str = CHAT) -> None:
        """Apply a spec (`http429;retry_after=3`) to the next `times` requests; None = until `clear_faults`.

        With `model` it waits for that model to be tried, perhaps as a fallback. `path` is the end of another path than
        chat's, such as `/models`.
        """
        self._world.faults.planned.append(PlannedFault(parse_spec(spec), times, model, path))

    def clear_faults(self) -> None:
        self._world.faults.planned.clear()

    def knobs(self, spec: str) -> None:
        """Change the defaults of every request; `fault=none` takes faults out of them."""
        self._world.knobs = merge(self._world.knobs, parse_spec(spec))

    def speed(
        self, tokens_per_second: float, *, ttft_ms: float = 0, jitter: float = 0, seed: int | None = None
    ) -> None:
        """How fast every answer is spoken; 0 = all at once."""
        self.knobs(f"speed={tokens_per_second};ttft_ms={ttft_ms};jitter={jitter}")
        if seed is not None:
            self.knobs(f"seed={seed}")

    def bad_rows(self, *names: str) -> None:
        """List these rows among the models (all of them if none is named); see bad_rows.py."""
        unknown = set(names) - set(BAD_ROWS)
        if unknown:
            raise ValueError(f"unknown bad rows {sorted(unknown)}; known: {', '.join(BAD_ROWS)}")
        self._world.catalogue.bad_rows = names or tuple(BAD_ROWS)

    def remove_model(self, model_id: str, *fallbacks: str) -> None:
        """Take a model off the list; a call to it is answered 404 with these suggestions."""
        self._world.catalogue.remove(model_id, list(fallbacks))

    def reprice(self, model_id: str, prompt: str, completion: str) -> None:
        """New dollar prices per token, as strings."""
        self._world.catalogue.reprice(model_id, prompt, completion)

    def list_variants(self, *model_ids: str) -> None:
        """List ids with a knob suffix (`openai/gpt-4o+fault=reset`) as models, to be chosen by hand."""
        for model_id in model_ids:
            base, _, suffix = model_id.partition("+")
            self._world.catalogue.find(base)
            parse_spec(suffix)
        self._world.catalogue.variants = list(model_ids)

    def account(self, *, credits: str | None = None, purchased: str | None = None) -> None:
        """Set the balance to `credits` dollars, and what was ever bought (under 10: fifty free requests a day)."""
        if credits is not None:
            self._world.accounts.credits = Decimal(credits) + self._world.accounts.used
        if purchased is not None:
            self._world.accounts.purchased = Decimal(purchased)

    def key(
        self, secret: str = DEFAULT_KEY, *, limit: str | None = None, disabled: bool = False, management: bool = False
    ) -> None:
        """Add or change a key; `limit` is dollars it may spend in all."""
        keys = self._world.accounts.keys
        key = keys.setdefault(secret, Key(secret, f"{secret[:12]}...{secret[-3:]}"))
        key.limit = None if limit is None else Decimal(limit)
        key.disabled, key.management = disabled, management

    def generation_lag(self, *, seconds: float = 0, misses: int = 0) -> None:
        """How long, or for how many look-ups of each, GET /generation answers 404."""
        self._world.generations.delay = seconds
        self._world.generations.misses = misses

    def max_body(self, size: int) -> None:
        """Bodies over this many bytes are refused with 413."""
        self._world.max_body = size

    def advance(self, seconds: float) -> None:
        """Turn the emulator's clock forward (rate limits, generation lag); speeds keep to real time."""
        self._world.offset += seconds

    def requests(self, path: str | None = None) -> list[RecordedRequest]:
        """Requests received so far, oldest first, perhaps only those whose path ends so."""
        return [entry for entry in self._world.requests if path is None or entry.path.endswith(path)]

    def generations(self) -> list[Generation]:
        """All answers given or begun, oldest first."""
        return list(self._world.generations.by_id.values())

    @property
    def active(self) -> int:
        """Requests being answered at this moment."""
        return len(self._world.speaking)

    @property
    def balance(self) -> Decimal:
        return self._world.accounts.balance

    async def idle(self) -> None:
        """Wait until no request is being answered: after it, every disconnect has been noticed and billed."""
        await self._world.quiet.wait()
