r"""MathML -> Typst's mathematics.

The MathML is what `llmglossary.formulas` makes of TeX for the site, so that a formula means the
same in both. Its elements are few and say plainly what is a fraction, a script or a fence;
anything that is not known here is refused, never set as something else.

Rows are written as tokens of Typst's math mode. Letters and signs are tokens of their own;
whatever has a meaning in Typst's syntax is escaped or written by name.
"""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest

_APPLY = "\u2061"
_INVISIBLE = {"\u2061", "\u2062", "\u2063", "\u2064", ""}
_OPENING, _CLOSING = frozenset("([{⟨⌊⌈⟮⟦"), frozenset(")]}⟩⌋⌉⟯⟧")
_BARS = frozenset("|‖∣∥")
_FENCES = _OPENING | _CLOSING | _BARS | {"/"}
_PUNCTUATION = frozenset(",;:")
# Signs that are syntax in Typst's math mode, by the name or the escape that means just the sign.
_NAMED = {
    ",": "comma",
    ";": "semi",
    ":": "colon",
    "/": "slash",
    "\\": "backslash",
    "&": "amp",
    "'": "prime",
    "′": "prime",
    "″": "prime.double",
    "*": "ast.op",
    "-": "minus",
    "|": "bar.v",
    ".": r"\.",
    "∣": "bar.v",
    '"': r"\"",
}
# Typst reads fences as a pair that grows with what is between them, and refuses a single one.
_ESCAPED = frozenset("()[]{}#$_^~@`!<>=+") | _OPENING | _CLOSING
_ACCENTS = {
    "ˆ": "hat",
    "^": "hat",
    "̂": "hat",
    "˜": "tilde",
    "~": "tilde",
    "̃": "tilde",
    "¯": "macron",
    "ˉ": "macron",
    "‾": "overline",
    "̲": "overline",  # sic: what math-core writes for \overline
    "_": "overline",
    "→": "arrow",
    "⃗": "arrow",
    "˙": "dot",
    "̇": "dot",
    "¨": "dot.double",
    "ˇ": "caron",
    "˘": "breve",
    "´": "acute",
    "`": "grave",
}
_UNDER_ACCENTS = {"_": "underline", "̲": "underline", "‾": "underline", "¯": "underline"}
_BRACES = {"⏞": "overbrace", "⏟": "underbrace", "⎴": "overbracket", "⎵": "underbracket"}
# Their scripts go above and below in a displayed formula, beside in the text.
_LARGE = frozenset("∑∏∐⋃⋂⋁⋀⨁⨂⨀⨄⨆")
_LENGTH = re.compile(r"(-?[0-9.]+)em")
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_EPSILON_EM = 0.02


class UnsupportedFormulaError(Exception):
    """MathML that is not known here; the message says what."""


@dataclass(frozen=True)
class Formula:
    """A formula as Typst takes it.

    Attributes:
        body: What goes between the dollar signs.
        tex: The source, as alternative text.
        display: Whether it stands on a line of its own.
        characters: All that is to be set in the mathematical font.
        text: All that is to be set in the font of the text.
    """

    body: str
    tex: str
    display: bool
    characters: frozenset[str]
    text: str


def convert(math: ET.Element) -> Formula:
    """Convert one ``<math>`` element.

    Args:
        math: As `llmglossary.formulas.render` makes it, without namespace.

    Raises:
        UnsupportedFormulaError: It holds an element or a sign that is not known here.
    """
    semantics = math.find("semantics")
    children = list(math if semantics is None else semantics)
    annotation = next((c for c in children if c.tag == "annotation"), None)
    shown = [child for child in children if child.tag != "annotation"]
    texts = [_content(e) for root in shown for e in root.iter() if e.tag == "mtext"]
    characters = {
        char
        for root in shown
        for e in root.iter()
        if e.tag in {"mi", "mo", "mn"}
        for char in _content(e)
        if char not in _INVISIBLE
    }
    return Formula(
        body=_join(_row(shown)) or '""',
        tex=(annotation.text or "") if annotation is not None else "",
        display=math.get("display") == "block",
        characters=frozenset(characters),
        text="".join(texts),
    )


def _join(tokens: Sequence[str]) -> str:
    """Write tokens one after the other.

    A space beside a quoted text would show; between others it only separates.
    """
    written: list[str] = []
    for token in tokens:
        if not token:
            continue
        if written and not (written[-1].endswith('"') or token.startswith('"')):
            written.append(" ")
        written.append(token)
    return "".join(written)


def _content(element: ET.Element) -> str:
    return "".join(element.itertext()).strip("\n") if element.tag == "mtext" else _text(element)


def _text(element: ET.Element) -> str:
    return "".join(element.itertext()).strip()


def _string(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _row(elements: Sequence[ET.Element]) -> list[str]:
    """Return the tokens of what stands side by side."""
    tokens: list[str] = []
    index = 0
    while index < len(elements):
        element = elements[index]
        following = elements[index + 1] if index + 1 < len(elements) else None
        dots = _dots(elements[index : index + 3])
        if dots:
            tokens.append(dots)
            index += 3
            continue
        applied = following is not None and following.tag == "mo" and _text(following) == _APPLY
        tokens.append(_element(element, operator=applied))
        index += 1
    return tokens


def _dots(elements: Sequence[ET.Element]) -> str | None:
    """Return the name of an ellipsis that is written as three signs."""
    signs = [_text(e) for e in elements if e.tag == "mo"]
    spaced = any(e.get("lspace") is not None or e.get("rspace") is not None for e in elements)
    if signs == ["."] * 3 and spaced:
        return "dots.h"
    return "dots.h.c" if signs == ["⋅"] * 3 else None


def _one(element: ET.Element, *, operator: bool = False) -> str:
    """Return an element as one argument of a function."""
    return _element(element, operator=operator) or '""'


def _element(element: ET.Element, *, operator: bool = False) -> str:
    tag = element.tag
    write = _WRITERS.get(tag)
    if write is None:
        raise UnsupportedFormulaError(f"`<{tag}>` of MathML is not set in the book")
    return write(element, operator)


def _mi(element: ET.Element, operator: bool) -> str:  # noqa: FBT001
    text = _text(element)
    if operator:
        return f"op({_string(text)})"
    letters = text.replace("\ufe00", "").replace("\ufe01", "")
    if len(letters) > 1:
        return _string(text)
    if element.get("mathvariant") == "normal":
        return f"upright({_sign(text)})" if text.isalpha() else _sign(text)
    if re.fullmatch("[\u0391-\u03a9]", text):
        return f"italic({text})"
    return _sign(text)


def _mn(element: ET.Element, operator: bool) -> str:  # noqa: ARG001, FBT001
    text = _text(element)
    return text if _NUMBER.fullmatch(text) else f'class("normal", {_string(text)})'


def _mtext(element: ET.Element, operator: bool) -> str:  # noqa: ARG001, FBT001
    return _string(_content(element).replace("\u00a0", " "))


def _sign(text: str) -> str:
    if text in _INVISIBLE:
        return ""
    if text in _NAMED:
        return _NAMED[text]
    if text in _ESCAPED:
        return f"\\{text}"
    return text if len(text) == 1 or "\ufe00" in text else _string(text)


def _mo(element: ET.Element, operator: bool) -> str:  # noqa: FBT001
    text = _text(element)
    if operator and text not in _INVISIBLE:
        return f"op({_string(text)})"
    sign = _sign(text)
    size = _length(element.get("minsize"))
    if size and element.get("minsize") == element.get("maxsize") and text in _FENCES:
        kind = _fence_kind(element)
        sign = f"lr(size: #{size}em, {sign})"
    elif text in _BARS:
        kind = _fence_kind(element)
    else:
        # A comma is punctuation, unless it is told to leave no space.
        kind = _kind(element)
        if (text in _PUNCTUATION) != (kind == "normal"):
            kind = ""
    return f'class("{kind}", {sign})' if kind and sign else sign


def _fence_kind(element: ET.Element) -> str:
    """Return the class of a fence: of a vertical bar only its attributes tell what it is."""
    if _text(element) in _OPENING:
        return "opening"
    if _text(element) in _CLOSING:
        return "closing"
    form = element.get("form")
    if form == "prefix":
        return "opening"
    if form == "postfix":
        return "closing"
    if _text(element) in {"∣", "∥"} and element.get("lspace") is None:
        return "relation"
    return _kind(element)


def _kind(element: ET.Element) -> str:
    """Return the class that the spaces around a sign amount to, as TeX has them."""
    left, right = (_length(element.get(side)) for side in ("lspace", "rspace"))
    if left is None or right is None:
        return "normal" if right == 0 else ""
    if min(left, right) < _EPSILON_EM:
        return "normal"
    return "binary" if max(left, right) < 0.25 else "relation"  # noqa: PLR2004 - 4/18 and 5/18 em


def _length(value: str | None) -> float | None:
    if value is None:
        return None
    if value == "0":
        return 0.0
    match = _LENGTH.fullmatch(value.strip())
    return float(match[1]) if match else None


def _space(width: float) -> str:
    return f"#h({width:g}em)" if abs(width) > _EPSILON_EM else ""


def _style_length(element: ET.Element, name: str) -> float:
    match = re.search(rf"(?:^|;)\s*{name}\s*:\s*(-?[0-9.]+)em", element.get("style", ""))
    return float(match[1]) if match else 0.0


def _mspace(element: ET.Element, operator: bool) -> str:  # noqa: ARG001, FBT001
    return _space((_length(element.get("width")) or 0.0) + _style_length(element, "margin-left"))


def _mrow(element: ET.Element, operator: bool) -> str:  # noqa: FBT001
    children = [c for c in element if not (c.tag == "mspace" and not c.attrib)]
    if operator and len(children) == 1:
        return _element(children[0], operator=True)
    if operator:
        return f"op(upright({_join(_row(children))}))"
    body = _binomial(children) or _fenced(children)
    if body is None:
        body = _join(_row(children))
    if element.get("displaystyle") == "true":
        return f"display({body or _string('')})"
    return body


def _binomial(children: Sequence[ET.Element]) -> str | None:
    if [c.tag for c in children] != ["mo", "mfrac", "mo"]:
        return None
    fraction = children[1]
    if fraction.get("linethickness") != "0" or _text(children[0]) != "(":
        return None
    top, bottom = fraction
    body = f"binom({_one(top)}, {_one(bottom)})"
    return f"inline({body})" if fraction.get("displaystyle") == "false" else body


def _fenced(children: Sequence[ET.Element]) -> str | None:
    r"""Return what ``\left`` and ``\right`` enclose, with delimiters that grow."""
    if len(children) < 2 or not (_grows(children[0]) and _grows(children[-1])):  # noqa: PLR2004
        return None
    inner: list[ET.Element] = []
    tokens: list[str] = []
    for child in children[1:-1]:
        if _grows(child) and _text(child) in {"|", "∣", "‖", "∥", "/"} and child.get("lspace"):
            tokens += [*_row(inner), f"mid({_sign(_text(child))})"]
            inner = []
        else:
            inner.append(child)
    tokens += _row(inner)
    left, right = (_sign(_text(children[i])) for i in (0, -1))
    return f"lr({_join([left, *tokens, right])})"


def _grows(element: ET.Element) -> bool:
    text = _text(element)
    return (
        element.tag == "mo"
        and (text in _FENCES or text in {"", "\u2063"})
        and element.get("stretchy") != "false"
        and element.get("minsize") is None
    )


def _mfrac(element: ET.Element, operator: bool) -> str:  # noqa: ARG001, FBT001
    top, bottom = element
    if element.get("linethickness") == "0":
        body = f"mat(delim: #none, row-gap: #0.3em, {_one(top)}; {_one(bottom)})"
    else:
        body = f"frac({_one(top)}, {_one(bottom)})"
    style = {"true": "display", "false": "inline"}.get(element.get("displaystyle", ""))
    return f"{style}({body})" if style else body


def _msqrt(element: ET.Element, operator: bool) -> str:  # noqa: ARG001, FBT001
    return f"sqrt({_join(_row(list(element))) or _string('')})"


def _mroot(element: ET.Element, operator: bool) -> str:  # noqa: ARG001, FBT001
    body, index = element
    return f"root({_one(index)}, {_one(body)})"


def _scripts(element: ET.Element, operator: bool) -> str:  # noqa: FBT001
    base, *rest = element
    names = {"msub": ["b"], "msup": ["t"], "msubsup": ["b", "t"]}[element.tag]
    nucleus = _one(base, operator=operator)
    if operator or (base.tag == "mo" and _text(base) in _LARGE):
        nucleus = f"scripts({nucleus})"
    return _attached(nucleus, zip(names, rest, strict=True))


def _attached(nucleus: str, scripts: Iterable[tuple[str, ET.Element]]) -> str:
    written = []
    for name, script in scripts:
        primes = _text(script) if script.tag in {"mo", "mrow"} else ""
        if name == "t" and primes and set(primes) == {"′"}:
            written.append(f"tr: #math.primes({len(primes)})")
        else:
            written.append(f"{name}: {_one(script)}")
    return f"attach({nucleus}, {', '.join(written)})"


def _over_under(element: ET.Element, operator: bool) -> str:  # noqa: FBT001
    base, *rest = element
    names = {"munder": ["b"], "mover": ["t"], "munderover": ["b", "t"]}[element.tag]
    accent = element.get("accent") == "true" or element.get("accentunder") == "true"
    mark = _text(rest[0])
    if len(rest) == 1 and mark in _BRACES:
        return f"{_BRACES[mark]}({_one(base)})"
    if len(rest) == 1 and accent:
        known = _ACCENTS if element.tag == "mover" else _UNDER_ACCENTS
        if mark not in known:
            raise UnsupportedFormulaError(f"the accent `{mark}` is not set in the book")
        wide = rest[0].get("stretchy") != "false" and known[mark] in {"hat", "tilde"}
        name = known[mark]
        if name in {"overline", "underline"}:
            return f"{name}({_one(base)})"
        return f"{name}({_one(base)}{'' if wide else ', size: #100%'})"
    if len(rest) == 1 and base.tag in {"munder", "mover"} and _text(base[1]) in _BRACES:
        # A brace and what is written at it.
        return f"{_BRACES[_text(base[1])]}({_one(base[0])}, {_one(rest[0])})"
    nucleus = _one(base, operator=operator)
    movable = base.tag == "mo" and base.get("movablelimits") != "false" and _text(base) in _LARGE
    if not movable:
        nucleus = f"limits({nucleus})"
        if base.tag == "mo" and _text(base) not in _LARGE:
            nucleus = f'class("relation", {nucleus})'
    return _attached(nucleus, zip(names, rest, strict=True))


def _mtable(element: ET.Element, operator: bool) -> str:  # noqa: ARG001, FBT001
    rows = [list(row) for row in element if row.tag == "mtr"]
    if len(rows) != len(element) or any(cell.tag != "mtd" for row in rows for cell in row):
        raise UnsupportedFormulaError("a table with labelled rows is not set in the book")
    traits = [[_traits(cell) for cell in row] for row in rows]
    sides = [_sides(column) for column in zip_longest(*traits, fillvalue=frozenset())]
    display = element.get("displaystyle") == "true"
    paired = display and "right" in sides
    written = []
    for row in rows:
        cells = [_join(_row(list(cell))) or '""' for cell in row]
        if display:
            cells = [f"display({cell})" for cell in cells]
        if paired:
            # Equations that line up: a right and a left cell are one column with a mark between.
            pairs = [cells[i : i + 2] for i in range(0, len(cells), 2)]
            cells = [" & ".join(pair) for pair in pairs]
        elif len(set(sides)) > 1:
            marks = {"left": "& {}", "right": "{} &", "center": "{}"}
            cells = [marks[side].format(c) for side, c in zip(sides, cells, strict=False)]
        written.append(", ".join(cells))
    options = [
        "delim: #none",
        f"align: #{sides[0] if len(set(sides)) == 1 else 'center'}",
        f"row-gap: #{0.7 if display else 0.45:g}em",
        f"column-gap: #{'2em' if paired else '1em'}",
        *_lines(traits),
    ]
    return f"mat({', '.join(options)}, {'; '.join(written)})"


# What is said of a cell, as a class or, by math-core itself, as a style.
_TRAITS = {
    "text-align: left": "left",
    "text-align: right": "right",
    "border-top: 0.05em solid": "line-top",
    "border-right: 0.05em solid": "line-right",
    "dashed": "dashes",
}


def _traits(cell: ET.Element) -> frozenset[str]:
    classes = {re.sub("^dashes-.*", "dashes", c) for c in (cell.get("class") or "").split()}
    style = cell.get("style", "")
    return frozenset(classes.union(name for words, name in _TRAITS.items() if words in style))


def _sides(column: Sequence[frozenset[str]]) -> str:
    """Return to which side the cells of a column stand."""
    found = frozenset().union(*column)
    return next((side for side in ("left", "right") if side in found), "center")


def _lines(traits: Sequence[Sequence[frozenset[str]]]) -> list[str]:
    """Return the rules between columns and rows, as the option of a matrix."""
    if any("dashes" in cell for row in traits for cell in row):
        raise UnsupportedFormulaError("dashed lines in a table are not set in the book")
    vertical = [i + 1 for i, cell in enumerate(traits[0]) if "line-right" in cell]
    horizontal = [i for i, row in enumerate(traits) if i and all("line-top" in c for c in row)]
    if not vertical and not horizontal:
        return []
    horizontals, verticals = _numbers(horizontal), _numbers(vertical)
    return [f"augment: #(hline: ({horizontals}), vline: ({verticals}), stroke: 0.05em)"]


def _numbers(numbers: Sequence[int]) -> str:
    return "".join(f"{number}, " for number in numbers)


def _mphantom(element: ET.Element, operator: bool) -> str:  # noqa: ARG001, FBT001
    return f"#hide[${_join(_row(list(element)))}$]"


def _mpadded(element: ET.Element, operator: bool) -> str:  # noqa: FBT001
    sides = [_space(_style_length(element, f"padding-{side}")) for side in ("left", "right")]
    body = _mrow(element, operator) if len(element) != 1 else _element(element[0])
    return _join([sides[0], body, sides[1]])


def _mstyle(element: ET.Element, operator: bool) -> str:  # noqa: FBT001
    return _mrow(element, operator)


_WRITERS = {
    "mi": _mi,
    "mn": _mn,
    "mo": _mo,
    "mtext": _mtext,
    "mspace": _mspace,
    "mrow": _mrow,
    "mstyle": _mstyle,
    "mfrac": _mfrac,
    "msqrt": _msqrt,
    "mroot": _mroot,
    "msub": _scripts,
    "msup": _scripts,
    "msubsup": _scripts,
    "munder": _over_under,
    "mover": _over_under,
    "munderover": _over_under,
    "mtable": _mtable,
    "mphantom": _mphantom,
    "mpadded": _mpadded,
}
