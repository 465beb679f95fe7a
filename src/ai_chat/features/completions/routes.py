"""`/v1`: what OpenAI's clients call, with a personal API key and nothing else."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from ai_chat.features.accounts.deps import OpenAccessPart
from ai_chat.features.accounts.keys import KeyHolder
from ai_chat.features.completions.answers import Answer
from ai_chat.features.completions.key_routes import KeysPart
from ai_chat.features.completions.schemas import CompletionBody, ModelCard, ModelCards
from ai_chat.features.completions.service import Completions
from ai_chat.http.schemas import failures
from ai_chat.http.state import part
from ai_chat.kernel.errors import AppError, ErrorCode

_key = HTTPBearer(auto_error=False, scheme_name="ApiKey", description="A personal API key, made with POST /api/keys.")


async def key_holder(
    keys: KeysPart, bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(_key)]
) -> KeyHolder:
    if bearer is None:
        raise AppError(ErrorCode.INVALID_API_KEY)
    return await keys.authenticate(bearer.credentials)


Holder = Annotated[KeyHolder, Depends(key_holder)]
CompletionsPart = Annotated[Completions, Depends(part(Completions))]


def _openai_failures(*codes: ErrorCode) -> dict[int | str, dict[str, Any]]:
    """The codes by status, without our envelope's schema."""
    return {status: {"description": answer["description"]} for status, answer in failures(*codes).items()}


router = APIRouter(
    prefix="/v1",
    tags=["openai"],
    responses=_openai_failures(ErrorCode.INVALID_API_KEY, ErrorCode.NOT_ALLOWED_TO_KEY),
)


@router.get("/models", operation_id="v1ListModels")
async def list_models(holder: Holder, completions: CompletionsPart) -> ModelCards:
    """OpenAI's list: the models that can answer now and that this key may ask."""
    holder.require("models")
    return ModelCards(data=completions.models(holder))


@router.get("/models/{model_id:path}", operation_id="v1GetModel", responses=_openai_failures(ErrorCode.MODEL_NOT_FOUND))
async def get_model(holder: Holder, completions: CompletionsPart, model_id: str) -> ModelCard:
    """One model; ids contain slashes."""
    holder.require("models")
    return await completions.model(holder, model_id)


@router.post(
    "/chat/completions",
    operation_id="v1ChatCompletion",
    response_class=Response,
    responses=_openai_failures(
        ErrorCode.MESSAGE_TOO_LONG,
        ErrorCode.MODEL_NOT_FOUND,
        ErrorCode.MODEL_NOT_IN_PLAN,
        ErrorCode.NOT_ALLOWED_TO_KEY,
        ErrorCode.MODEL_UNAVAILABLE,
        ErrorCode.MESSAGE_LIMIT_REACHED,
        ErrorCode.KEY_LIMIT_REACHED,
    ),
)
async def chat_completion(
    holder: Holder, completions: CompletionsPart, open_access: OpenAccessPart, body: CompletionBody
) -> Response:
    """OpenAI's chat completion, whole or as a stream of chunks. It counts as one message of the plan."""
    holder.require("chat")
    started = await completions.start(holder, body)
    include_usage = body.stream_options is not None and bool(body.stream_options.include_usage)
    access = open_access.of(holder.user_id, holder.key_id)
    return Answer(completions, started, access, stream=bool(body.stream), include_usage=include_usage)
