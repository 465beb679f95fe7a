"""An operator changes the plans' limits in a file; what makes no sense in it is named in one sentence."""

from pathlib import Path

import pytest

from ai_chat.features.usage.plans import DEFAULT_PLANS, PlansFileError, load_plans


def written(folder: Path, text: str) -> Path:
    path = folder / "plans.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_default_plans_are_the_contracts() -> None:
    free, premium = load_plans(None)["free"], load_plans(None)["premium"]
    assert (free.name, free.price_rub) == ("Free", 0)
    assert (free.messages_per_day, free.chats_per_hour, free.tokens_per_message, free.context_tokens) == (
        50, 10, 4_000, 16_000,
    )  # fmt: skip
    assert (premium.name, premium.price_rub) == ("Premium", 990)
    assert (premium.messages_per_day, premium.chats_per_hour) == (1000, 100)
    assert (premium.tokens_per_message, premium.context_tokens) == (32_000, 128_000)


def test_a_file_changes_what_it_names_and_nothing_else(tmp_path: Path) -> None:
    plans = load_plans(written(tmp_path, "[free]\nmessages_per_day = 7\nname = 'Даром'\n"))
    assert (plans["free"].messages_per_day, plans["free"].name) == (7, "Даром")
    assert plans["free"].chats_per_hour == DEFAULT_PLANS["free"].chats_per_hour
    assert plans["premium"] == DEFAULT_PLANS["premium"]


def test_an_empty_file_changes_nothing(tmp_path: Path) -> None:
    assert load_plans(written(tmp_path, "")) == DEFAULT_PLANS


def test_changing_plans_does_not_change_the_defaults(tmp_path: Path) -> None:
    load_plans(written(tmp_path, "[free]\nmessages_per_day = 7\n"))
    assert DEFAULT_PLANS["free"].messages_per_day == 50


def test_a_limit_may_be_zero(tmp_path: Path) -> None:
    assert load_plans(written(tmp_path, "[free]\nmessages_per_day = 0\n"))["free"].messages_per_day == 0


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[gold]\nname = 'x'\n", r"section \[gold\]; there are only \[free\] and \[premium\]"),
        ("free = 5\n", r"section \[free\]"),
        ("[free]\nmesages_per_day = 5\n", r"sets free\.mesages_per_day; known are .*messages_per_day"),
        ("[free]\nid = 'premium'\n", r"sets free\.id"),
        ("[free]\nmessages_per_day = '5'\n", r"free\.messages_per_day must be a int"),
        ("[free]\nmessages_per_day = 5.5\n", r"free\.messages_per_day must be"),
        ("[free]\nmessages_per_day = true\n", r"free\.messages_per_day must be"),
        ("[free]\nmessages_per_day = -1\n", r"of at least 0"),
        ("[free]\nname = 5\n", r"free\.name must be a str"),
        ("[free\n", r"cannot be read"),
    ],
)
def test_what_makes_no_sense_is_named(text: str, reason: str, tmp_path: Path) -> None:
    with pytest.raises(PlansFileError, match=reason) as refused:
        load_plans(written(tmp_path, text))
    assert "\n" not in str(refused.value)


def test_a_file_that_is_not_text_is_named(tmp_path: Path) -> None:
    path = tmp_path / "plans.toml"
    path.write_bytes(b"\xff\xfe[free]")
    with pytest.raises(PlansFileError, match="cannot be read"):
        load_plans(path)


def test_a_named_file_that_is_missing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(PlansFileError, match="cannot be read"):
        load_plans(tmp_path / "nowhere.toml")
