"""Markdown as it is read in one line: its signs are left out, its code and its words stay as they are."""

import re

_PUT_ASIDE = "\ue000{}\ue001"
"""Stands for a piece of code while the signs around it are taken away."""
_ASIDE = re.compile("\ue000(\\d+)\ue001")
_TAKEN = str.maketrans("\ue000\ue001", "  ")
_FENCED = re.compile(r"^[ \t>]*(`{3,}|~{3,})[^\n]*\n?(.*?)(?:^[ \t>]*\1[`~]*[ \t]*$|\Z)", re.MULTILINE | re.DOTALL)
_FENCE = re.compile(r"^[ \t>]*(?:`{3}|~{3})", re.MULTILINE)
_CODE = re.compile(r"(?<![`\\])(`{1,2})(?!`)([^\n]{1,300}?)(?<!`)\1(?!`)")

_LEFT_OUT = (
    (r"^[ \t]*(?:>[ \t]?)+", ""),  # quotation
    (r"^(?=[^\n]*\|)(?=[^\n]*-)[ \t:|-]+$", ""),  # the line under a table's head
    (r"^[ \t]*(?:[-*_=][ \t]*){3,}$", ""),  # rule, or the line under a heading
    (r"^[ \t]*#{1,6}[ \t]+", ""),
    (r"^([ \t]*)[-*+][ \t]+(?:\[[ xX]\][ \t]+)?", r"\1• "),
    (r"(?<![\w\\])!?\[([^\[\]\n]{0,300})\]\((?:[^\s()]++|\([^\s()]*+\))*+(?:[ \t]+\"[^\"\n]*+\")?(?:\)|\Z)", r"\1"),
    (r"~~(?=\S)([^~\n]{1,500}?)(?<=\S)~~", r"\1"),
    # Strong, emphasised, and either within the other; a single sign within a word is multiplication, or part of a name.
    (r"(?<!\\)(\*{2,3})(?=[^\s*])([^*\n]{1,500}?)(?<=[^\s\\])\1", r"\2"),
    (r"(?<![\w*\\])\*(?=[^\s*])([^*\n]{1,500}?)(?<=[^\s\\])\*(?![\w*])", r"\1"),
    (r"(?<!\\)(\*{2,3})(?=[^\s*])([^*\n]{1,500}?)(?<=[^\s\\])\1", r"\2"),
    (r"(?<![\w\\])(_{1,3})(?=[^\s_])([^\n]{1,500}?)(?<=[^\s_\\])\1(?!\w)", r"\2"),
    (r"\\([!-/:-@\[-`{-~])", r"\1"),
)
"""Left to `re` to compile when the first is wanted: it takes a fifth of a second, which every start would wait."""
_ROW = re.compile(r"^[ \t]*\|.*$", re.MULTILINE)


def plain_text(markdown: str, *, within_code: bool = False) -> str:
    """For pieces of some thousand characters; one may begin in the middle of fenced code. What looks like HTML stays text."""
    code: list[str] = []

    def put_aside(found: re.Match[str]) -> str:
        code.append(found[2])
        return _PUT_ASIDE.format(len(code) - 1)

    text = markdown.translate(_TAKEN)
    text = _FENCED.sub(put_aside, f"```\n{text}" if within_code else text)
    text = _CODE.sub(put_aside, text)
    for pattern, instead in _LEFT_OUT:
        text = re.sub(pattern, instead, text, flags=re.MULTILINE)
    text = _ROW.sub(lambda row: row[0].replace("|", " "), text)
    return _ASIDE.sub(lambda found: code[int(found[1])], text)


def ends_within_code(markdown: str) -> bool:
    """Whether what comes next is still fenced code."""
    return len(_FENCE.findall(markdown)) % 2 == 1
