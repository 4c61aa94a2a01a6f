"""The glossary's Markdown: citations, formulas, diagrams, Traditional Chinese, cross-links.

A Python-Markdown extension that needs no MkDocs. What it has to know about the page being
converted is given by `GlossaryExtension.begin`.
"""

from __future__ import annotations

import html
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from markdown import Markdown
from markdown.extensions import Extension
from markdown.inlinepatterns import InlineProcessor
from markdown.treeprocessors import Treeprocessor
from markdown.util import AtomicString

from . import diagrams, formulas
from .answers import Answers
from .article import CITATION
from .link import PRIORITY, LinkTreeprocessor, Target
from .model import Article

_NOT_PROSE = {"code", "pre", "script", "style", "math", "svg"}


@dataclass
class Page:
    """One page while it is converted.

    Attributes:
        answers: What the page may ask about the rest of the glossary.
        slug: Of the concept whose page this is; None on other pages.
        derived: Whether the text is Simplified Chinese to be shown as Traditional.
        folder: From this page's source file to docs/terms, such as ``..``.
        cited: Keys in the order of their first citation. Filled during conversion.
        targets: The concepts the text links to. Filled during conversion.
        drawn: How many diagrams the page has so far.
        written: Addresses of the links and images, as the text has them. Filled during conversion.
        resolved: The same after MkDocs has resolved them.
    """

    answers: Answers
    slug: str | None = None
    derived: bool = False
    folder: str = ".."
    cited: list[str] = field(default_factory=list)
    targets: tuple[Target, ...] = ()
    drawn: int = 0
    written: list[str] = field(default_factory=list)
    resolved: list[str] = field(default_factory=list)


class GlossaryExtension(Extension):
    """Registers everything below with Python-Markdown.

    Args:
        cache: A folder for drawn diagrams.
    """

    def __init__(self, cache: Path) -> None:
        super().__init__()
        self.cache = cache
        self.page: Page | None = None

    def begin(self, page: Page) -> None:
        """Say which page the next conversion is of."""
        self.page = page

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 - Python-Markdown's name
        """Register the processors."""
        page = self.page
        if page is None:
            return
        # Before links (160), whose syntax a citation resembles.
        md.inlinePatterns.register(_CitationProcessor(md, page), "citation", 165)
        # After inline parsing (20): text nodes exist then.
        md.treeprocessors.register(_Formulas(md, page), "glossary-formulas", 19)
        if page.derived:
            md.treeprocessors.register(_Traditional(md, page.answers.chinese), "traditional", 18)
        md.treeprocessors.register(_TableCorners(md), "table-corners", 17)
        md.treeprocessors.register(_Links(md, page), "terms", PRIORITY)
        # MkDocs resolves links at priority 0.
        md.treeprocessors.register(_Addresses(md, page.written), "written", 0.5)
        md.treeprocessors.register(_Addresses(md, page.resolved), "resolved", -0.5)

    def custom_fence(self) -> dict[str, object]:
        """Return what pymdownx.superfences has to know of the fences drawn here."""
        return {
            "name": "mermaid",
            "class": "diagram",
            "format": self.fence,
            "validator": accept_fence,
        }

    def fence(
        self,
        source: str,
        language: str,  # noqa: ARG002
        class_name: str,  # noqa: ARG002
        options: dict[str, str],
        md: Markdown,  # noqa: ARG002
        **_: object,
    ) -> str:
        """Draw a Mermaid fence; a custom fence formatter for pymdownx.superfences."""
        page = self.page
        text = source
        if page is None:
            return diagrams.fallback(text)
        if page.derived:
            text = page.answers.chinese(text)
        if "client" in options or not diagrams.available():
            return diagrams.fallback(text)
        page.drawn += 1
        name = f"d-{page.slug or 'page'}-{page.drawn}"
        return diagrams.render(text, id=name, cache=self.cache)


def accept_fence(
    _language: str,
    inputs: dict[str, str],
    options: dict[str, str],
    attrs: dict[str, str],  # noqa: ARG001 - the signature is superfences'
    _md: Markdown,
) -> bool:
    """Accept the one option a diagram may have, ``client``; a superfences validator."""
    options.update({key: value for key, value in inputs.items() if key == "client"})
    return set(inputs) <= {"client"}


def first_diagram(article: Article) -> str:
    """Return the Markdown of an article's first diagram with its caption, or an empty text."""
    for fence in article.fences:
        if fence.is_diagram:
            caption = f"\n/// caption\n{fence.caption}\n///\n" if fence.caption else ""
            return f"```{fence.info}\n{fence.content}```\n{caption}"
    return ""


class _CitationProcessor(InlineProcessor):
    def __init__(self, md: Markdown, page: Page) -> None:
        super().__init__(CITATION.pattern, md)
        self._page = page

    def handleMatch(  # type: ignore[override]  # noqa: N802
        self,
        m: re.Match[str],
        data: str,  # noqa: ARG002
    ) -> tuple[ET.Element, int, int]:
        group = ET.Element("sup", {"class": "citation"})
        for key in (part.strip().removeprefix("@") for part in m["keys"].split(";")):
            if key not in self._page.cited:
                self._page.cited.append(key)
            number = self._page.cited.index(key) + 1
            link = ET.SubElement(group, "a", {"href": f"#ref-{number}"})
            if title := self._page.answers.title(key):
                link.set("title", title)
            link.text = AtomicString(f"[{number}]")
        return group, m.start(), m.end()


class _Formulas(Treeprocessor):
    """Replaces what arithmatex found by MathML."""

    def __init__(self, md: Markdown, page: Page) -> None:
        super().__init__(md)
        self._page = page

    def run(self, root: ET.Element) -> None:
        for element in list(root.iter()):
            if element.get("class") != "arithmatex" or not element.text:
                continue
            display = element.tag == "div"
            # The wrappers that arithmatex adds are two characters long on either side.
            tex = element.text.strip()[2:-2].strip()
            if display:
                tex = html.unescape(tex)
            if self._page.derived:
                tex = self._page.answers.chinese(tex)
            element.text = self.md.htmlStash.store(formulas.render(tex, display=display))
            element.set("class", "formula")


class _Traditional(Treeprocessor):
    """Converts the text nodes of a Simplified page; code and formulas stay."""

    def __init__(self, md: Markdown, convert: Callable[[str], str]) -> None:
        super().__init__(md)
        self._convert = convert

    def run(self, root: ET.Element) -> None:
        self._visit(root)

    def _visit(self, element: ET.Element) -> None:
        if element.tag not in _NOT_PROSE and element.get("class") != "formula":
            element.text = self._text(element.text)
            for name in ("alt", "title", "aria-label"):
                value = element.get(name)
                if value:
                    element.set(name, self._convert(value))
            for child in element:
                self._visit(child)
                child.tail = self._text(child.tail)

    def _text(self, text: Any) -> Any:  # noqa: ANN401 - str or None, AtomicString kept
        if not text or isinstance(text, AtomicString):
            return text
        return self._convert(text)


class _Addresses(Treeprocessor):
    """Takes down the addresses of links and images."""

    def __init__(self, md: Markdown, addresses: list[str]) -> None:
        super().__init__(md)
        self._addresses = addresses

    def run(self, root: ET.Element) -> None:
        for element in root.iter():
            if element.tag in {"a", "img"}:
                self._addresses.append(element.get("href" if element.tag == "a" else "src") or "")


class _TableCorners(Treeprocessor):
    """Makes an empty header cell a plain cell: it heads nothing."""

    def run(self, root: ET.Element) -> None:
        for cell in root.iter("th"):
            if not len(cell) and not (cell.text or "").strip():
                cell.tag = "td"


class _Links(LinkTreeprocessor):
    """Links the names and leaves on the page what it linked."""

    def __init__(self, md: Markdown, page: Page) -> None:
        def href(slug: str, anchor: str | None) -> str:
            return f"{page.folder}/{slug}/index.md" + (f"#{anchor}" if anchor else "")

        def target(address: str) -> Target | None:
            found = concept.fullmatch(address)
            return page.answers.target(found["slug"], found["anchor"]) if found else None

        concept = re.compile(
            re.escape(page.folder) + r"/(?P<slug>[^/]+)/index\.md(?:#(?P<anchor>.*))?"
        )
        super().__init__(
            md,
            find=page.answers.mentions,
            href=href,
            target=target,
            definition=page.answers.definition,
        )
        self._page = page

    def run(self, root: ET.Element) -> None:
        super().run(root)
        self._page.targets = self.targets
