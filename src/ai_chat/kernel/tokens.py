"""An offline estimate of how many tokens a text has.

Providers' tokenizers differ and their tables weigh megabytes; limits and context trimming only need a stable figure that
is within some 15 % for prose in Latin and Cyrillic script. Everything unusual errs on the high side, because the figure
bounds what a message may cost: rare scripts, odd white space and shouting must not count for less than they are.
"""

import re

# What modern byte-pair vocabularies do on average: a Latin word of up to seven letters is one token, a Russian one of up
# to four letters, digits go by two; capitals are rare in the vocabularies. What is left is counted by the character.
_PIECE = re.compile(
    r"(?P<capitals>[A-Z]{2,})|(?P<latin>[A-Za-z][a-z]*)|(?P<russian>[\u0410-\u044f\u0401\u0451]+)|(?P<digits>[0-9]+)"
    r"|(?P<blank> +|\n+|\t+)|(?P<other>.)",
    re.DOTALL,
)
MESSAGE_OVERHEAD = 4
"""Tokens that the role and the separators of a message take."""
_LETTERS_A_TOKEN = {"capitals": 2, "latin": 7, "russian": 4, "digits": 2}


def estimate_tokens(text: str) -> int:
    """Estimated tokens of `text`; 0 only for an empty one."""
    total = 0
    for match in _PIECE.finditer(text):
        kind, length = match.lastgroup or "other", match.end() - match.start()
        if kind in _LETTERS_A_TOKEN:
            total += -(-length // _LETTERS_A_TOKEN[kind])
        elif kind == "blank":
            total += (length - 1 + 7) // 8  # one blank belongs to the next word; indentation packs well
        else:
            total += _tokens_of_sign(ord(match.group()))
    return max(total, 1) if text else 0


def _tokens_of_sign(code: int) -> int:
    """One sign that no run above has taken."""
    if code < 0x800 or 0x2010 <= code <= 0x2044 or 0x3000 <= code <= 0x9FFF or 0xAC00 <= code <= 0xD7A3:
        return 1  # punctuation, European and Semitic letters; kana, Han, Hangul
    return 3 if code <= 0xFFFF else 4  # whatever a vocabulary has to spell by bytes
