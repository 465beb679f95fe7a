"""Personal API keys: shown once, kept as a hash, opening nothing but /v1, and closed the moment they are deleted."""

import hashlib
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from ai_chat.features.accounts.keys import MOST_KEYS
from ai_chat.features.accounts.models import ApiKey
from ai_chat.kernel.clock import iso
from tests.api.helpers import assert_refused, moment
from tests.product import MODEL, Api, Product

pytestmark = pytest.mark.parametrize("backend", ["sqlite", "postgres"], indirect=True)


async def new_key(user: Api, **wishes: Any) -> Any:
    return (await user.post("/api/keys", {"name": "Laptop", **wishes})).data


async def test_a_key_is_shown_once_and_kept_as_a_hash(product: Product) -> None:
    user = await product.user()
    made = await new_key(user)
    assert (made["name"], made["scopes"], made["models"]) == ("Laptop", ["models", "chat"], None)
    assert made["key"].startswith("sk-aichat-")
    assert made["key"].startswith(made["prefix"])
    assert len(made["key"]) == len("sk-aichat-") + 64
    [listed] = (await user.get("/api/keys")).data
    assert listed == {name: value for name, value in made.items() if name != "key"}
    wanted = select(ApiKey).where(ApiKey.id == UUID(made["id"]))
    stored = await product.database.read(lambda session: session.scalars(wanted).one())
    assert stored.key_hash == hashlib.sha256(made["key"].encode()).hexdigest()
    assert made["key"] not in str(vars(stored))


async def test_keys_are_listed_the_newest_first_and_only_one_s_own(product: Product) -> None:
    user, other = await product.user(), await product.user()
    first, second = await new_key(user), await new_key(user)
    await new_key(other)
    assert [key["id"] for key in (await user.get("/api/keys")).data] == [second["id"], first["id"]]


async def test_a_deleted_key_is_gone_and_cannot_be_deleted_again(product: Product) -> None:
    user = await product.user()
    made = await new_key(user)
    assert (await user.delete(f"/api/keys/{made['id']}")).data == {"id": made["id"]}
    assert (await user.get("/api/keys")).data == []
    assert_refused(await user.delete(f"/api/keys/{made['id']}"), 404, "API_KEY_NOT_FOUND")


async def test_somebody_else_s_key_cannot_be_deleted(product: Product) -> None:
    owner, stranger = await product.user(), await product.user("premium")
    made = await new_key(owner)
    for key_id in (made["id"], str(uuid4()), "x", "%00", "1" * 36):
        assert_refused(await stranger.delete(f"/api/keys/{key_id}"), 404, "API_KEY_NOT_FOUND")
    assert len((await owner.get("/api/keys")).data) == 1


async def test_a_key_opens_nothing_under_api(product: Product) -> None:
    user = await product.user()
    user.token = (await new_key(user))["key"]
    for path in ("/api/auth/me", "/api/chat", "/api/keys", "/api/usage", "/api/models"):
        assert_refused(await user.get(path), 401, "UNAUTHORIZED")
    assert_refused(await user.post("/api/keys", {"name": "Child"}), 401, "UNAUTHORIZED")


async def test_there_are_only_so_many_keys(product: Product) -> None:
    user = await product.user()
    keys = [await new_key(user) for _ in range(MOST_KEYS)]
    assert_refused(await user.post("/api/keys", {"name": "One more"}), 409, "TOO_MANY_API_KEYS")
    await user.delete(f"/api/keys/{keys[0]['id']}")
    await new_key(user)


async def test_wishes_come_back_as_they_were_made(product: Product) -> None:
    user, until = await product.user(), product.clock() + timedelta(days=30)
    made = await new_key(
        user, name="  CI  ", scopes=["chat", "chat"], models=[MODEL], dailyMessageLimit=5,
        monthlySpendLimitUsd="2.50", expiresAt=iso(until),
    )  # fmt: skip
    assert (made["name"], made["scopes"], made["models"]) == ("CI", ["chat"], [MODEL])
    assert (made["dailyMessageLimit"], made["monthlySpendLimitUsd"]) == (5, "2.50")
    assert abs(moment(made["expiresAt"]) - until) < timedelta(seconds=1)
    assert (made["used"], made["lastUsedAt"]) == ({"messagesToday": 0, "spentThisMonthUsd": "0"}, None)


SENSELESS: list[dict[str, Any]] = [
    {"name": ""},
    {"name": "   "},
    {"name": None},
    {"name": "x" * 101},
    {"name": "a\x00b"},
    {"scopes": []},
    {"scopes": ["admin"]},
    {"models": []},
    {"models": "all"},
    {"dailyMessageLimit": 0},
    {"dailyMessageLimit": "5"},
    {"dailyMessageLimit": 1.5},
    {"monthlySpendLimitUsd": 0},
    {"monthlySpendLimitUsd": -1},
    {"monthlySpendLimitUsd": "NaN"},
    {"monthlySpendLimitUsd": "0.001"},
    {"expiresAt": "2020-01-01T00:00:00Z"},
    {"expiresAt": "2030-01-01T00:00:00"},
    {"expiresAt": "0001-01-01T00:00:00+23:59"},
    {"expiresAt": "soon"},
]


async def test_a_wish_that_makes_no_sense_is_refused(product: Product) -> None:
    user = await product.user()
    for wrong in SENSELESS:
        answer = await user.post("/api/keys", {"name": "Laptop", **wrong})
        assert answer.status == 400, wrong
        assert_refused(answer, 400, "VALIDATION_ERROR")
    assert (await user.get("/api/keys")).data == []


async def test_a_model_that_does_not_exist_is_refused(product: Product) -> None:
    user = await product.user()
    answer = await user.post("/api/keys", {"name": "Laptop", "models": [MODEL, "openai/gpt-9"]})
    assert_refused(answer, 404, "MODEL_NOT_FOUND")
