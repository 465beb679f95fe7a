"""What a chat is called when its person gave it no name."""

import re

_LONGEST = 60
_MARKS = re.compile(r"^[\s#>*`~_-]+|[*`~_]+")


def title_from(message: str) -> str | None:
    """The beginning of the first message, cut at a word; None where it has no words."""
    lines = (_MARKS.sub("", line).strip() for line in message.splitlines())
    first = " ".join(next((line for line in lines if any(sign.isalnum() for sign in line)), "").split())
    if not first:
        return None
    if len(first) <= _LONGEST:
        return first
    cut = first[:_LONGEST]
    return (cut.rpartition(" ")[0] or cut).rstrip(" ,.;:—-") + "…"
