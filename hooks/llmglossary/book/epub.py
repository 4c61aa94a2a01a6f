"""A book as EPUB 3.

One file a concept, so that readers open it at once and ids need not be unique beyond it. Only
`zipfile` and templates: the format is a handful of XML files, and libraries that write it decide
about metadata, ids and dates that have to come out the same each time.
"""

from __future__ import annotations

import re
import unicodedata
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from .. import diagrams
from ..link import Target
from ..localize import HTML_LANG, URL_PREFIX, term_url
from ..model import Problem
from ..record import LANGUAGES
from . import archive, chapter_map, names, xhtml
from .archive import Member
from .content import Book, BookConcept, Chapter
from .problems import BookError

_TEMPLATES = Path(__file__).parent / "epub_templates"
_FOLDER = "EPUB"
_CONTAINER = """<?xml version="1.0" encoding="utf-8"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
<rootfiles>
<rootfile full-path="EPUB/package.opf" media-type="application/oebps-package+xml"/>
</rootfiles>
</container>
"""
_XHTML = "application/xhtml+xml"
_TAG = re.compile(r"<[^>]+>")
_HAN = re.compile(r"[\u3400-\u9fff]")
_FEATURES = (
    *("alternativeText", "describedMath", "displayTransformability", "index", "latex"),
    *("longDescription", "MathML", "readingOrder", "structuralNavigation", "tableOfContents"),
)
_TITLE_WIDTH = 960
_LARGEST_TITLE = 150


@dataclass(frozen=True)
class Item:
    """A file of the book as its package lists it."""

    id: str
    href: str
    media_type: str
    data: bytes
    properties: tuple[str, ...] = ()
    in_spine: bool = False


@dataclass(frozen=True)
class Reference:
    """A formatted reference and the language it is in."""

    html: Markup
    lang: str


def write(book: Book, path: Path) -> None:
    """Write `book` as an EPUB.

    The same book makes the same bytes: every member bears the date of the edition.

    Raises:
        BookError: Something in the book has no form in an EPUB; nothing is written.
    """
    items = list(_items(book))
    package = _render(book, "package.opf.j2", **_package(book, items))
    members = [
        Member("mimetype", b"application/epub+zip", stored=True),
        Member("META-INF/container.xml", _CONTAINER.encode()),
        Member(f"{_FOLDER}/package.opf", package.encode()),
        *(Member(f"{_FOLDER}/{item.href}", item.data) for item in items),
    ]
    edition = book.edition.date
    with path.open("wb") as file:
        archive.write(
            file,
            members,
            datetime(edition.year, edition.month, edition.day, tzinfo=timezone.utc),
        )


def concept_file(slug: str) -> str:
    """Return the name of a concept's file."""
    return f"t-{slug}.xhtml"


def category_file(key: str) -> str:
    """Return the name of the file that opens a category."""
    return f"c-{key}.xhtml"


def _items(book: Book) -> Iterator[Item]:
    articles = _articles(book)
    references = {
        key: Reference(
            Markup(xhtml.plain_entities(text)),  # noqa: S704 - pybtex escapes it
            book_language(text, HTML_LANG[book.language]),
        )
        for key, text in book.references.items()
    }

    def page(name: str, template: str, *properties: str, **context: Any) -> Item:  # noqa: ANN401
        text = _render(book, template, **context)
        return Item(_id(name), name, _XHTML, text.encode(), properties, in_spine=True)

    yield Item("style", "style.css", "text/css", (_TEMPLATES / "style.css").read_bytes())
    yield Item(
        "cover-image",
        "cover.svg",
        "image/svg+xml",
        _render(book, "cover.svg.j2", **_cover(book)).encode(),
        ("cover-image",),
    )
    yield page("cover.xhtml", "cover.xhtml.j2")
    maps = {chapter.key: _map(chapter, book) for chapter in book.chapters}
    pictures = [
        (file, fragment)
        for chapter in book.chapters
        for file, fragment in (
            (category_file(chapter.key), maps[chapter.key]),
            *((concept_file(c.slug), articles[c.slug]) for c in chapter.concepts),
        )
    ]
    drawings = [
        (f"{file}#{name}", title)
        for file, fragment in pictures
        for name, title in fragment.drawings
    ]
    yield page("nav.xhtml", "nav.xhtml.j2", "nav", drawings=drawings)
    yield page("about.xhtml", "about.xhtml.j2")
    for chapter in book.chapters:
        picture = maps[chapter.key]
        yield page(
            category_file(chapter.key),
            "category.xhtml.j2",
            *(["svg"] if picture.svg else []),
            chapter=chapter,
            picture=Markup(picture.markup),  # noqa: S704 - drawn by the library
        )
        for concept in chapter.concepts:
            article = articles[concept.slug]
            yield page(
                concept_file(concept.slug),
                "concept.xhtml.j2",
                *(["mathml"] if article.math else []),
                *(["svg"] if article.svg else []),
                page=concept.page,
                category_href=category_file(chapter.key),
                article=Markup(article.markup),  # noqa: S704 - converted by the library
                references=references,
            )
    entries = sorted(_bibliography(book, references), key=lambda entry: _sorting(entry[1].html))
    yield page("bibliography.xhtml", "bibliography.xhtml.j2", entries=entries)
    for language, letters in names.indexes(book).items():
        yield page(
            f"names-{language}.xhtml",
            "names.xhtml.j2",
            of=language,
            tag=HTML_LANG[language],
            letters=letters,
        )
    yield page("colophon.xhtml", "colophon.xhtml.j2")
    for article in articles.values():
        for name, file in sorted(article.images.items()):
            yield Item(_id(name), name, xhtml.MEDIA_TYPES[file.suffix.lower()], file.read_bytes())


def _articles(book: Book) -> dict[str, xhtml.Fragment]:
    """Convert all articles.

    Raises:
        BookError: With the problems of all of them.
    """
    root = book.site.glossary.root
    found: dict[str, xhtml.Fragment] = {}
    problems: list[Problem] = []
    for concept in book.concepts:
        try:
            found[concept.slug] = xhtml.article(concept, root, _address(book))
        except BookError as error:
            problems.extend(error.problems)
    if problems:
        raise BookError(problems)
    return found


def _map(chapter: Chapter, book: Book) -> xhtml.Fragment:
    """Return the picture of how the concepts of a chapter require one another, if any do."""
    source = chapter_map.source(chapter, book)
    if source is None or not diagrams.available():
        return xhtml.Fragment()
    cache = book.site.glossary.root / ".cache"
    return xhtml.picture(diagrams.render(source, id=f"map-{chapter.key}", cache=cache))


def _address(book: Book) -> Callable[[Target], str]:
    """Return what leads to a concept: its file, or its page on the site."""
    inside, base = book.slugs, book.edition.address

    def address(target: Target) -> str:
        if target.slug not in inside:
            return base + term_url(target.slug, book.language, target.anchor)
        return concept_file(target.slug) + (f"#{target.anchor}" if target.anchor else "")

    return address


def _render(book: Book, template: str, **context: Any) -> str:  # noqa: ANN401
    address = _address(book)
    common: dict[str, Any] = {
        "t": book.strings,
        "language": book.language,
        "html_lang": HTML_LANG[book.language],
        "edition": book.edition,
        "title": _title(book),
        "part": _part(book),
        "chapters": book.chapters,
        "complete": book.complete,
        "home": book.edition.address + URL_PREFIX[book.language],
        "indexes": sorted(LANGUAGES, key=lambda language: language != book.language),
        "href": lambda slug, anchor=None: address(Target(slug, anchor or None)),
        "category_href": category_file,
    }
    return _environment().get_template(template).render({**common, **context})


def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=False,
    )


def _package(book: Book, items: Sequence[Item]) -> Mapping[str, Any]:
    # The same book keeps its identity from edition to edition, a part is another book.
    part = "" if book.complete else "+".join(sorted(book.slugs))
    identity = f"{book.edition.address}#{book.language}{part}"
    return {
        "identifier": uuid.uuid5(uuid.NAMESPACE_URL, identity),
        "features": _FEATURES,
        "items": items,
    }


def _part(book: Book) -> str:
    """Return what a book that is not complete is about: its concepts, or their category."""
    if book.complete:
        return ""
    chapter, *more = book.chapters
    every = [
        slug
        for slug, concept in book.site.glossary.concepts.items()
        if concept.record.category == chapter.key
    ]
    if not more and 1 < len(every) == len(chapter.concepts):
        return chapter.title
    return chapter.concepts[0].page.name + (" …" if len(book.concepts) > 1 else "")


def _title(book: Book) -> str:
    part = _part(book)
    return f"{book.edition.title} · {part}" if part else book.edition.title


def _cover(book: Book) -> Mapping[str, Any]:
    title = book.edition.title
    words = title.split()
    lines = words if len(words) > 1 else [title]
    widest = max(sum(1.0 if _HAN.match(c) else 0.62 for c in line) for line in lines)
    return {
        "lines": lines,
        "size": int(min(_LARGEST_TITLE, _TITLE_WIDTH / max(widest, 1))),
        "below": [line for line in (_part(book), book.strings["language_name"]) if line],
    }


def _bibliography(
    book: Book, references: Mapping[str, Reference]
) -> Iterator[tuple[str, Reference, list[BookConcept]]]:
    citing: dict[str, list[BookConcept]] = {}
    for concept in book.concepts:
        for source in concept.page.references:
            citing.setdefault(source.key, []).append(concept)
    for key, concepts in citing.items():
        yield _id(key), references[key], concepts


def _sorting(reference: str) -> str:
    text = unicodedata.normalize("NFKD", _TAG.sub("", reference))
    return "".join(c for c in text.casefold() if not unicodedata.combining(c))


def book_language(reference: str, own: str) -> str:
    """Return the language a formatted reference is in: Chinese if it has Chinese in it."""
    if _HAN.search(reference):
        return own if own != "en" else "zh"
    return "en"


def _id(name: str) -> str:
    """Return an XML id for a name: ids begin with a letter and hold no slash."""
    return "i-" + re.sub(r"[^A-Za-z0-9_.-]", "-", name)
