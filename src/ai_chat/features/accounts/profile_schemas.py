"""What a person tells about themselves and how they want the product to be, on the wire."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from ai_chat.features.accounts.schemas import EmailAddress
from ai_chat.http.schemas import CleanText, WireModel
from ai_chat.kernel.tokens import estimate_tokens

MOST_INSTRUCTION_CHARACTERS = 4_000
MOST_INSTRUCTION_TOKENS = 2_000
"""They go with every message: long ones would take the place of the conversation, and be paid for again each time."""


class UpdateProfileRequest(WireModel):
    """Only what is named changes. A new address or password needs the current password."""

    full_name: Annotated[CleanText, Field(max_length=255)] | None = None
    """Null or blank removes it."""
    email: EmailAddress | None = None
    new_password: Annotated[CleanText, Field(min_length=8, max_length=1024)] | None = None
    """Signs out every other device."""
    current_password: Annotated[CleanText, Field(min_length=1, max_length=1024)] | None = None

    @property
    def needs_password(self) -> bool:
        return self.email is not None or self.new_password is not None

    @model_validator(mode="after")
    def _by_whoever_knows_the_password(self) -> "UpdateProfileRequest":
        if self.needs_password and self.current_password is None:
            raise ValueError("currentPassword is needed to change the address or the password")
        return self


def _short_enough(text: str) -> str:
    if estimate_tokens(text) > MOST_INSTRUCTION_TOKENS:
        raise ValueError(f"is longer than {MOST_INSTRUCTION_TOKENS} tokens")
    return text.strip()


ModelId = Annotated[CleanText, Field(min_length=1, max_length=100)]


class PreferencesInfo(WireModel):
    """What is null was never chosen: each device keeps its own."""

    custom_instructions: (
        Annotated[CleanText, Field(max_length=MOST_INSTRUCTION_CHARACTERS), AfterValidator(_short_enough)] | None
    ) = None
    """What the person asks of every answer: stands behind the system prompt."""
    language: Literal["ru", "en"] | None = None
    theme: Literal["light", "dark", "system"] | None = None
    text_size: Literal["small", "normal", "large", "huge"] | None = None
    density: Literal["comfortable", "compact"] | None = None
    send_key: Literal["enter", "mod-enter"] | None = None
    default_model: ModelId | None = None
    """What a new chat begins with; null for the model that was used last."""
    favourite_models: Annotated[list[ModelId], Field(max_length=200)] | None = None
