"""Chinese typography: full-width punctuation, a space between Chinese and Latin.

autocorrect does most of it. What it leaves alone is added here: brackets around Chinese, a unit
written against its number, and punctuation behind emphasis or a link.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import autocorrect_py

from . import article as article_reader
from . import places

if TYPE_CHECKING:
    from markdown_it.token import Token

_HAN = r"\u3400-\u4dbf\u4e00-\u9fff"
_BRACKETS = re.compile(rf"(?P<before>[{_HAN}]?)\((?P<inside>[^()\n]*)\)")
_UNIT = re.compile(r"(?<![A-Za-z0-9_.\-/+])(?:\d[\d,.]*)(?=[a-z]{4,}(?![A-Za-z0-9_\-.]))")
_STOP = re.compile(rf"(?<=[{_HAN}”）\ufffc])[,;:!?](?=[{_HAN}“（])")
_IS_HAN = re.compile(f"[{_HAN}]")
# Cheap to look for, and enough to spare most articles the rest.
_WORTH_A_LOOK = re.compile(rf"\(|\d[a-z]{{4}}|[,;:!?][*~_\[]*[{_HAN}“（]")
_WIDE = str.maketrans({"(": "（", ")": "）", ",": "，", ";": "；", ":": "：", "!": "！", "?": "？"})
_VERBATIM = {"code_inline", "math_inline", "math_inline_double", "html_inline"}
_BLOCKS = {"fence", "code_block", "math_block", "math_block_label", "html_block"}
_CONTEXT = 6
_LONGEST = 30


@dataclass(frozen=True)
class Spot:
    """A few characters to set otherwise.

    Attributes:
        line: Counted from 0, in the text that was looked at.
        column: Of the first character to change, counted from 0.
        old: What stands there, with a little around it.
        new: What should.
    """

    line: int
    column: int
    old: str
    new: str


def mended(body: str, stream: Sequence[Token] | None = None) -> str:
    """Return a Chinese body of Markdown with good spacing and punctuation.

    Code, diagrams, formulas, citations, link targets and ids stay as they are: a change that
    would touch one of them is left out.

    Args:
        body: The Markdown.
        stream: What markdown-it makes of it, where that is known.

    Raises:
        ValueError: Something in it is nested too deeply for autocorrect.
    """
    completed = _completed(body, stream)
    corrected = autocorrect_py.format_for(completed, "markdown")
    if corrected == body:
        return body
    kept = untouchable(body)
    if untouchable(corrected) == kept:
        return corrected
    old, new = body.split("\n"), corrected.split("\n")
    if len(old) != len(new):
        return body
    for index, line in enumerate(new):
        if line != old[index]:
            candidate = [*old[:index], line, *old[index + 1 :]]
            if untouchable("\n".join(candidate)) == kept:
                old = candidate
    return "\n".join(old)


def mended_text(text: str) -> str:
    """Return plain Chinese text with good spacing and punctuation."""
    for start, end, new in sorted(_edits(text), reverse=True):
        text = text[:start] + new + text[end:]
    return autocorrect_py.format_for(text, "text")


def spots(old: str, new: str) -> Iterator[Spot]:
    """Yield where two texts differ, one of which is the other mended."""
    for number, (before, after) in enumerate(zip(old.split("\n"), new.split("\n"), strict=False)):
        if before != after:
            yield from _spots_of_line(number, before, after)


def _spots_of_line(number: int, old: str, new: str) -> Iterator[Spot]:
    changes = list(_changes(old, new))
    while changes:
        start, end, new_start, new_end = changes.pop(0)
        # What stands close together is one thing to look at.
        while changes and changes[0][0] - end <= _CONTEXT and end - start < _LONGEST:
            _, end, _, new_end = changes.pop(0)
        left = max(start - _CONTEXT, 0)
        right = min(end + _CONTEXT, len(old))
        head = ("…" if left else "") + old[left:start]
        tail = old[end:right] + ("…" if right < len(old) else "")
        yield Spot(
            number, start, head + old[start:end] + tail, head + new[new_start:new_end] + tail
        )


def _changes(old: str, new: str) -> Iterator[tuple[int, int, int, int]]:
    """Yield the spans in which a line and the mended one differ: spaces, and widths of signs."""
    i = j = 0
    while i < len(old) or j < len(new):
        here, there = old[i : i + 1], new[j : j + 1]
        if here == there:
            i, j = i + 1, j + 1
        elif there == " ":
            yield i, i, j, j + 1
            j += 1
        elif here == " ":
            yield i, i + 1, j, j
            i += 1
        elif here and there and _plain(here) == _plain(there):
            yield i, i + 1, j, j + 1
            i, j = i + 1, j + 1
        else:
            yield i, len(old), j, len(new)
            return


def _plain(sign: str) -> str:
    return unicodedata.normalize("NFKC", sign).translate(str.maketrans("。、", ".,"))


def _completed(body: str, stream: Sequence[Token] | None) -> str:
    """Return a body with what autocorrect leaves alone put right."""
    if not _WORTH_A_LOOK.search(body):
        return body
    lines = body.split("\n")
    source = places.SourceLines(body, 0)
    edits = []
    for token in article_reader.parse(body) if stream is None else stream:
        if token.type != "inline" or not _WORTH_A_LOOK.search(token.content):
            continue
        text, offsets = places.prose(token)
        for start, end, new in _edits(text):
            place = source.place(token, offsets[start])
            edits.append((place.line, place.column - 1, text[start:end], new))
    for line, column, old, new in sorted(edits, reverse=True):
        if lines[line].startswith(old, column):
            lines[line] = lines[line][:column] + new + lines[line][column + len(old) :]
    return "\n".join(lines)


def _edits(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield what to replace in a text: start, end and the new characters, each within a word."""
    signs = list(text)
    for found in _BRACKETS.finditer(text):
        if found["before"] or _IS_HAN.search(found["inside"]):
            for offset in (found.start("inside") - 1, found.end("inside")):
                signs[offset] = text[offset].translate(_WIDE)
                yield offset, offset + 1, signs[offset]
    for found in _UNIT.finditer(text):
        if _IS_HAN.search(text):
            yield found.end() - 1, found.end(), text[found.end() - 1] + " "
    for found in _STOP.finditer("".join(signs)):
        yield found.start(), found.end(), found.group().translate(_WIDE)


def untouchable(body: str) -> list[str]:
    """Return what no repair may change in a body: code, formulas, citations, addresses, ids."""
    found: list[str] = []
    for token in article_reader.parse(body):
        if token.type in _BLOCKS:
            found.append(token.info + token.content)
        found += [f"{token.tag} {key}={value}" for key, value in token.attrs.items()]
        for child in token.children or ():
            if child.type == "text":
                found += article_reader.CITATION.findall(child.content)
            elif child.type in _VERBATIM:
                found += [child.content]
            found += [f"{child.tag} {key}={value}" for key, value in child.attrs.items()]
    return found
