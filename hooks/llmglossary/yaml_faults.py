"""What a contributor did wrong where libyaml gives up, and what to write instead.

libyaml says which token it did not expect, often a line behind the mistake. The mistakes are few:
a colon, a quote or a bracket in a text without quotes, one that is not closed, a wrong indent.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

_SHOWN = 40
_CONFLICT = re.compile(r"<{7}(?!<)|={7}$|>{7}(?!>)")
_SPECIAL = "@`%*&|>?!"


@dataclass(frozen=True)
class Complaint:
    """What libyaml says; lines and columns count from 0.

    Attributes:
        lines: Of the document.
        said: What it did not find, or found.
        line: Where it noticed.
        column: As for `line`.
        opened: The line and column of what it was in the middle of.
        first_line: That of the file on which the document begins, for what messages say.
    """

    lines: Sequence[str]
    said: str
    line: int
    column: int
    opened: tuple[int, int] | None
    first_line: int

    @property
    def text(self) -> str:
        """The line where it noticed; empty behind the end."""
        return self.lines[self.line] if self.line < len(self.lines) else ""

    @property
    def above(self) -> int | None:
        """The nearest line above that holds anything."""
        return next((n for n in range(self.line - 1, -1, -1) if _holds(self.lines[n])), None)


@dataclass(frozen=True)
class Explanation:
    """The likely mistake, its place (from 0), and what to write instead."""

    line: int
    column: int
    message: str
    fix: str


def explain(complaint: Complaint) -> Explanation | None:
    """Return the likely mistake behind a complaint, if it is one of the usual ones."""
    return next((found for look in _LOOKS if (found := look(complaint))), None)


def _holds(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith("#")


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _quoted(text: str) -> str:
    """Return a text as YAML in quotes, cut where it is long."""
    text = text.strip().strip("\"'")
    shown = text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
    return f"'{shown}'" if '"' in shown else f'"{shown}"'


def _conflict(complaint: Complaint) -> Explanation | None:
    for number, line in enumerate(complaint.lines[: complaint.line + 1]):
        if _CONFLICT.match(line):
            return Explanation(
                number,
                0,
                "two versions of the file were merged and never reconciled",
                "keep the lines that are right; delete those that begin with `<<<<<<<`, `=======` "
                "and `>>>>>>>`",
            )
    return None


def _tab(complaint: Complaint) -> Explanation | None:
    for number in (complaint.line, complaint.above):
        line = complaint.lines[number] if number is not None and complaint.text else ""
        tab = line.find("\t", 0, len(line) - len(line.lstrip()))
        if number is not None and tab >= 0:
            return Explanation(
                number,
                tab,
                "the line is indented with a tab",
                "put spaces in its place, two for each level; YAML takes no tabs",
            )
    return None


def _open_quote(complaint: Complaint) -> Explanation | None:
    if "end of stream" not in complaint.said or complaint.opened is None:
        return None
    line, column = complaint.opened
    mark = complaint.lines[line][column : column + 1]
    return Explanation(
        line,
        column,
        "the quote that opens here is never closed",
        f"put `{mark}` at the end of the text, or take this one away",
    )


def _no_colon(complaint: Complaint) -> Explanation | None:
    if "could not find expected ':'" not in complaint.said or complaint.opened is None:
        return None
    number = complaint.opened[0]
    line = complaint.lines[number]
    key = re.match(r"\s*(?:- +)?(?P<key>[\w-]+)(?P<sign> *[：:] *)", line)
    if key:
        wide = "：" in key["sign"]
        return Explanation(
            number,
            key.start("sign"),
            "the colon behind the key is a full-width one"
            if wide
            else "there is no space behind the colon",
            f"write `{key['key']}: {line[key.end() :].strip()[:_SHOWN]}`",
        )
    word = re.fullmatch(r"\s*(?:- +)?(?P<key>[\w-]+)\s*", line)
    if word:
        return Explanation(
            number,
            word.end("key"),
            f"there is no colon behind `{word['key']}`",
            f"write `{word['key']}: …`, or `{word['key']}:` where lines of its own follow",
        )
    return Explanation(
        number,
        _indent(line),
        "this line has no key",
        "write `key: value`; if the line goes on with the text above, put the whole text on one "
        "line",
    )


def _in_brackets(complaint: Complaint) -> Explanation | None:
    if "expected node content" in complaint.said:
        for number in range(min(complaint.line, len(complaint.lines) - 1), -1, -1):
            text = complaint.lines[number]
            found = max(text.rfind("["), text.rfind("{"))
            if found >= 0:
                return _unclosed(number, found, text[found])
    if "did not find expected ',' or" not in complaint.said:
        return None
    if complaint.opened and complaint.opened[0] != complaint.line:
        line, column = complaint.opened
        sign = complaint.lines[line][column : column + 1]
        return _unclosed(line, column, sign)
    return Explanation(
        complaint.line,
        complaint.column,
        f"`{complaint.text[complaint.column :][:_SHOWN].strip()}` is not expected within brackets",
        "put a comma between items; put a text that holds a colon, a comma or a bracket in quotes, "
        '`{preferred: "a: b"}`',
    )


def _unclosed(line: int, column: int, sign: str) -> Explanation:
    return Explanation(
        line,
        column,
        f"the `{sign}` that opens here is never closed",
        f"put `{']' if sign == '[' else '}'}` behind its last item",
    )


def _behind_a_value(complaint: Complaint) -> Explanation | None:
    """Find what stands behind a closing quote or bracket."""
    if "did not find expected key" not in complaint.said:
        return None
    before, rest = complaint.text[: complaint.column].rstrip(), complaint.text[complaint.column :]
    if not before or before[-1] not in "\"']}":
        return None
    place = complaint.line, complaint.column
    if before[-1] in "\"'":
        mark = before[-1]
        return Explanation(
            *place,
            f"the text in quotes ends before `{rest.strip()[:_SHOWN]}`",
            'inside double quotes write `\\"` for a quotation mark'
            if mark == '"'
            else "inside single quotes write `''` for an apostrophe, or use double quotes",
        )
    if rest.lstrip().startswith(before[-1]):
        return Explanation(
            *place, f"there is a `{before[-1]}` too many", f"delete one `{before[-1]}`"
        )
    value = re.sub(r"^\s*(?:- +)?[\w-]+: *", "", complaint.text)
    return Explanation(
        *place,
        "a text that begins with a bracket is taken for a list or a mapping, which ends before "
        f"`{rest.strip()[:_SHOWN]}`",
        f"put the whole text in quotes: `{_quoted(value)}`",
    )


def _wrong_indent(complaint: Complaint) -> Explanation | None:
    """Find a line that begins between the levels of those above it."""
    expected = ("did not find expected key", "did not find expected '-' indicator")
    indent = _indent(complaint.text)
    if not any(part in complaint.said for part in expected) or indent != complaint.column:
        return None
    above = [
        (_inner_indent(line), number)
        for number, line in enumerate(complaint.lines[: complaint.line])
        if _holds(line) and _inner_indent(line) != indent
    ]
    if not above:
        return None
    level, nearest = min(reversed(above), key=lambda known: abs(known[0] - indent))
    number = nearest + complaint.first_line
    return Explanation(
        complaint.line,
        complaint.column,
        f"the line begins with {_spaces(indent)}, which does not fit the lines above",
        f"begin it with as many spaces as line {number} ({level}), or as the "
        "lines that it belongs to",
    )


def _inner_indent(line: str) -> int:
    """Return where the key of a line begins: behind the hyphen of a list item."""
    found = re.match(r" *(?:- +)*", line)
    return found.end() if found else 0


def _spaces(count: int) -> str:
    return f"{count} space{'' if count == 1 else 's'}" if count else "no space"


def _colon(complaint: Complaint) -> Explanation | None:
    if "mapping values are not allowed" not in complaint.said:
        return None
    # Where even the first colon of a line is too many, the line continues the one above.
    if not re.fullmatch(r"\s+(?:- +)?[\w-]+", complaint.text[: complaint.column]):
        key = re.match(r"\s*(?:- +)?(?P<key>[\w-]+): *(?P<value>.*)", complaint.text)
        example = f"{key['key']}: {_quoted(key['value'])}" if key else 'key: "a: b"'
        return Explanation(
            complaint.line,
            complaint.column,
            "a second colon stands on this line, outside quotes",
            f"quote a value that holds a colon: `{example}`",
        )
    above = complaint.above
    if above is None:
        return None
    previous = complaint.lines[above]
    if re.match(r" *-[^\s-]", previous):
        return Explanation(
            above,
            _indent(previous),
            "there is no space behind the hyphen",
            f"write `- {previous.strip()[1:][:_SHOWN]}`",
        )
    level, number = _inner_indent(previous), above + complaint.first_line
    return Explanation(
        complaint.line,
        _indent(complaint.text),
        f"the line begins with {_spaces(_indent(complaint.text))}, deeper than line {number}, "
        "which has a value already",
        f"begin it with as many spaces as line {number} ({level}); if it goes on with that value, "
        "put all of it on one line in quotes",
    )


def _special_sign(complaint: Complaint) -> Explanation | None:
    """Find a value that begins with a sign which means something to YAML."""
    found = re.match(r"\s*(?:- +)*(?:[\w-]+: *)?[\[{]?\s*", complaint.text[: complaint.column + 1])
    start = found.end() if found else 0
    if complaint.text[start : start + 1] not in tuple(_SPECIAL):
        start = complaint.column
    sign = complaint.text[start : start + 1]
    if not sign or sign not in _SPECIAL:
        return None
    value = re.match(r"[^,\]}]*", complaint.text[start:])
    return Explanation(
        complaint.line,
        start,
        f"a text may not begin with `{sign}`",
        f"put it in quotes: `{_quoted(value.group() if value else sign)}`",
    )


_LOOKS: tuple[Callable[[Complaint], Explanation | None], ...] = (
    _conflict,
    _tab,
    _open_quote,
    _no_colon,
    _in_brackets,
    _behind_a_value,
    _wrong_indent,
    _colon,
    _special_sign,
)
