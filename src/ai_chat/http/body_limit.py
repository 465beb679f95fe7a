"""How much body a request may have: a megabyte, unless its route knows that more is meant."""

from starlette.types import Scope

MAX_BODY_BYTES = 1024 * 1024
_KEY = "body_limit"
_UPLOADS = frozenset({"/api/files", "/api/import"})


def allow_body(scope: Scope, most: int) -> None:
    """The route expects so many bytes; called before any of them is read, and once it is known who sends them."""
    scope["state"][_KEY] = most


def body_limit(scope: Scope) -> int:
    """Bytes that may be read of this request's body."""
    return int(scope["state"].get(_KEY, MAX_BODY_BYTES))


def takes_uploads(scope: Scope) -> bool:
    """A request that may announce more than a megabyte: its route decides."""
    return scope["method"] == "POST" and scope["path"] in _UPLOADS
