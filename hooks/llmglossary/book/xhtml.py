"""Articles as EPUB wants them: XML with namespaces, links between files, drawings with colours."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit
from xml.etree import ElementTree as ET

from ..link import Target
from ..model import Problem
from . import content, drawing
from .problems import BookError

MEDIA_TYPES = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".svg": "image/svg+xml",
}

_SVG = "http://www.w3.org/2000/svg"
_MATHML = "http://www.w3.org/1998/Math/MathML"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_ENTITY = re.compile(r"&(?P<name>[A-Za-z]\w*);")
_XML_ENTITIES = {"amp", "lt", "gt", "quot", "apos"}
# The tooltips of the site; a reader has other means.
_OF_THE_SITE = ("data-definition", "aria-description", "tabindex")
# MathML 3, which readers are checked against, knows these on `mstyle` and `mtable` only.
_STYLES = ("displaystyle", "scriptlevel")


@dataclass
class Fragment:
    """A piece of a page.

    Attributes:
        markup: XHTML without a namespace declaration for XHTML itself.
        math: Whether it holds formulas.
        svg: Whether it holds drawings.
        drawings: Id and title of each drawing.
        images: Name in the book -> file, for the images it shows.
    """

    markup: str = ""
    math: bool = False
    svg: bool = False
    drawings: list[tuple[str, str]] = field(default_factory=list)
    images: dict[str, Path] = field(default_factory=dict)


def article(concept: content.BookConcept, root: Path, address: Callable[[Target], str]) -> Fragment:
    """Return the article of a concept as a piece of its page.

    Args:
        concept: Of the book.
        root: The project folder.
        address: From a concept, and a place on its page, to where a link to it leads.

    Raises:
        BookError: Something in the article has no form in a book.
    """
    fragment = Fragment()
    problems: list[Problem] = []
    shown = concept.article or next(iter(concept.concept.articles.values()), None)
    path = shown.path if shown else concept.concept.path

    def problem(code: str, message: str, fix: str, text: str = "") -> None:
        line = _line(shown.body, text, shown.first_line) if shown else 1
        problems.append(Problem(path, line, 1, code, message, fix))

    try:
        tree = ET.fromstring(f"<div>{plain_entities(concept.html)}</div>")  # noqa: S314 - ours
    except ET.ParseError as error:
        problem(
            "book-markup", f"the article is not well-formed: {error}", "close what is left open"
        )
        raise BookError(problems) from error
    if concept.article is None and concept.page.definition_lang:
        tree.set("lang", concept.page.definition_lang)
    for element in list(tree.iter()):
        if element.tag.endswith("}svg"):
            _draw(element, fragment)
        elif element.get("class") == "mermaid":
            problem(
                "book-diagram",
                "this diagram can be drawn by a browser only, not in a book",
                "write it so that it can be drawn without `client`, see `cli.py check`",
                "```mermaid client",
            )
        elif element.tag == "math":
            fragment.math = True
            _formula(element)
        elif element.tag == "a":
            href = element.get("href", "")
            target = content.internal_target(href)
            if target:
                element.set("href", address(target))
            elif not (href.startswith("#") or urlsplit(href).scheme in {"http", "https", "mailto"}):
                problem(
                    "book-link",
                    f"the link to `{href}` leads nowhere in a book",
                    "link to a concept as `../slug/index.md`, or to a full address",
                    href,
                )
        elif element.tag == "img":
            source = element.get("src", "")
            file = (root / path).parent / unquote(source)
            if file.suffix.lower() not in MEDIA_TYPES or not file.is_file():
                problem(
                    "book-image",
                    f"the image `{source}` cannot be put into an EPUB",
                    f"save it as one of {', '.join(MEDIA_TYPES)} beside the article",
                    source,
                )
                continue
            name = f"images/{concept.slug}-{file.name}"
            fragment.images[name] = file
            element.set("src", quote(name))
    if problems:
        raise BookError(problems)
    _tidy(tree)
    fragment.markup = ET.tostring(tree, "unicode")
    return fragment


def plain_entities(markup: str) -> str:
    """Return HTML without the named characters that XML does not know."""
    return _ENTITY.sub(
        lambda match: match[0] if match["name"] in _XML_ENTITIES else html.unescape(match[0]),
        markup,
    )


def _line(body: str, text: str, first: int) -> int:
    at = body.find(text) if text else -1
    return first + (body.count("\n", 0, at) if at >= 0 else 0)


def _draw(svg: ET.Element, fragment: Fragment) -> None:
    drawing.paint(svg)
    fragment.svg = True
    title = next((child for child in svg if child.tag.endswith("}title")), None)
    if title is not None and title.text:
        name = (title.get("id") or "").removesuffix("-title")
        if name:
            svg.set("id", name)
            fragment.drawings.append((name, title.text))
    # It scales with the page; what the site scrolls, a reader enlarges.
    svg.attrib.pop("style", None)
    for element in svg.iter():
        element.tag = element.tag.removeprefix(f"{{{_SVG}}}")
    svg.set("xmlns", _SVG)


def _formula(math: ET.Element) -> None:
    tex = next((e.text for e in math.iter("annotation") if e.text), None)
    if tex:
        math.set("alttext", tex)
    parents = {child: parent for parent in math.iter() for child in parent}
    for element in list(math.iter()):
        moved = {
            name: element.attrib.pop(name)
            for name in _STYLES
            if name in element.attrib
            and element.tag != "mstyle"
            and not (element.tag == "mtable" and name == "displaystyle")
        }
        if moved:
            _wrap(element, parents[element], ET.Element("mstyle", moved))
    math.set("xmlns", _MATHML)


def _wrap(element: ET.Element, parent: ET.Element, around: ET.Element) -> None:
    around.tail, element.tail = element.tail, None
    parent[list(parent).index(element)] = around
    around.append(element)


def _tidy(tree: ET.Element) -> None:
    for element in tree.iter():
        for name in _OF_THE_SITE:
            element.attrib.pop(name, None)
        if element.tag == "div" and element.get("role") == "group":
            # The drawing in it bears the same name.
            element.attrib.pop("role")
            element.attrib.pop("aria-labelledby", None)
        if "lang" in element.attrib:
            element.set(_LANG, element.attrib["lang"])


def texts(element: ET.Element) -> Iterator[str]:
    """Yield all text in an element, for tests and for sorting."""
    yield from element.itertext()
