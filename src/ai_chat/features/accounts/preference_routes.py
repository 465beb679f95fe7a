"""`/api/preferences`: how a person wants the product to be, on every device."""

from fastapi import APIRouter

from ai_chat.features.accounts.deps import ProfilesPart, SignedInUser
from ai_chat.features.accounts.profile_schemas import PreferencesInfo
from ai_chat.http.schemas import Envelope, failures, ok
from ai_chat.kernel.errors import ErrorCode

router = APIRouter(prefix="/api/preferences", tags=["account"])


@router.get("", operation_id="getPreferences", responses=failures(ErrorCode.UNAUTHORIZED))
async def get_preferences(user: SignedInUser, profiles: ProfilesPart) -> Envelope[PreferencesInfo]:
    """What was chosen; null where nothing was."""
    return ok(await profiles.preferences(user.id))


@router.patch("", operation_id="updatePreferences", responses=failures(ErrorCode.UNAUTHORIZED))
async def update_preferences(
    body: PreferencesInfo, user: SignedInUser, profiles: ProfilesPart
) -> Envelope[PreferencesInfo]:
    """Changes what is named and nothing else. `account.changed` tells the other open pages."""
    return ok(await profiles.change_preferences(user.id, body))
