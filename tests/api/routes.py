"""Every route of the product as the application knows it: a new one is tested without anybody having to remember it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import uuid4

from ai_chat.app import build_api
from ai_chat.settings import Settings

NO_MESSAGE = "01980000-0000-7000-8000-000000000000"
_METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True)
class Route:
    method: str
    path: str
    operation: dict[str, Any]

    @property
    def has_body(self) -> bool:
        return "requestBody" in self.operation

    @property
    def takes_json(self) -> bool:
        """Its body is JSON, not a file."""
        return self.has_body and "application/json" in self.operation["requestBody"]["content"]

    @property
    def needs_sign_in(self) -> bool:
        return "security" in self.operation and not self.path.startswith(("/api/auth/logout", "/api/auth/refresh"))

    @property
    def speaks_openai(self) -> bool:
        """It takes an API key and answers without our envelope."""
        return self.path.startswith("/v1")

    @property
    def parameters(self) -> list[str]:
        """The names in its path."""
        return re.findall(r"{(\w+)}", self.path)

    def at(self, **ids: str) -> str:
        """The address with these ids, and with ids of nothing where none is given."""
        return self.path.format_map({name: str(uuid4()) for name in self.parameters} | ids)

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


@cache
def openapi() -> dict[str, Any]:
    """The OpenAPI schema, which takes a second to be made. Not to be changed."""
    return build_api(Settings(_env_file=None)).openapi()


def all_routes() -> list[Route]:
    """From the OpenAPI schema, which is made from the application's routes."""
    return list(_routes())


def _routes() -> Iterator[Route]:
    for path, operations in openapi()["paths"].items():
        for method in _METHODS:
            if method in operations:
                yield Route(method.upper(), path, operations[method])
