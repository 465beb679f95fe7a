"""Error answers: `{"type":"error","id","code","description","parameter"?,"retry_after"?}`."""

from __future__ import annotations

import uuid

from ai_chat.emulators.json_values import JsonObject

RECURRING = "This store can't make recurring payments. Contact the YooMoney manager to learn more"
RECEIPT = "Receipt is missing or illegal"
NO_METHOD = "This payment_method_id doesn't exist. Specify the id of the saved payment_method"
HTML_502 = """<html>
<head><title>502 Bad Gateway</title></head>
<body><center><h1>502 Bad Gateway</h1></center><hr><center>nginx</center></body>
</html>
"""


class Failure(Exception):
    """A complete error answer."""

    def __init__(
        self, status: int, code: str, description: str, parameter: str | None = None, *, retry_after: int | None = None
    ) -> None:
        super().__init__(f"{status} {code}: {description}")
        self.status = status
        self.body: JsonObject = {
            "type": "error",
            "id": str(uuid.uuid4()),
            "code": code,
            "description": description,
        }
        if parameter is not None:
            self.body["parameter"] = parameter
        if retry_after is not None:
            self.body["retry_after"] = retry_after


def invalid(description: str, parameter: str | None = None) -> Failure:
    return Failure(400, "invalid_request", description, parameter)


def not_found(thing: str, parameter: str) -> Failure:
    return Failure(404, "not_found", f"{thing} doesn't exist or access denied", parameter)


def forbidden(description: str) -> Failure:
    return Failure(403, "forbidden", description)
