"""The endpoints beside chat: models, providers, generations, key and credits."""

from __future__ import annotations

from aiohttp import web

from ai_chat.emulators.json_values import Json, JsonObject, as_list, as_object, as_text
from ai_chat.emulators.openrouter.catalogue_rows import PROVIDERS
from ai_chat.emulators.openrouter.failures import api_failure, bad_request
from ai_chat.emulators.openrouter.shapes import as_number, encode
from ai_chat.emulators.openrouter.world import World

_MAX_LIMIT = 1000


def add_listing_routes(app: web.Application, api: str, world: World) -> None:
    """Mount them. The order matters: fixed names before the patterns that would swallow them."""
    listings = Listings(world)
    app.router.add_get(f"{api}/models", listings.models)
    app.router.add_get(f"{api}/models/count", listings.count)
    app.router.add_get(f"{api}/models/user", listings.user_models)
    app.router.add_get(f"{api}/models/{{author}}/{{slug}}/endpoints", listings.endpoints)
    app.router.add_get(f"{api}/model/{{author}}/{{slug}}", listings.model)
    app.router.add_get(f"{api}/providers", listings.providers)
    app.router.add_get(f"{api}/generation", listings.generation)
    app.router.add_get(f"{api}/key", listings.key)
    app.router.add_get(f"{api}/credits", listings.credits)


class Listings:
    """One method per endpoint."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def models(self, request: web.Request) -> web.Response:
        """No key needed, as far as is known."""
        return _json({"data": self._filtered(request)})

    async def user_models(self, request: web.Request) -> web.Response:
        self._world.accounts.authorise(request.headers.get("Authorization"))
        return _json({"data": self._filtered(request)})

    async def count(self, request: web.Request) -> web.Response:
        return _json({"data": {"count": len(self._world.catalogue.rows())}})

    async def model(self, request: web.Request) -> web.Response:
        return _json({"data": self._world.catalogue.find(_model_id(request)).listing()})

    async def endpoints(self, request: web.Request) -> web.Response:
        model = self._world.catalogue.find(_model_id(request))
        row = model.listing()
        endpoint: JsonObject = {
            "name": f"{model.provider} | {model.slug}",
            "model_id": model.id,
            "context_length": model.context,
            "pricing": row["pricing"],
            "provider_name": model.provider,
            "tag": model.provider.lower().replace(" ", "-"),
            "quantization": "unknown",
            "max_completion_tokens": model.max_output,
            "max_prompt_tokens": None,
            "supported_parameters": row["supported_parameters"],
            "status": 0,
            "uptime_last_30m": 100,
        }
        kept = {name: row[name] for name in ("id", "name", "created", "description", "architecture")}
        return _json({"data": {**kept, "endpoints": [endpoint]}})

    async def providers(self, request: web.Request) -> web.Response:
        rows: list[Json] = [
            {
                "name": name,
                "slug": name.lower().replace(" ", "-"),
                "privacy_policy_url": None,
                "terms_of_service_url": None,
                "status_page_url": None,
            }
            for name in sorted(set(PROVIDERS.values()))
        ]
        return _json({"data": rows})

    async def generation(self, request: web.Request) -> web.Response:
        self._world.accounts.authorise(request.headers.get("Authorization"))
        generation_id = request.query.get("id")
        if not generation_id:
            raise bad_request("id: Required")
        return _json({"data": self._world.generations.look_up(generation_id, self._world.now()).describe()})

    async def key(self, request: web.Request) -> web.Response:
        key = self._world.accounts.authorise(request.headers.get("Authorization"))
        return _json({"data": self._world.accounts.describe_key(key, self._world.now())})

    async def credits(self, request: web.Request) -> web.Response:
        key = self._world.accounts.authorise(request.headers.get("Authorization"))
        if not key.management:
            raise api_failure(403, "Only management keys can fetch credits for an account")
        accounts = self._world.accounts
        return _json({"data": {"total_credits": as_number(accounts.credits), "total_usage": as_number(accounts.used)}})

    def _filtered(self, request: web.Request) -> list[Json]:
        """The rows after `output_modalities`, `supported_parameters`, `q`, `offset` and `limit`.

        Bad rows pass every filter: a client must cope with them, not be spared them.
        """
        query = request.query
        outputs = set(query.get("output_modalities", "text").split(","))
        parameters = set(filter(None, query.get("supported_parameters", "").split(",")))
        words = query.get("q", "").lower()
        honest = len(self._world.catalogue.rows()) - len(self._world.catalogue.bad_rows)
        rows: list[Json] = []
        for index, value in enumerate(self._world.catalogue.rows()):
            row = as_object(value)
            architecture = as_object(row.get("architecture"))
            fits = (
                ("all" in outputs or outputs & _names(architecture.get("output_modalities")))
                and parameters <= _names(row.get("supported_parameters"))
                and words in f"{as_text(row.get('id'))} {as_text(row.get('name'))}".lower()
            )
            if fits or index >= honest:
                rows.append(value)
        try:
            offset, limit = int(query.get("offset", "0")), int(query.get("limit", str(len(rows) or 1)))
        except ValueError:
            raise bad_request("offset and limit must be integers") from None
        if offset < 0 or not 1 <= limit <= _MAX_LIMIT:
            raise bad_request(f"limit must be between 1 and {_MAX_LIMIT}")
        return rows[offset : offset + limit]


def _names(value: Json) -> set[str]:
    return {item for item in as_list(value) if isinstance(item, str)}


def _model_id(request: web.Request) -> str:
    return f"{request.match_info['author']}/{request.match_info['slug']}"


def _json(value: JsonObject) -> web.Response:
    return web.Response(
        body=encode(value), content_type="application/json", headers={"Access-Control-Allow-Origin": "*"}
    )
