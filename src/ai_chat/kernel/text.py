"""What text may enter the product. Emoji, any script and any length of word may; what no database can hold may not."""

NUL = "\x00"


def storable(text: str) -> bool:
    """False for NUL (PostgreSQL cannot store it) and lone surrogates (UTF-8 cannot encode them)."""
    if NUL in text:
        return False
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def storable_piece(text: str) -> str:
    """`text` made storable: NUL dropped, surrogate pairs joined, lone halves replaced. For what providers send."""
    if NUL in text:
        text = text.replace(NUL, "")
    if not text.isascii():
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text
