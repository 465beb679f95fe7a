"""Every parameter that OpenAI's package knows, with values that make sense and values that make none: an answer, or a refusal
that names the parameter. Never a crash, and never dropped without a word.
"""

import asyncio
from typing import Any, get_type_hints

from openai.types.chat.completion_create_params import CompletionCreateParamsNonStreaming

from tests.api.helpers import eventually, used_messages
from tests.api.test_openai_client import ASK, nothing_is_open, secret_of
from tests.product import MODEL, Answer, Product

PARAMETERS = sorted(get_type_hints(CompletionCreateParamsNonStreaming))
VALUES: list[Any] = [
    None, 0, 1, -1, 2**70, 0.5, True, False, "", "x", "auto", "\x00", [], [1], [[]], {}, {"type": "x"}, {"a": {"b": [None]}},
]  # fmt: skip


def test_the_package_still_names_them_so() -> None:
    assert {"messages", "model", "stream", "tools", "response_format", "seed", "stop", "user"} <= set(PARAMETERS)


async def test_none_breaks_anything(product: Product) -> None:
    user = await product.user("premium")
    headers = {"Authorization": f"Bearer {await secret_of(user)}"}
    together = asyncio.Semaphore(20)

    async def ask(name: str, value: Any) -> tuple[str, Any, Answer]:
        body = {"model": MODEL, "messages": ASK, name: value}
        async with together:
            return name, value, await product.anonymous.post("/v1/chat/completions", body, headers=headers)

    for name, value, answer in await asyncio.gather(*(ask(name, value) for name in PARAMETERS for value in VALUES)):
        if answer.status == 200:
            continue
        assert answer.status in (400, 404), f"{name}={value!r}: {answer.status} {answer.text[:200]}"
        error = answer.body["error"]
        assert set(error) == {"message", "type", "param", "code"}
        assert name in f"{error['param']} {error['message']}", f"{name}={value!r}: {error}"
    await eventually(lambda: nothing_is_open(product))


async def test_a_key_that_is_none_opens_nothing(product: Product) -> None:
    for scheme in ("Bearer", "bearer", "Basic", ""):
        for key in ("", "x", "sk-aichat-", "sk-aichat-" + "0" * 43, "sk-aichat-" + "é" * 20, "x" * 5000):
            headers = {"Authorization": f"{scheme} {key}".strip()}
            for method, path in (
                ("GET", "/v1/models"),
                ("POST", "/v1/chat/completions"),
                ("GET", f"/v1/models/{MODEL}"),
            ):
                body = {"model": MODEL, "messages": ASK} if method == "POST" else None
                answer = await product.anonymous.call(method, path, body, headers=headers)
                assert (answer.status, answer.body["error"]["code"]) == (401, "invalid_api_key")


async def test_the_shape_of_an_answer_is_as_much_of_the_prompt_as_what_is_said(product: Product) -> None:
    """Else the plan's limits would have a door beside them: any text can be a schema's description."""
    user = await product.user()
    headers = {"Authorization": f"Bearer {await secret_of(user)}"}
    for words, status in ((100, 200), (10_000, 400)):
        schema = {"type": "object", "description": "word " * words}
        shape = {"type": "json_schema", "json_schema": {"name": "x", "schema": schema}}
        body = {"model": MODEL, "messages": ASK, "response_format": shape}
        answer = await product.anonymous.post("/v1/chat/completions", body, headers=headers)
        assert answer.status == status, answer.text[:200]
    assert answer.body["error"]["code"] == "context_length_exceeded"
    assert await used_messages(user) == 1
