"""Where in a Markdown file the pieces of a paragraph stand.

markdown-it knows the lines of a block and nothing of what is inside it. But the pieces come in
the order of the source, so each is found by looking for it behind the one before.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from .model import Place

if TYPE_CHECKING:
    from markdown_it.token import Token

_BREAKS = {"softbreak", "hardbreak"}
# They leave no character in the text.
_MARKS = {f"{name}_{side}" for name in ("link", "em", "strong", "s") for side in ("open", "close")}
_ENTITY = re.compile(r"&[#\w]+;")


def pieces(token: Token) -> Iterator[tuple[Token, int]]:
    """Yield the children of an inline token, each with where it begins in the token's content."""
    source, cursor = token.content, 0
    for child in token.children or ():
        start = _find(source, _beginning(child), cursor)
        yield child, start
        cursor = _end(source, child, start)


def _beginning(child: Token) -> str:
    """Return what the source of a child begins with."""
    if child.type in _BREAKS:
        return "\n"
    if child.type == "image":
        return "!["
    if child.type == "link_open":
        return "<" if child.markup == "autolink" else "["
    if child.type == "link_close":
        return ">" if child.markup == "autolink" else "]"
    if child.type in {"text", "html_inline"}:
        return child.content
    return child.markup


def _find(source: str, wanted: str, cursor: int) -> int:
    found = source.find(wanted, cursor)
    # A text with an escaped character does not stand in the source as it is read.
    return cursor if found < 0 else found


def _end(source: str, child: Token, start: int) -> int:
    if child.type == "text":
        places = characters(source, child.content, start)
        return places[-1] + 1 if places else start
    if child.type in {"link_close", "image"}:
        bracket = start if child.type == "link_close" else source.find("](", start)
        return _behind_address(source, max(bracket, start))
    if child.type == "html_inline":
        return start + len(child.content)
    inside = start + len(child.markup)
    if child.type.startswith(("code_inline", "math_inline")):
        closing = source.find(child.markup, inside + len(child.content))
        return closing + len(child.markup) if closing >= 0 else inside
    return start + len(_beginning(child))


def _behind_address(source: str, bracket: int) -> int:
    """Return where ``](address)`` ends; behind the bracket if none follows."""
    if not source.startswith("](", bracket):
        return bracket + 1
    depth = 0
    for offset in range(bracket + 1, len(source)):
        depth += {"(": 1, ")": -1}.get(source[offset], 0)
        if depth == 0:
            return offset + 1
    return bracket + 1


def characters(source: str, text: str, start: int) -> Sequence[int]:
    """Return where in `source` each character of `text` stands, which begins at `start`."""
    if source.startswith(text, start):
        return range(start, start + len(text))
    places = []
    cursor = start
    for character in text:
        found = source.find(character, cursor, cursor + 2)
        entity = None if found == cursor else _ENTITY.match(source, cursor)
        places.append(cursor if found < 0 or entity else found)
        cursor = entity.end() if entity else places[-1] + 1
    return places


class SourceLines:
    """The lines of a body, and where they are in the file."""

    def __init__(self, body: str, first_line: int) -> None:
        self._lines = body.split("\n")
        self._first_line = first_line
        self._found: dict[int, tuple[Token, int, int]] = {}  # by line: whose part, start and end

    def place(self, token: Token, offset: int) -> Place:
        """Return the place in the file for an offset in the content of a block's token.

        The cells of a table row are to be asked for in their order.
        """
        number = token.content.count("\n", 0, offset)
        begin = token.content.rfind("\n", 0, offset) + 1
        part = token.content[begin:].split("\n", 1)[0]
        line = (token.map[0] if token.map else 0) + number
        if line >= len(self._lines):
            return Place(line + self._first_line)
        owner, indent, end = self._found.get(line, (None, 0, 0))
        if owner is not token:
            indent = max(self._lines[line].find(part, end), self._lines[line].find(part), 0)
            self._found[line] = token, indent, indent + len(part)
        return Place(line + self._first_line, indent + offset - begin + 1)

    def find(self, token: Token, text: str) -> Place:
        """Return the place of the first line of a block that holds `text`."""
        start, end = token.map or (0, 1)
        for number in range(start, min(end, len(self._lines))):
            column = self._lines[number].find(text)
            if column >= 0:
                return Place(number + self._first_line, column + 1)
        return Place(start + self._first_line)


def occurrence(lines: Sequence[str], token: Token, word: str, number: int) -> tuple[int, int]:
    """Find a word of prose in Markdown.

    Args:
        lines: The Markdown.
        token: What markdown-it makes of it as inline text.
        word: As a reader sees it.
        number: How many times it stands before, code and addresses left out.

    Returns:
        Its line and column in `lines`, counted from 0; the beginning if it is not found.
    """
    text, offsets = prose(token)
    found = nth(text, word, number)
    if found < 0:
        return 0, 0
    source, offset = "\n".join(lines), offsets[found]
    return source.count("\n", 0, offset), offset - source.rfind("\n", 0, offset) - 1


def prose(token: Token) -> tuple[str, Sequence[int]]:
    """Return the text of an inline token as read, and where each character stands in its content.

    U+FFFC stands for code, formulas and images.
    """
    text: list[str] = []
    offsets: list[int] = []
    for child, start in pieces(token):
        if child.type == "text":
            text.append(child.content)
            offsets.extend(characters(token.content, child.content, start))
        elif child.type not in _MARKS:
            text.append("\n" if child.type in _BREAKS else "\ufffc")
            offsets.append(start)
    return "".join(text), offsets


def nth(text: str, word: str, number: int) -> int:
    """Return where `word` stands in `text` after `number` others of it; -1 if it does not."""
    found = text.find(word)
    while number and found >= 0:
        found = text.find(word, found + 1)
        number -= 1
    return found


def count_before(text: str, word: str, start: int) -> int:
    """Return how many times `word` begins in `text` before `start`."""
    return sum(text.startswith(word, offset) for offset in range(start))
