"""Drawings with their colours in them.

The site paints its drawings with a style sheet that has variables and follows the reader's theme.
A book cannot count on either: typesetters know no style sheets of a page, and many e-readers no
variables. So the same style sheet is applied here, as it stands for print, and what it says is
written into the elements.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from xml.etree import ElementTree as ET

import cssselect2
import tinycss2

SHEET = Path(__file__).parents[3] / "docs" / "assets" / "diagrams.css"

# What of the style sheet concerns a drawing itself; the rest is about its place on the page.
_PROPERTIES = frozenset(
    {"fill", "stroke", "stroke-width", "stroke-dasharray", "stroke-linejoin", "stroke-linecap"}
    | {"font-size", "font-weight", "text-anchor"}
)
_VARIABLE = re.compile(
    r"var\(\s*(?P<name>--[\w-]+)\s*(?:,(?P<default>[^()]*(?:\([^()]*\))?[^()]*))?\)"
)
_MIX = re.compile(
    r"color-mix\(in srgb,\s*(?P<first>#\w+)\s+(?P<share>\d+)%,\s*(?P<second>#\w+)\s*\)"
)
_SHORT_COLOUR = 4


class UnresolvedColourError(Exception):
    """The style sheet uses a variable that it does not define for print."""


@dataclass(frozen=True)
class _Declaration:
    name: str
    value: str
    important: bool


def paint(drawing: ET.Element) -> None:
    """Write the colours, lines and type of the style sheet into the elements of a drawing.

    Args:
        drawing: An ``svg`` element as `diagrams.render` makes it; changed in place. Its tags may
            be in the namespace of SVG or in none.

    Raises:
        UnresolvedColourError: A value has a variable that is not defined.
    """
    page = ET.Element("html", {"data-md-color-scheme": "default"})
    frame = ET.SubElement(page, "div", {"class": "diagram"})
    frame.append(drawing)
    matcher = _matcher()
    values: dict[ET.Element, Mapping[str, str]] = {}
    wrapper = cssselect2.ElementWrapper.from_html_root(page)
    for element in wrapper.iter_subtree():
        parent = element.parent.etree_element if element.parent is not None else None
        variables = dict(values[parent]) if parent is not None else {}
        own: dict[str, str] = {}
        for declaration in _matched(matcher, element):
            target = variables if declaration.name.startswith("--") else own
            target[declaration.name] = declaration.value
        values[element.etree_element] = variables
        if element.etree_element in (page, frame):
            continue
        for name, value in own.items():
            if name in _PROPERTIES:
                element.etree_element.set(name, _resolved(value, variables))


def _matched(
    matcher: cssselect2.Matcher, element: cssselect2.ElementWrapper
) -> Iterator[_Declaration]:
    """Yield the declarations that apply, the strongest last."""
    found = [
        (declaration.important, specificity, order, declaration)
        for specificity, order, _, declarations in matcher.match(element)
        for declaration in declarations
    ]
    for *_, declaration in sorted(found, key=lambda item: item[:3]):
        yield declaration


def _resolved(value: str, variables: Mapping[str, str]) -> str:
    def replace(match: re.Match[str]) -> str:
        known = variables.get(match["name"]) or match["default"]
        if known is None:
            raise UnresolvedColourError(
                f"{SHEET.name} uses {match['name']}, which is not defined for print"
            )
        return _resolved(known.strip(), variables)

    value = _VARIABLE.sub(replace, value)
    value = _MIX.sub(_mixed, value)
    return value.removesuffix("px")


def _mixed(match: re.Match[str]) -> str:
    share = int(match["share"]) / 100
    pairs = zip(_channels(match["first"]), _channels(match["second"]), strict=True)
    return "#" + "".join(f"{round(a * share + b * (1 - share)):02x}" for a, b in pairs)


def _channels(colour: str) -> list[int]:
    digits = colour[1:] if len(colour) > _SHORT_COLOUR else "".join(c * 2 for c in colour[1:])
    return [int(digits[start : start + 2], 16) for start in (0, 2, 4)]


@lru_cache(maxsize=1)
def _matcher() -> cssselect2.Matcher:
    matcher = cssselect2.Matcher()
    for selector, declarations in _rules(SHEET.read_text("utf-8")):
        matcher.add_selector(selector, declarations)
    return matcher


def _rules(css: str) -> Iterator[tuple[cssselect2.compiler.CompiledSelector, list[_Declaration]]]:
    """Yield every rule that holds in print."""
    pending = tinycss2.parse_stylesheet(css, skip_comments=True, skip_whitespace=True)
    for rule in pending:
        if rule.type == "at-rule" and rule.lower_at_keyword == "media":
            if tinycss2.serialize(rule.prelude).strip() == "print":
                yield from _rules(tinycss2.serialize(rule.content))
            continue
        if rule.type != "qualified-rule":
            continue
        declarations = [
            _Declaration(item.name, tinycss2.serialize(item.value).strip(), item.important)
            for item in tinycss2.parse_blocks_contents(rule.content)
            if item.type == "declaration"
        ]
        for selector in cssselect2.compile_selector_list(rule.prelude):
            yield selector, declarations
