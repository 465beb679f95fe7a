"""An offline estimate of how many tokens a text has.

Providers' tokenizers differ and their tables weigh megabytes; limits and context trimming only need a stable figure that
is within some 15 % for prose in Latin and Cyrillic script and errs on the high side for code and rare scripts.
"""

import re

# What modern byte-pair vocabularies do on average: a Latin word of up to seven letters is one token, a Cyrillic one of up
# to four, digits go by three, punctuation by one, and whatever is left (emoji, CJK, Arabic …) by about one a character.
_PIECE = re.compile(
    r"(?P<latin>[A-Za-z]+)|(?P<cyrillic>[\u0400-\u04FF]+)|(?P<digits>[0-9]+)|(?P<space>\s+)|(?P<other>.)", re.DOTALL
)


def estimate_tokens(text: str) -> int:
    """Estimated tokens of `text`; 0 only for an empty one."""
    total = 0
    for match in _PIECE.finditer(text):
        kind, length = match.lastgroup, match.end() - match.start()
        if kind == "latin":
            total += -(-length // 7)
        elif kind == "cyrillic":
            total += -(-length // 4)
        elif kind == "digits":
            total += -(-length // 3)
        elif kind == "space":
            total += (length - 1 + 7) // 8  # one blank belongs to the next word; indentation packs well
        else:
            total += 2 if ord(match.group()) > 0xFFFF else 1
    return max(total, 1) if text else 0
