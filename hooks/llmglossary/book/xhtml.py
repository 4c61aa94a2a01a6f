"""Articles as EPUB wants them: XML with namespaces, links between files, drawings with colours."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit
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
_ELSEWHERE = {"http", "https", "mailto"}
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
    return _Conversion(concept, root, address).run()


def picture(html_: str) -> Fragment:
    """Return a diagram that stands on a page by itself, as `diagrams.render` makes it."""
    fragment = Fragment()
    tree = ET.fromstring(html_)  # noqa: S314 - made by the library
    for svg in list(tree.iter(f"{{{_SVG}}}svg")):
        _draw(svg, fragment)
    _tidy(tree)
    fragment.markup = ET.tostring(tree, "unicode")
    return fragment


class _Conversion:
    """The conversion of one article; collects what it finds."""

    def __init__(
        self, concept: content.BookConcept, root: Path, address: Callable[[Target], str]
    ) -> None:
        self._concept = concept
        self._root = root
        self._address = address
        # Of a concept that is not translated yet, the diagram of another language is shown.
        self._source = concept.article or next(iter(concept.concept.articles.values()), None)
        self._path = self._source.path if self._source else concept.concept.path
        self._fragment = Fragment()
        self._problems: list[Problem] = []

    def run(self) -> Fragment:
        text = plain_entities(self._concept.html)
        try:
            tree = ET.fromstring(f"<div>{text}</div>")  # noqa: S314 - made by the library
        except ET.ParseError as error:
            self._problem("book-markup", f"is not well-formed: {error}", "close what is left open")
            raise BookError(self._problems) from error
        if self._concept.article is None and self._concept.page.definition_lang:
            tree.set("lang", self._concept.page.definition_lang)
        for element in list(tree.iter()):
            if element.tag == f"{{{_SVG}}}svg":
                _draw(element, self._fragment)
            elif element.get("class") == "mermaid":
                self._problem(
                    "book-diagram",
                    "a diagram that only a browser can draw cannot be put into a book",
                    "write it so that it needs no `client`",
                    "```mermaid client",
                )
            elif element.tag == "math":
                self._fragment.math = True
                _formula(element)
            elif element.tag == "a":
                self._link(element)
            elif element.tag == "img":
                self._image(element)
        if self._problems:
            raise BookError(self._problems)
        _tidy(tree)
        self._fragment.markup = ET.tostring(tree, "unicode")
        return self._fragment

    def _link(self, link: ET.Element) -> None:
        href = link.get("href", "")
        target = content.internal_target(href)
        if target:
            link.set("href", self._address(target))
        elif not href.startswith("#") and urlsplit(href).scheme not in _ELSEWHERE:
            self._problem(
                "book-link",
                f"the link to `{href}` leads nowhere in a book",
                "link to a concept as `../slug/index.md`, or write a full address",
                href,
            )

    def _image(self, image: ET.Element) -> None:
        source = image.get("src", "")
        file = (self._root / self._path).parent / unquote(source)
        if file.suffix.lower() not in MEDIA_TYPES or not file.is_file():
            self._problem(
                "book-image",
                f"the image `{source}` cannot be put into an EPUB",
                f"save it beside the article as one of {', '.join(MEDIA_TYPES)}",
                source,
            )
            return
        # Names of files may hold what readers cannot unpack.
        images = self._fragment.images
        name = next(
            (name for name, known in images.items() if known == file),
            f"images/{self._concept.slug}-{len(images) + 1}{file.suffix.lower()}",
        )
        images[name] = file
        image.set("src", name)

    def _problem(self, code: str, message: str, fix: str, text: str = "") -> None:
        """Add a problem at the line where `text` stands."""
        line = 1
        if self._source:
            at = self._source.body.find(text) if text else -1
            line = self._source.first_line + self._source.body.count("\n", 0, max(at, 0))
        self._problems.append(Problem(self._path, line, 1, code, message, fix))


def plain_entities(markup: str) -> str:
    """Return HTML without the named characters that XML does not know."""
    return _ENTITY.sub(
        lambda match: match[0] if match["name"] in _XML_ENTITIES else html.unescape(match[0]),
        markup,
    )


def _draw(svg: ET.Element, fragment: Fragment) -> None:
    drawing.paint(svg)
    fragment.svg = True
    title = svg.find(f"{{{_SVG}}}title")
    name = title.get("id", "").removesuffix("-title") if title is not None else ""
    if name and title is not None and title.text:
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
