"""`/api/keys`: a person's API keys. Managed with a session's token, never with a key."""

from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Depends

from ai_chat.features.accounts.deps import SignedInUser
from ai_chat.features.accounts.keys import ApiKeys, KeyWish
from ai_chat.features.accounts.models import ApiKey
from ai_chat.features.catalog.routes import CatalogPart
from ai_chat.features.completions.key_schemas import ApiKeyInfo, CreateKeyRequest, KeyUseInfo, NewApiKey, RevokedKey
from ai_chat.features.usage.key_caps import KeyUse
from ai_chat.features.usage.routes import DatabasePart, UsagePart
from ai_chat.http.health import Now
from ai_chat.http.schemas import Envelope, failures, ok
from ai_chat.http.state import part
from ai_chat.kernel.errors import ErrorCode, FieldProblem, InvalidInput
from ai_chat.kernel.ids import parse_id

KeysPart = Annotated[ApiKeys, Depends(part(ApiKeys))]
_UNUSED = KeyUse(0, Decimal(0))

router = APIRouter(prefix="/api/keys", tags=["keys"], responses=failures(ErrorCode.UNAUTHORIZED))


@router.post("", operation_id="createKey", responses=failures(ErrorCode.TOO_MANY_API_KEYS, ErrorCode.MODEL_NOT_FOUND))
async def create_key(
    user: SignedInUser,
    keys: KeysPart,
    catalog: CatalogPart,
    now: Annotated[Now, Depends(part(Now))],
    body: CreateKeyRequest,
) -> Envelope[NewApiKey]:
    """A new API key for `/v1`. The answer is the only one that ever shows it."""
    if body.expires_at is not None and body.expires_at <= now.clock():
        raise InvalidInput(FieldProblem("expiresAt", "is in the past"))
    for model_id in body.models or ():
        await catalog.find(model_id)  # a misspelt one would be a key that opens nothing
    wish = KeyWish(
        name=body.name,
        scopes=body.scopes,
        models=body.models,
        daily_messages=body.daily_message_limit,
        monthly_spend_usd=body.monthly_spend_limit_usd,
        expires_at=body.expires_at,
    )
    key, secret = await keys.create(user.id, wish)
    return ok(NewApiKey(**_info(key, _UNUSED).model_dump(by_alias=False), key=secret))


@router.get("", operation_id="listKeys")
async def list_keys(
    user: SignedInUser, keys: KeysPart, usage: UsagePart, database: DatabasePart
) -> Envelope[list[ApiKeyInfo]]:
    """The keys that have not been deleted, the newest first."""
    found = await keys.list(user.id)
    ids = [key.id for key in found]
    used = await database.read(lambda session: usage.keys_use(session, ids))
    return ok([_info(key, used.get(key.id, _UNUSED)) for key in found])


@router.delete("/{key_id}", operation_id="deleteKey", responses=failures(ErrorCode.API_KEY_NOT_FOUND))
async def delete_key(user: SignedInUser, keys: KeysPart, key_id: str) -> Envelope[RevokedKey]:
    """Revokes a key: it opens nothing any more, and answers that it has started are stopped."""
    return ok(RevokedKey(id=await keys.revoke(user.id, parse_id(key_id))))


def _info(key: ApiKey, used: KeyUse) -> ApiKeyInfo:
    return ApiKeyInfo(
        id=key.id,
        name=key.name,
        prefix=key.prefix,
        scopes=key.scopes,
        models=key.models,
        daily_message_limit=key.daily_messages,
        monthly_spend_limit_usd=None if key.monthly_spend_usd is None else format(key.monthly_spend_usd, "f"),
        used=KeyUseInfo(
            messages_today=used.messages_today, spent_this_month_usd=format(used.spent_this_month_usd, "f")
        ),
        created_at=key.created_at,
        last_used_at=key.last_used_at,
        expires_at=key.expires_at,
    )
