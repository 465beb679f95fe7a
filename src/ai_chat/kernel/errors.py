"""Every error a client can meet, in one place.

    AppError                      an expected failure with a stable code; answered as the failure envelope
    ├── InvalidInput              400 with the offending fields
    ├── UnavailableUntil          503 MODEL_UNAVAILABLE with resetsAt and Retry-After
    └── LimitReached              429 with limit, used, resetsAt and Retry-After

    UpstreamFailure               a model provider failed; becomes an `error` frame, never an HTTP status
                                  (lives in relay/upstream.py, its codes are listed here)

`ErrorCode` is the one home of codes, statuses and default sentences: OpenAPI, docs/errors.md and the web app's
translations are generated from it or checked against it.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Self


class ErrorCode(StrEnum):
    """A stable, machine-readable name of a failure. The value is what stands on the wire."""

    status: int
    sentence: str

    def __new__(cls, code: str, status: int, sentence: str) -> Self:
        member = str.__new__(cls, code)
        member._value_ = code
        member.status = status
        member.sentence = sentence
        return member

    VALIDATION_ERROR = ("VALIDATION_ERROR", 400, "The request is not valid.")
    USER_EXISTS = ("USER_EXISTS", 400, "An account with this e-mail address already exists.")
    MESSAGE_TOO_LONG = ("MESSAGE_TOO_LONG", 400, "The message is longer than your plan or the model allows.")
    WRONG_PASSWORD = ("WRONG_PASSWORD", 400, "The current password is not right.")
    RECOVERY_LINK_INVALID = ("RECOVERY_LINK_INVALID", 400, "This link was used, is too old, or is incomplete.")
    IMPORT_UNREADABLE = ("IMPORT_UNREADABLE", 400, "The file is no export of chats that can be read here.")
    PROMO_CODE_INVALID = ("PROMO_CODE_INVALID", 400, "This promo code does not exist, is over, or has been used.")
    MODEL_CANNOT_SEE = ("MODEL_CANNOT_SEE", 400, "This model cannot see images. Choose one that can, or remove them.")
    TOO_MANY_FILES = ("TOO_MANY_FILES", 400, "The message has more files than your plan allows.")
    FILES_TOO_LONG = ("FILES_TOO_LONG", 400, "The files have more text than your plan or the model allows.")
    FILE_TYPE_UNSUPPORTED = (
        "FILE_TYPE_UNSUPPORTED",
        400,
        "Files of this kind cannot be read. Images (PNG, JPEG, WebP, GIF), PDF and text can.",
    )
    FILE_UNREADABLE = ("FILE_UNREADABLE", 400, "The file is damaged, protected, or too large to open.")
    FILE_WITHOUT_TEXT = (
        "FILE_WITHOUT_TEXT",
        400,
        "The file has no text. If it is a scan, send its pages as images.",
    )
    UNAUTHORIZED = ("UNAUTHORIZED", 401, "Sign in first: the access token is missing, expired or revoked.")
    INVALID_API_KEY = ("INVALID_API_KEY", 401, "The API key is missing, unknown, expired or revoked.")
    INVALID_CREDENTIALS = ("INVALID_CREDENTIALS", 401, "The e-mail address or the password is wrong.")
    MODEL_NOT_IN_PLAN = ("MODEL_NOT_IN_PLAN", 403, "Your plan does not include this model.")
    NOT_ALLOWED_TO_KEY = ("NOT_ALLOWED_TO_KEY", 403, "This API key is not allowed to do that.")
    FORBIDDEN = ("FORBIDDEN", 403, "This is not allowed.")
    NOT_FOUND = ("NOT_FOUND", 404, "There is nothing at this address.")
    USER_NOT_FOUND = ("USER_NOT_FOUND", 404, "This account no longer exists.")
    CHAT_NOT_FOUND = ("CHAT_NOT_FOUND", 404, "There is no such chat.")
    MESSAGE_NOT_FOUND = ("MESSAGE_NOT_FOUND", 404, "There is no such message in this chat.")
    FOLDER_NOT_FOUND = ("FOLDER_NOT_FOUND", 404, "There is no such folder.")
    MODEL_NOT_FOUND = ("MODEL_NOT_FOUND", 404, "There is no such model in the catalogue.")
    API_KEY_NOT_FOUND = ("API_KEY_NOT_FOUND", 404, "There is no such API key.")
    ORDER_NOT_FOUND = ("ORDER_NOT_FOUND", 404, "There is no such order.")
    PAYMENT_NOT_FOUND = ("PAYMENT_NOT_FOUND", 404, "There is no such payment.")
    SUBSCRIPTION_NOT_FOUND = ("SUBSCRIPTION_NOT_FOUND", 404, "There is no subscription to change.")
    SHARE_NOT_FOUND = ("SHARE_NOT_FOUND", 404, "This link opens nothing: it was taken back, is over, or is mistyped.")
    FILE_NOT_FOUND = ("FILE_NOT_FOUND", 404, "There is no such file.")
    METHOD_NOT_ALLOWED = ("METHOD_NOT_ALLOWED", 405, "This address does not support this method.")
    GENERATION_IN_PROGRESS = ("GENERATION_IN_PROGRESS", 409, "An answer is still being written in this chat.")
    TOO_MANY_API_KEYS = ("TOO_MANY_API_KEYS", 409, "You have as many API keys as there may be. Delete one first.")
    PROMO_CODE_EXISTS = ("PROMO_CODE_EXISTS", 409, "There is already a promo code of this name.")
    TOO_MANY_FOLDERS = ("TOO_MANY_FOLDERS", 409, "You have as many folders as there may be. Delete one first.")
    ALREADY_SUBSCRIBED = ("ALREADY_SUBSCRIBED", 409, "You already have this subscription.")
    PAYMENT_IN_PROGRESS = ("PAYMENT_IN_PROGRESS", 409, "A payment is still being decided. Try again in a minute.")
    REFUND_NOT_POSSIBLE = ("REFUND_NOT_POSSIBLE", 409, "So much cannot be refunded of this payment.")
    TOO_MANY_SHARES = ("TOO_MANY_SHARES", 409, "This chat has as many links as there may be. Take one back first.")
    FILE_IN_USE = ("FILE_IN_USE", 409, "The file was sent with a message and goes with its chat.")
    FILE_STORAGE_FULL = ("FILE_STORAGE_FULL", 409, "Your files take all the room that your plan has for them.")
    FILE_TOO_LARGE = ("FILE_TOO_LARGE", 413, "The file is larger than your plan allows.")
    PAYLOAD_TOO_LARGE = ("PAYLOAD_TOO_LARGE", 413, "The request body is too large.")
    MESSAGE_LIMIT_REACHED = ("MESSAGE_LIMIT_REACHED", 429, "You have used all messages of today.")
    KEY_LIMIT_REACHED = (
        "KEY_LIMIT_REACHED",
        429,
        "The API key has sent as many messages as its owner allows in a day.",
    )
    CHAT_LIMIT_REACHED = ("CHAT_LIMIT_REACHED", 429, "You have created as many chats as your plan allows in an hour.")
    TOO_MANY_LINKS = ("TOO_MANY_LINKS", 429, "Too many links were tried that open nothing. Try again in a minute.")
    TOO_MANY_ATTEMPTS = ("TOO_MANY_ATTEMPTS", 429, "Too many failed attempts to sign in. Try again later.")
    INTERNAL_ERROR = ("INTERNAL_ERROR", 500, "Something went wrong on our side. It has been logged.")
    MODEL_UNAVAILABLE = ("MODEL_UNAVAILABLE", 503, "This model cannot answer at the moment.")
    SERVICE_UNAVAILABLE = (
        "SERVICE_UNAVAILABLE",
        503,
        "The server is not available right now. Try again in a few seconds.",
    )
    PAYMENT_REFUSED = ("PAYMENT_REFUSED", 502, "The payment service did not accept this payment.")
    PAYMENTS_UNAVAILABLE = (
        "PAYMENTS_UNAVAILABLE",
        503,
        "Payments are not available right now. Try again in a minute.",
    )
    SHUTTING_DOWN = ("SHUTTING_DOWN", 503, "The server is restarting. Try again in a few seconds.")
    UPSTREAM_ERROR = ("UPSTREAM_ERROR", 502, "The model's provider reported an error.")
    UPSTREAM_TIMEOUT = ("UPSTREAM_TIMEOUT", 504, "The model's provider stopped answering.")
    UPSTREAM_DISCONNECTED = ("UPSTREAM_DISCONNECTED", 502, "The connection to the model's provider broke off.")
    UPSTREAM_RATE_LIMITED = ("UPSTREAM_RATE_LIMITED", 503, "The model is overloaded right now. Try again shortly.")
    UPSTREAM_REFUSED = ("UPSTREAM_REFUSED", 502, "The model's provider refused this request.")
    UPSTREAM_MODERATED = (
        "UPSTREAM_MODERATED",
        502,
        "The model's provider does not answer this for reasons of content. Rephrase it, or choose another model.",
    )
    UPSTREAM_CONTEXT_TOO_LONG = ("UPSTREAM_CONTEXT_TOO_LONG", 502, "The conversation is too long for this model.")
    UPSTREAM_UNAVAILABLE = ("UPSTREAM_UNAVAILABLE", 502, "The model is temporarily unavailable.")
    UPSTREAM_EMPTY = ("UPSTREAM_EMPTY", 502, "The model gave an empty answer.")
    UPSTREAM_ONLY_REASONING = (
        "UPSTREAM_ONLY_REASONING",
        502,
        "The model used up its length by thinking and wrote no answer. Ask for less at once, or choose another model.",
    )
    INTERRUPTED = ("INTERRUPTED", 503, "The server stopped while the answer was being written.")


class AppError(Exception):
    """An expected failure: answered with its code and sentence, logged as an event and not as a crash."""

    def __init__(self, code: ErrorCode, message: str | None = None, *, retry_after: int | None = None) -> None:
        self.code = code
        self.message = message or code.sentence
        self.retry_after = retry_after
        super().__init__(f"{code.value}: {self.message}")

    def details(self) -> dict[str, object]:
        """What stands in the error object beside code and message."""
        return {}


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """One field of the request that is not acceptable, and why, in words for a person."""

    field: str
    message: str


class InvalidInput(AppError):
    """400: what was sent cannot be accepted; says which fields and why."""

    def __init__(self, *problems: FieldProblem, message: str | None = None) -> None:
        self.problems = problems
        first = f"{problems[0].field}: {problems[0].message}" if problems else None
        super().__init__(ErrorCode.VALIDATION_ERROR, message or first)

    def details(self) -> dict[str, object]:
        return {"fields": [{"field": p.field, "message": p.message} for p in self.problems]}


class UnavailableUntil(AppError):
    """503: a model that cannot answer now, and when it can again."""

    def __init__(self, message: str, *, resets_at: datetime, now: datetime) -> None:
        self.resets_at = resets_at
        super().__init__(
            ErrorCode.MODEL_UNAVAILABLE, message, retry_after=max(1, -int(-(resets_at - now).total_seconds() // 1))
        )

    def details(self) -> dict[str, object]:
        return {"resetsAt": self.resets_at}


class LimitReached(AppError):
    """429: a limit, how much of it is used, and when it opens again."""

    def __init__(self, code: ErrorCode, *, limit: int, used: int, resets_at: datetime, now: datetime) -> None:
        self.limit, self.used, self.resets_at = limit, used, resets_at
        super().__init__(code, retry_after=max(1, -int(-(resets_at - now).total_seconds() // 1)))

    def details(self) -> dict[str, object]:
        return {"limit": self.limit, "used": self.used, "resetsAt": self.resets_at}
