"""What the landing and pricing pages say, in both languages: texts.toml, with what the operator's own file changes."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, cast

from ai_chat.kernel.refusal import Refusal

Language = Literal["ru", "en"]
Texts = Mapping[str, str]

SHIPPED = Path(__file__).with_name("texts.toml")


class LandingFileError(Refusal):
    """The operator's file does not make sense; the message is one sentence for them."""


def load_texts(path: Path | None) -> Mapping[Language, Texts]:
    """The shipped texts with what the file at `path` changes: sections `[ru]` and `[en]`, then any of the names there."""
    texts: dict[str, dict[str, str]] = tomllib.loads(SHIPPED.read_text(encoding="utf-8"))
    if path is not None:
        for language, values in _read(path).items():
            if language not in texts or not isinstance(values, dict):
                raise LandingFileError(
                    f"The landing file {path} has a section [{language}]; there are only [ru] and [en]."
                )
            for name, value in values.items():
                if name not in texts[language] or not isinstance(value, str):
                    raise LandingFileError(
                        f"The landing file {path} sets {language}.{name}, which is no text of the page."
                    )
                texts[language][name] = value
    return cast(Mapping[Language, Texts], texts)


def _read(path: Path) -> dict[str, object]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        raise LandingFileError(f"The landing file {path} cannot be read: {problem}.") from problem
