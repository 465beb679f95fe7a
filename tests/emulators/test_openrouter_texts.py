"""Answers that a test can know beforehand: external-apis.md C1, point 9."""

from __future__ import annotations

import pytest

from ai_chat.emulators.openrouter import samples, tokens
from ai_chat.emulators.openrouter.texts import MODES, Question, compose, default_answer
from tests.emulators.client import MODEL, Client

QUESTION = Question(last="How deep is the sea?", messages=3, model_name="A Model")


def test_the_default_quotes_the_user_and_names_the_model() -> None:
    answer = default_answer(QUESTION)
    assert "“How deep is the sea?”" in answer
    assert "A Model" in answer
    assert "messages in context: 3" in answer


def test_the_default_is_russian_to_a_russian_message() -> None:
    answer = default_answer(Question(last="Привет, как дела?", messages=1, model_name="A Model"))
    assert answer.startswith("Вы написали: «Привет, как дела?».")


def test_a_long_question_is_quoted_in_part() -> None:
    assert len(default_answer(Question(last="word " * 1000, messages=1, model_name="A"))) < 500


@pytest.mark.parametrize("mode", MODES)
def test_every_mode_is_the_same_each_time(mode: str) -> None:
    assert compose(mode, QUESTION) == compose(mode, QUESTION)


@pytest.mark.parametrize("mode", MODES)
async def test_every_mode_arrives_unharmed(client: Client, mode: str) -> None:
    reply = await client.ask(f"{MODEL}+text={mode};script=fixed;image_bytes=100", text="How deep?")
    assert reply.status == 200
    if mode in {"markdown", "code", "latex", "table", "emoji", "russian", "hostile"}:
        assert reply.text == getattr(samples, mode.upper())
    if mode == "sample":
        assert all(part in reply.text for part in (samples.MARKDOWN, samples.CODE, samples.LATEX, samples.TABLE))
    if mode == "echo":
        assert reply.text == "How deep?"
    if mode == "script":
        assert reply.text == "fixed"


async def test_the_long_text_has_a_hundred_thousand_characters(client: Client) -> None:
    reply = await client.ask(f"{MODEL}+text=long")
    assert len(reply.text) == 100_000
    assert len((await client.ask(f"{MODEL}+text=long;chars=777")).text) == 777


async def test_counting_has_exactly_the_tokens_asked_for(client: Client) -> None:
    reply = await client.ask(f"{MODEL}+text=count;tokens=12000")
    assert reply.usages[0]["completion_tokens"] == 12_000


def test_emoji_are_cut_inside_their_sequences() -> None:
    family = "👨‍👩‍👧‍👦"
    assert len(tokens.split(family)) > 1


@pytest.mark.parametrize(
    "text", ["", " ", "Hello, world", "  two\n\nlines \n", samples.EMOJI, samples.RUSSIAN, "a" * 1001]
)
def test_tokens_joined_are_the_text(text: str) -> None:
    assert "".join(tokens.split(text)) == text
    assert all(len(piece.strip()) <= 4 for piece in tokens.split(text))


def test_the_documented_example_is_true() -> None:
    assert tokens.split("Hello, world") == ("Hell", "o,", " worl", "d")
