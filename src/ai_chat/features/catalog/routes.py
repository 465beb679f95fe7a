"""`/api/models`: every model, and whether this user may use it."""

from typing import Annotated

from fastapi import APIRouter, Depends

from ai_chat.features.accounts.deps import SignedInUser
from ai_chat.features.catalog.schemas import ModelInfo, model_info
from ai_chat.features.catalog.service import Catalog
from ai_chat.http.schemas import Envelope, failures, ok
from ai_chat.http.state import part
from ai_chat.kernel.errors import ErrorCode

CatalogPart = Annotated[Catalog, Depends(part(Catalog))]

router = APIRouter(prefix="/api/models", tags=["models"])


@router.get("", operation_id="listModels", responses=failures(ErrorCode.UNAUTHORIZED))
async def list_models(user: SignedInUser, catalog: CatalogPart) -> Envelope[list[ModelInfo]]:
    """Those that can answer come first."""
    return ok([model_info(model, user.tier) for model in catalog.models()])
