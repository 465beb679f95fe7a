"""An offline estimate of how many tokens a text has.

Providers' tokenizers differ and their tables weigh megabytes; limits and context trimming only need a stable figure that
is within some 15 % for prose in Latin and Cyrillic script. Everything unusual errs on the high side, because the figure
bounds what a message may cost: rare scripts, odd white space and shouting must not count for less than they are.
"""

import re
from collections.abc import Sequence
from math import ceil

# What modern byte-pair vocabularies do on average: a Latin word of up to seven letters is one token, a Russian one of up
# to four letters, digits go by two; capitals are rare in the vocabularies. One blank belongs to the next word; indentation
# packs well. What is left is counted by the sign. Each match is a token: text is long, and this runs beside all streams.
_TOKEN = re.compile(
    r"(?<![A-Z])[A-Z](?![A-Z])[a-z]{0,6}|[A-Z]{1,2}|[a-z]{1,7}|[\u0410-\u044f\u0401\u0451]{1,4}|[0-9]{1,2}"
    r"|(?<= ) {1,8}|(?<=\n)\n{1,8}|(?<=\t)\t{1,8}|[^ \n\t]",
)
# Signs that a vocabulary has to spell by bytes: neither punctuation, European or Semitic letters, nor kana, Han or Hangul.
_SPELLED = re.compile("[\u0800-\u200f\u2045-\u2fff\ua000-\uabff\ud7a4-\uffff]")
_SPELLED_LONG = re.compile("[\U00010000-\U0010ffff]")
_SIGNS_A_TOKEN = 8
"""No token has more in any text."""
_SAMPLES, _SAMPLE = 8, 256
MESSAGE_OVERHEAD = 4
"""Tokens that the role and the separators of a message take."""


def estimate_tokens(text: str) -> int:
    """Estimated tokens of `text`; 0 only for an empty one."""
    total = len(_TOKEN.findall(text))
    if not text.isascii():
        total += 2 * len(_SPELLED.findall(text)) + 3 * len(_SPELLED_LONG.findall(text))
    return max(total, 1) if text else 0


def estimates_up_to(most: int, texts: Sequence[str]) -> list[int]:
    """Estimated tokens of each. Texts that are more than `most` together in any case are not read to their end: then it is
    one figure for all of them, which is more than `most` and may be too low.
    """
    length = sum(map(len, texts))
    return [ceil(length / _SIGNS_A_TOKEN)] if length > most * _SIGNS_A_TOKEN else list(map(estimate_tokens, texts))


def estimate_from_samples(text: str) -> int:
    """As `estimate_tokens`; of a long text some pieces are read, evenly spread. For texts that nobody writes to be taken for
    less than they are: a model's answers.
    """
    read = _SAMPLES * _SAMPLE
    if len(text) <= read:
        return estimate_tokens(text)
    step = (len(text) - _SAMPLE) / (_SAMPLES - 1)
    starts = [round(number * step) for number in range(_SAMPLES)]
    return ceil(sum(estimate_tokens(text[start : start + _SAMPLE]) for start in starts) * len(text) / read)
