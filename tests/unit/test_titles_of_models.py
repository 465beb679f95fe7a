"""What a model says when asked for a title becomes one short harmless line, or nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_chat.features.chats.titles import title_of_model


@pytest.mark.parametrize(
    ("answer", "title"),
    [
        ("Capital of France", "Capital of France"),
        ('"Capital of France."', "Capital of France"),
        ("«Столица Франции»\n\nПояснение", "Столица Франции"),
        ("Title: **Capital**", "Capital"),
        ("Заголовок: Столица", "Столица"),
        ("<think>what?</think>\n# Capital", "Capital"),
        ("<script>alert(1)</script>", "alert(1)"),
        ("\u202eevil\u202c title\x00", "evil title"),
        ("word " * 40, "word word word word word word word word word word word…"),
        ("x" * 100, "x" * 59 + "…"),
        ("", None),
        ("...", None),
        ("<think>never ends", None),
    ],
)
def test_a_title_is_made_of_what_was_said(answer: str, title: str | None) -> None:
    assert title_of_model(answer) == title


@given(st.text(max_size=300))
def test_whatever_a_model_says_the_title_is_short_and_plain(answer: str) -> None:
    title = title_of_model(answer)
    if title is not None:
        assert 0 < len(title) <= 60
        assert title == title.strip()
        assert title.isprintable()
        assert "<" not in title
