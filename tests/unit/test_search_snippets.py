"""What of a message is shown where it was found: its words, without the signs of Markdown."""

import pytest

from ai_chat.features.search.plain_text import plain_text
from ai_chat.features.search.snippets import snippet
from ai_chat.features.search.words import terms_of

FENCED = """До
```python
# **run** `x`
def run(**kw): return kw["a"] * 2
```
После **run**"""


def shown(text: str, query: str) -> str:
    return "".join(f"[{one.text}]" if one.match else one.text for one in snippet(text, terms_of(query)))


@pytest.mark.parametrize(
    ("markdown", "plain"),
    [
        ("## Ответ\nДа.", "Ответ\nДа."),
        ("Итог\n====\nДа\n----\n***", "Итог\n\nДа\n\n"),
        ("**Важно**: *не* __надо__ _так_ ~~вовсе~~", "Важно: не надо так вовсе"),
        ("***оба*** и **одно *в* другом** и *одно **в** другом*", "оба и одно в другом и одно в другом"),
        ("10**кг**", "10кг"),
        ("**`npm i`** и ``a`b``", "npm i и a`b"),
        ("`**kwargs`, `__init__`, `[a](b)`", "**kwargs, __init__, [a](b)"),
        ('[ссылка](https://a.example/x_(y)_z "t") и ![кот](cat.png)', "ссылка и кот"),
        ("> цитата\n> > вторая", "цитата\nвторая"),
        ("- один\n  * два\n+ [x] три\n1. четыре", "• один\n  • два\n• три\n1. четыре"),
        ("| а | **б** |\n|---|:-:|\n| 1 | 2 |", "  а   б  \n\n  1   2  "),
        (r"\*не\* \_так\_ C:\dir", "*не* _так_ C:\\dir"),
        ("snake_case_name, 2 * 3 * 4, a*b*c, f(**kw), x[0](y), #1, -5, a|b", None),
        ("<b>не</b> <script>alert(1)</script> &lt;i&gt;", None),
        (FENCED, 'До\n# **run** `x`\ndef run(**kw): return kw["a"] * 2\n\nПосле run'),
        ("\ue0000\ue001 `a`", " 0  a"),
    ],
)  # fmt: skip
def test_signs_of_markdown_are_left_out_and_nothing_else(markdown: str, plain: str | None) -> None:
    assert plain_text(markdown) == (markdown if plain is None else plain)


def test_a_snippet_shows_words_without_signs_and_marks_those_that_were_meant() -> None:
    text = "# Бег\n\n**Running** is `fun`: see [how to *run*](https://example.com/a) <img src=x onerror=alert(1)>"
    assert shown(text, "run") == "Бег [Running] is fun: see how to [run] <img src=x onerror=alert(1)>"


@pytest.mark.parametrize(
    ("text", "query", "expected"),
    [
        ("See [this](https://hedgehog.example)", "hedgehog", "See [this](https://[hedgehog].example)"),
        ("```rust\nlet x\n```", "rust", "```[rust] let x ```"),
        ("un**dividable**", "dividable", "un**[dividable]**"),
    ],
)
def test_a_word_that_stands_among_the_signs_is_shown_there(text: str, query: str, expected: str) -> None:
    assert shown(text, query) == expected


def test_code_that_begins_far_before_a_snippet_stays_as_it_is() -> None:
    code = "```\n" + "x = 1\n" * 500 + "y = f(**a, **b)  # target\n```\n\n**Done**"
    assert shown(code, "target").endswith("y = f(**a, **b) # [target] Done")


@pytest.mark.parametrize(
    "sign", ["*", "_", "`", "~", "[", "](", "- ", "> ", "|", "**a", "[a](", "`a``", "#", "\\", "-|"]
)
def test_no_text_keeps_the_server_busy(sign: str) -> None:
    assert len(shown(sign * (100_000 // len(sign)) + " run", "run")) < 500
