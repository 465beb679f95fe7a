"""Models and their prices, in the shape of GET /models, with rows that lie when asked to."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from decimal import Decimal

from ai_chat.emulators.json_values import Json, JsonObject, as_object, as_text
from ai_chat.emulators.openrouter.bad_rows import BAD_ROWS
from ai_chat.emulators.openrouter.catalogue_rows import ALIASES, CANCELLING_PROVIDERS, PROVIDERS, REMOVED, TABLE
from ai_chat.emulators.openrouter.failures import Failure, api_failure, availability

_MILLION = Decimal(1_000_000)
_EPOCH = 1_735_689_600
_WEEK = 604_800
_VARIANTS = frozenset({"nitro", "floor", "online", "exacto", "extended", "thinking"})
_PARAMETERS = (
    "frequency_penalty",
    "max_tokens",
    "presence_penalty",
    "response_format",
    "seed",
    "stop",
    "structured_outputs",
    "temperature",
    "tool_choice",
    "tools",
    "top_p",
)


@dataclass(frozen=True, slots=True)
class Model:
    """One row of the catalogue. Prices are dollars per token."""

    id: str
    name: str
    context: int
    max_output: int
    prompt: Decimal
    completion: Decimal
    cache_read: Decimal | None
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    reasoning: str
    """"none", "optional" or "mandatory"."""
    slug: str
    provider: str
    created: int

    @property
    def free(self) -> bool:
        return self.id.endswith(":free")

    @property
    def cancels(self) -> bool:
        """Whether the provider stops billing when the client leaves."""
        return self.provider in CANCELLING_PROVIDERS

    def listing(self) -> JsonObject:
        """The row as GET /models shows it."""
        pricing: JsonObject = {"prompt": plain(self.prompt), "completion": plain(self.completion)}
        if self.cache_read is not None:
            pricing["input_cache_read"] = plain(self.cache_read)
        parameters: list[Json] = [*_PARAMETERS]
        if self.reasoning != "none":
            parameters += ["reasoning", "include_reasoning"]
        row: JsonObject = {
            "id": self.id,
            "canonical_slug": self.slug,
            "hugging_face_id": "",
            "name": self.name,
            "created": self.created,
            "description": f"{self.name}, as imitated by the local emulator.",
            "context_length": self.context,
            "architecture": {
                "modality": f"{'+'.join(self.inputs)}->{'+'.join(self.outputs)}",
                "input_modalities": [*self.inputs],
                "output_modalities": [*self.outputs],
                "tokenizer": "Other",
                "instruct_type": None,
            },
            "pricing": pricing,
            "top_provider": {
                "context_length": self.context,
                "max_completion_tokens": self.max_output,
                "is_moderated": False,
            },
            "per_request_limits": None,
            "supported_parameters": parameters,
            "default_parameters": {"temperature": None, "top_p": None, "frequency_penalty": None},
            "supported_voices": None,
            "links": {"details": f"/api/v1/models/{self.slug}/endpoints"},
            "knowledge_cutoff": None,
            "expiration_date": None,
        }
        if self.reasoning != "none":
            row["reasoning"] = {"mandatory": self.reasoning == "mandatory", "supports_max_tokens": True}
        return row


def plain(amount: Decimal) -> str:
    """A price the way the service writes it: `0.00000015`, never `1.5E-7`."""
    text = format(amount.normalize(), "f")
    return text if amount else "0"


def seed_models() -> dict[str, Model]:
    """The table as models, oldest last."""
    rows = [line for line in TABLE.strip().splitlines() if line]
    models = (_read_row(line, _EPOCH + (len(rows) - index) * _WEEK) for index, line in enumerate(rows))
    return {model.id: model for model in models}


def _read_row(line: str, created: int) -> Model:
    cells = [cell.strip() for cell in line.split("|")]
    model_id, name, context, output, prompt, completion, cached, flags = cells
    words = flags.split()
    options = dict(word.split("=", 1) for word in words if "=" in word)
    inputs = ["text"] + [
        kind for word, kind in (("img", "image"), ("file", "file"), ("audio", "audio")) if word in words
    ]
    return Model(
        id=model_id,
        name=name,
        context=int(context),
        max_output=int(output),
        prompt=Decimal(prompt) / _MILLION,
        completion=Decimal(completion) / _MILLION,
        cache_read=None if cached == "-" else Decimal(cached) / _MILLION,
        inputs=tuple(inputs),
        outputs=("image", "text") if "imgout" in words else ("text",),
        reasoning="mandatory" if "think!" in words else "optional" if "think" in words else "none",
        slug=options.get("slug", model_id.removesuffix(":free")),
        provider=options.get("via", PROVIDERS[model_id.split("/")[0]]).replace("_", " "),
        created=created,
    )


@dataclass(slots=True)
class Catalogue:
    """The models now on offer. Rows can be switched, removed and repriced between a listing and a call."""

    models: dict[str, Model] = field(default_factory=seed_models)
    removed: dict[str, list[str]] = field(default_factory=lambda: dict(REMOVED))
    bad_rows: tuple[str, ...] = ()
    variants: list[str] = field(default_factory=list)
    """Ids with a knob suffix that are listed as models of their own, for people who test by clicking."""

    def rows(self) -> list[Json]:
        """Every row of GET /models, before filters."""
        rows: list[Json] = [model.listing() for model in self.models.values()]
        rows += [self._alias_row(alias) for alias, (_, target) in ALIASES.items() if target in self.models]
        for variant in self.variants:
            base, _, suffix = variant.partition("+")
            if base not in self.models:
                continue
            rows.append({**self.find(base).listing(), "id": variant, "name": f"{self.find(base).name} ({suffix})"})
        rows += [BAD_ROWS[name] for name in self.bad_rows]
        return rows

    def find(self, model_id: str) -> Model:
        """The model that answers to an id, or the failure the service would send."""
        if alias := ALIASES.get(model_id):
            return self.find(alias[1])
        if model_id in self.models:
            return self.models[model_id]
        if model_id in self.removed:
            fallbacks: list[Json] = [*self.removed[model_id]]
            detail = availability("model_deprecated", [model_id], fallback_models=fallbacks)
            raise api_failure(404, f"No endpoints found for {model_id}.", availability=detail)
        base, _, variant = model_id.rpartition(":")
        if base in self.models and variant in _VARIANTS:
            return self.models[base]
        if base in self.models and variant == "free":
            detail = availability("free_variant_ended", [model_id], fallback_models=[base])
            raise api_failure(404, f"No endpoints found for {model_id}.", availability=detail)
        if model := self._bad_model(model_id):
            return model
        raise unknown_model(model_id)

    def reprice(self, model_id: str, prompt: str, completion: str) -> None:
        """Change the price from now on; per token, as in the listing."""
        self.models[model_id] = replace(
            self.models[model_id], prompt=Decimal(prompt), completion=Decimal(completion), cache_read=None
        )

    def remove(self, model_id: str, fallbacks: list[str]) -> None:
        self.models.pop(model_id, None)
        self.removed[model_id] = fallbacks

    def _alias_row(self, alias: str) -> JsonObject:
        name, target = ALIASES[alias]
        row = {**self.find(target).listing(), "id": alias, "canonical_slug": alias, "name": name}
        if alias.startswith("openrouter/"):
            row["pricing"] = {"prompt": "-1", "completion": "-1"}
        else:
            row["alias_target"] = target
        return row

    def _bad_model(self, model_id: str) -> Model | None:
        """A listed bad row can be talked to as well, free of charge: its price is a lie in any case."""
        for name in self.bad_rows:
            row = as_object(BAD_ROWS[name])
            if row.get("id") == model_id:
                stand_in = next(iter(self.models.values()))
                label = as_text(row.get("name"), model_id)
                return replace(
                    stand_in,
                    id=model_id,
                    slug=model_id,
                    name=label,
                    prompt=Decimal(0),
                    completion=Decimal(0),
                    cache_read=None,
                )
        return None


def unknown_model(model_id: str) -> Failure:
    detail = availability("model_not_found", [model_id])
    return api_failure(400, f"{model_id} is not a valid model ID", availability=detail, user_id="user_2emulator")
