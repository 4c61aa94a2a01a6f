"""A book as PDF: what ``layout.typ`` is told to set, and the run of the typesetter.

The result is a tagged PDF that the typesetter itself has checked against PDF/UA-1 and PDF/A-2a.
The same book makes the same bytes on the same kind of machine.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import re
import tempfile
import xml.etree.ElementTree as ET
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, time, timezone
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from pybtex.richtext import Text

from .. import diagrams
from ..model import Problem, Source
from ..pages import TermLink, TermPage
from ..record import Language
from ..store import Store
from . import chapter_map, drawing, fonts, joining, names, parts
from .content import Book, BookConcept, Chapter
from .problems import BookError
from .typst_writer import (
    Drawing,
    Measure,
    Written,
    array,
    curled,
    label,
    parse,
    place_drawing,
    read_drawing,
    source_of,
    string,
    text,
    write_html,
)
from .typst_writer import (
    write as write_markup,
)

Size = Literal["a4", "screen"]
# How `string` writes a control character.
_ESCAPED = re.compile(r"(?<!\\)(?:\\\\)*\\u\{([0-9a-f]{4})\}")
# Where an article, a chapter or a drawing is a place that is led to.
_PLACE = re.compile(r'#(?:section\(\d, |concept\(|chapter\()"([^"]+)"')
_LINKED = re.compile(r'href="\.\./([a-z0-9-]+)/index\.md')
_DRAWN = re.compile(r'#diagram\("([^"]+)"')
_NO_PLACE = "opening"
_ENDS = ("about", "contents", "bibliography", "index", "diagrams", "colophon")
_EPOCH = datetime.fromtimestamp(0, timezone.utc)
# Of markup, about, for each character of text that has room on a page.
_MARKUP: Mapping[Size, float] = {"a4": 1.28, "screen": 1.59}
_ENGLISH_MARKUP = 1.17  # times that
# Concepts in a part, and how long the rest takes for each concept in the book.
_MOST = 20
_FRONT = 0.02
_BIBLIOGRAPHY = 0.05
_INDEX = 0.06
_NO_BREAK = "\u00a0"


@dataclass(frozen=True)
class Paper:
    """A size of paper, all in points but for `leading` (of the text's size) and `columns`."""

    name: Size
    width: float
    height: float
    side: float
    top: float
    bottom: float
    head: float
    text: float
    leading: float
    title: float
    chapter: float
    cover: float
    code: float
    label: float
    columns: int

    @property
    def room(self) -> float:
        """How much text a page has room for, in characters that are as wide as high."""
        measure = self.measure
        return measure.width * measure.height / self.text**2

    @property
    def measure(self) -> Measure:
        """What is left for text."""
        return Measure(self.width - 2 * self.side, self.height - self.top - self.bottom, self.text)


# The line holds 38 Chinese characters, the small one 28.
_PAPERS: dict[Size, Paper] = {
    "a4": Paper(
        "a4", 595.28, 841.89, 98.14, 92, 92, 26, 10.5, 0.7, 25, 30, 44, 8.6, 66, 2,
    ),
    "screen": Paper(
        "screen", 340.16, 453.54, 30.08, 44, 40, 14, 10, 0.62, 19, 23, 28, 7.2, 54, 1,
    ),
}  # fmt: skip
_ENGLISH_LEADING = 0.82  # of the Chinese one: letters leave more white than characters


def write(  # noqa: PLR0913 - all but two have defaults
    book: Book,
    path: Path,
    *,
    size: Size = "a4",
    cache: Path,
    timestamp: datetime | None = None,
    on_progress: Callable[[str], None] | None = None,
) -> int:
    """Typeset a book.

    Args:
        book: What it says.
        path: Of the file to write; what is there is replaced once the new one is whole.
        size: Of the paper.
        cache: A folder for fonts and drawings.
        timestamp: Noted in the file; the date of the edition where None.
        on_progress: Called with what is being done.

    Returns:
        The number of pages.

    Raises:
        BookError: Something in the book cannot be set; nothing is written.
        fonts.MissingFontError: A font package is not installed.
        parts.TypesetterError: The typesetter does not finish.
    """
    say = on_progress or (lambda _: None)
    paper = _PAPERS[size]
    with closing(Store(cache)) as store:
        say("writing articles")
        made = _Maker(book, paper, cache, store).make()
        say("fonts")
        chosen = fonts.prepare(made.characters, cache, say)
        problems = [*made.problems, *_missing_glyphs(book, made, chosen)]
        if problems:
            raise BookError(problems)
        moment = timestamp or datetime.combine(book.edition.date, time(), timezone.utc)
        kept = parts.Kept(store, f"{book.language} {size} {book.complete}", chosen.files)
        try:
            finished = parts.typeset(
                made.parts(moment),
                chosen.files,
                kept,
                page=_markup_of_page(paper, book.language),
                say=say,
            )
        except parts.RefusedError as error:
            raise BookError([_refused(error.reasons, book, made, error.part.markup)]) from error
    say("joining parts")
    try:
        content, pages = joining.join(finished, made.levels)
    except joining.JoiningError as error:
        raise parts.TypesetterError(str(error)) from error
    _replace(path, content)
    return pages


def _replace(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        Path(name).chmod(0o644)  # temporary files are private, these are published
        Path(name).replace(path)
    finally:
        Path(name).unlink(missing_ok=True)


# --- what the typesetter gets -----------------------------------------------------------------


@dataclass(frozen=True)
class _Piece:
    """A stretch of the book that begins on a page of its own.

    Attributes:
        name: That no other piece has.
        weight: About how long it takes to set, in concepts.
        markup: What it holds.
        levels: Of its headings that are bookmarks.
        others: Names of the places in it that are not in an article.
    """

    name: str
    weight: float
    markup: str
    levels: tuple[int, ...]
    others: tuple[str, ...] = ()

    @property
    def places(self) -> tuple[str, ...]:
        """Names of all places in it."""
        drawn = (f"diagram:{name}" for name in _DRAWN.findall(self.markup))
        return (*self.others, *_PLACE.findall(self.markup), *drawn)


@dataclass(frozen=True)
class _Made:
    """Everything that goes to the typesetter.

    Attributes:
        sheets: The pieces of the book, by the part that they are set in.
        settings: What the layout reads, but for the places.
        headings: Those that the contents list, as markup.
        titles: What every place is called; those that begin with ``term:`` by their concept.
        drawings: File name -> SVG.
        characters: All characters set as text.
        articles: By slug.
    """

    sheets: tuple[tuple[_Piece, ...], ...]
    settings: Mapping[str, Any]
    headings: tuple[str, ...]
    titles: Mapping[str, str]
    drawings: Mapping[str, bytes]
    characters: frozenset[str]
    articles: Mapping[str, Written]
    problems: tuple[Problem, ...]

    @property
    def levels(self) -> tuple[int, ...]:
        """Of all bookmarks in the book."""
        return tuple(level for sheet in self.sheets for piece in sheet for level in piece.levels)

    def parts(self, moment: datetime) -> list[parts.Part]:
        """Return what is set together.

        Args:
            moment: Noted in the file.
        """
        known = {name for sheet in self.sheets for piece in sheet for name in piece.places}
        made: list[parts.Part] = []
        figures = 0
        for sheet in self.sheets:
            markup = _with_known_labels("\n".join(piece.markup for piece in sheet), known)
            own = [name for piece in sheet for name in piece.places]
            # What the contents list stands in the first part; others begin with some heading.
            headings = (
                self.headings
                if not made
                else [f"(1, {string(self.settings['title'])}, none, {string(_NO_PLACE)})"]
            )
            opening = f"#opening({array(headings)}, {array(map(string, own))}, {figures})"
            first = ['#import "layout.typ": *', "#show: setup", opening]
            links = _led_to("\n".join([*headings, markup]), known)
            settings = {
                **self.settings,
                "places": {name: number for number, name in enumerate(links)},
                "links": [(name, self._title(name)) for name in links],
            }
            drawn = _DRAWN.findall(markup)
            figures += len(drawn)
            made.append(
                parts.Part(
                    name=sheet[0].name,
                    markup="\n".join([*first, markup]) + "\n",
                    settings=json.dumps(settings, ensure_ascii=False, sort_keys=True),
                    places=tuple(own),
                    links=links,
                    drawings={f"{name}.svg": self.drawings[f"{name}.svg"] for name in drawn},
                    # What is noted in others is not seen.
                    timestamp=(moment if not made else _EPOCH).isoformat(),
                )
            )
        return made

    def _title(self, place: str) -> str:
        return self.titles.get(place) or self.titles[":".join(place.split(":")[:2])]


class _Maker:
    """Puts the main file of one book together. Used once."""

    def __init__(self, book: Book, paper: Paper, cache: Path, store: Store) -> None:
        self._book = book
        self._concepts = {concept.slug: concept for concept in book.concepts}
        self._store = store
        self._notes: dict[str, str] = {}
        self._paper = paper
        self._cache = cache
        self._words = book.strings
        self._articles: dict[str, Written] = {}
        self._drawings: dict[str, Drawing] = {}

    def make(self) -> _Made:
        """Write all parts in the order of the book."""
        for concept in self._book.concepts:
            written = self._article(concept)
            self._articles[concept.slug] = written
            self._drawings.update(written.drawings)
        sheets = _cut(list(self._pieces()))
        settings = self._settings()
        headings = tuple(self._listed())
        # What of the markup is not text is ASCII, which all fonts have.
        shown = [piece.markup for sheet in sheets for piece in sheet]
        shown += [*headings, json.dumps(settings, ensure_ascii=False)]
        escaped = {chr(int(code, 16)) for markup in shown for code in _ESCAPED.findall(markup)}
        characters = frozenset(escaped).union(
            *shown, *(article.characters for article in self._articles.values())
        )
        return _Made(
            tuple(sheets),
            settings,
            headings,
            self._titles(),
            {f"{name}.svg": picture.svg for name, picture in self._drawings.items()},
            characters,
            self._articles,
            tuple(p for article in self._articles.values() for p in article.problems),
        )

    def _settings(self) -> Mapping[str, Any]:
        edition, paper = self._book.edition, self._paper
        size = {name: getattr(paper, name) for name in paper.__dataclass_fields__}
        if self._book.language == "en":
            size["leading"] = paper.leading * _ENGLISH_LEADING
        keys = ("book_author", "book_page", "book_figure", "book_cited_in", "book_see")
        return {
            "language": self._book.language,
            "title": edition.title,
            "description": edition.description,
            "keywords": [chapter.title for chapter in self._book.chapters],
            "size": size,
            "words": {key: self._words[key] for key in keys},
        }

    def _titles(self) -> Mapping[str, str]:
        """Return what a reader is told of a link to each place."""
        words, book = self._words, self._book
        titles = {name: words[f"book_{name}"] for name in _ENDS}
        for chapter in book.chapters:
            titles[f"chapter:{chapter.key}"] = chapter.title
        for concept in book.concepts:
            titles[label(concept.slug)] = concept.page.name
            for source in concept.page.references:
                titles[f"bib:{source.key}"] = self._author_year(source)
        for language in names.languages(book):
            titles[f"index:{language}"] = words[f"book_index_{language}"]
        for name, picture in self._drawings.items():
            titles[f"diagram:{name}"] = picture.title or name
        return titles

    def _article(self, concept: BookConcept) -> Written:
        """Return a concept's article, written now or earlier."""
        book = self._book
        linked = {name for name in _LINKED.findall(concept.html) if name in self._concepts}
        sources = [(source.key, self._note(source)) for source in concept.page.references]
        made_from = [concept.slug, concept.html, sources, sorted(linked), book.edition.address]
        key = self._store.key(
            "book article",
            book.language,
            repr(self._paper.measure),
            json.dumps(made_from),
            drawing.SHEET.read_bytes(),
        )
        found = self._store.get(key)
        if isinstance(found, Written):
            return found
        written = write_article(concept, book, self._paper.measure)
        if not written.problems:
            # They name lines, which are not in what it is made from.
            self._store.put(key, written)
        return written

    def _note(self, source: Source) -> str:
        if source.key not in self._notes:
            self._notes[source.key] = note(source, self._book.language)
        return self._notes[source.key]

    # --- the parts of the book ---------------------------------------------------------------

    def _pieces(self) -> Iterator[_Piece]:
        count = len(self._book.concepts)
        yield _Piece("front", count * _FRONT, "\n".join(self._front()), (1, 1), _ENDS[:2])
        for number, chapter in enumerate(self._book.chapters, 1):
            opening = self._chapter(number, chapter)
            size = len(chapter.concepts)
            runs = math.ceil(size / _MOST)
            for run in range(runs):
                some = chapter.concepts[size * run // runs : size * (run + 1) // runs]
                markup = [self._concept(chapter, concept) for concept in some]
                levels = [2] * len(some)
                if not run:
                    markup.insert(0, opening)
                    levels.insert(0, 1)
                yield _Piece(some[0].slug, len(some), "\n".join(markup), tuple(levels))
        listed, cited = self._bibliography()
        others = ("bibliography", *(f"bib:{key}" for key in cited))
        yield _Piece("bibliography", count * _BIBLIOGRAPHY, listed, (1,), others)
        for language, index in self._indexes():
            named = f"index:{language}"
            # The first brings the title of all.
            first = language == names.languages(self._book)[0]
            yield _Piece(
                named,
                count * _INDEX,
                index,
                (1, 2) if first else (2,),
                ("index", named) if first else (named,),
            )
        back = f"{self._diagram_list()}\n{self._colophon()}"
        yield _Piece("back", count * _FRONT, back, (1, 1), _ENDS[-2:])

    def _front(self) -> Iterator[str]:
        words, edition = self._words, self._book.edition
        line = words["book_edition"].format(version=edition.version, date=edition.date)
        yield (
            f"#cover({string(edition.title)}, {string(edition.description)}, "
            f"{string(words['language_name'])}, {string(f'{line} · {edition.address}')})"
        )
        about = ["book_about_order", "book_about_notes", "book_about_names"]
        if not self._book.complete:
            about.append("book_about_part")
        paragraphs = "\n\n".join(self._prose(words[key]) for key in about)
        yield f'#part({string(words["book_about"])}, "about")[#prose[{paragraphs}]]'
        yield f"#contents({string(words['book_contents'])})"

    def _listed(self) -> Iterator[str]:
        """Yield level, title, abbreviation and place of what the contents list."""

        def entry(level: int, title: str, place: str, short: str | None = None) -> str:
            written = string(short) if short else "none"
            return f"({level}, {string(title)}, {written}, {string(place)})"

        words = self._words
        yield entry(1, words["book_about"], "about")
        for chapter in self._book.chapters:
            yield entry(1, chapter.title, f"chapter:{chapter.key}")
            for concept in chapter.concepts:
                page = concept.page
                yield entry(2, page.name, label(concept.slug), _shown_abbreviation(page))
        yield entry(1, words["book_bibliography"], "bibliography")
        yield entry(1, words["book_index"], "index")
        for language in names.languages(self._book):
            yield entry(2, words[f"book_index_{language}"], f"index:{language}")
        yield entry(1, words["book_diagrams"], "diagrams")
        yield entry(1, words["book_colophon"], "colophon")

    def _prose(self, content: str) -> str:
        return text(curled(content) if self._book.language == "en" else content)

    def _chapter(self, number: int, chapter: Chapter) -> str:
        entries = array(
            array(
                (
                    string(label(concept.slug)),
                    string(concept.page.name),
                    f"[{self._prose(concept.page.definition)}]"
                    if concept.article and concept.page.definition
                    else "none",
                )
            )
            for concept in chapter.concepts
        )
        return (
            f"#chapter({string('chapter:' + chapter.key)}, {string(str(number))}, "
            f"{string(chapter.title)}, [{self._prose(chapter.description)}], "
            f"[{self._map(chapter)}], {entries})"
        )

    def _map(self, chapter: Chapter) -> str:
        source = chapter_map.source(chapter, self._book)
        if source is None or not diagrams.available():
            return ""
        name = f"map-{chapter.key}"
        html = diagrams.render(source, id=name, cache=self._cache)
        svg = _element(html).find("svg")
        if svg is None:
            return ""
        picture = read_drawing(svg, self._book.language)
        self._drawings[name] = picture
        caption = text(self._words["book_map_caption"])
        return place_drawing(name, picture, self._paper.measure, caption, opens=True)

    def _concept(self, chapter: Chapter, concept: BookConcept) -> str:
        page = concept.page
        written = self._articles[concept.slug]
        options = [
            string(label(concept.slug)),
            string(page.name),
            f"chapter: {string(chapter.title)}",
            f"level: {string(self._words['level_' + page.level])}",
            f"others: {array(self._other_names(concept))}",
        ]
        if short := _shown_abbreviation(page):
            options.append(f"abbreviation: {string(short)}")
        if page.definition and concept.article:
            options.append(f"definition: [{self._prose(page.definition)}]")
        elif page.definition:
            shown: Language = "en" if page.definition_lang == "en" else "zh"
            options.append(f"definition: [#in-language({string(shown)})[{text(page.definition)}]]")
        if concept.article is None:
            options.append(f"missing: [{text(self._words['book_missing'])}]")
        body = f"{written.markup}\n\n#apparatus[{self._apparatus(concept, written)}]"
        return f"#concept({', '.join(options)})[\n{body}\n]"

    def _other_names(self, concept: BookConcept) -> Iterator[str]:
        """Yield the reading of the name, and what it is called in other languages."""
        page = concept.page
        for local in page.names:
            own = local.language == self._book.language
            if own and local.reading:
                yield f"[#syllables({string(local.reading)})]"
            elif not own and local.names.preferred != page.name:
                yield self._foreign(local.language, local.names.preferred)

    def _foreign(self, language: Language, content: str) -> str:
        if language == self._book.language:
            return f"[{text(content)}]"
        return f"[#in-language({string(language)})[{text(content)}]]"

    def _apparatus(self, concept: BookConcept, written: Written) -> str:
        words, page = self._words, concept.page
        slug = concept.slug
        parts = [f"#section(3, {string(label(slug, 'names'))})[{text(words['names'])}]"]
        parts.append(f"#rows({array(self._name_rows(concept))})")
        related = list(self._related_rows(concept, written))
        if related:
            parts.append(f"#section(3, {string(label(slug, 'related'))})[{text(words['related'])}]")
            parts.append(f"#rows({array(related)})")
        parts.append(f"#section(3, {string(label(slug, 'sources'))})[{text(words['sources'])}]")
        sources = array(
            f"[{text(str(number) + _NO_BREAK)}#cited({string('bib:' + source.key)})"
            f"[{text(self._author_year(source))}]]"
            for number, source in enumerate(page.references, 1)
        )
        parts.append(f"#separated({sources})")
        return "\n".join(parts)

    def _name_rows(self, concept: BookConcept) -> Iterator[str]:
        words = self._words
        for local in concept.page.names:
            own = local.names
            shown = [f"#strong[{text(own.preferred)}]"]
            if own.abbreviation and own.abbreviation != own.preferred:
                shown.append(text(own.abbreviation))
            body = text("  ").join(shown)
            if local.reading:
                body += f"#linebreak();#reading[#syllables({string(local.reading)})]"
            if own.admitted:
                also = text(" · ").join(text(name) for name in own.admitted)
                body += f"#linebreak();#own[#reading[{text(words['also'])}]]{text(' ')}{also}"
            yield array(
                (
                    string(words[f"names_{local.language}"]),
                    f"[#in-language({string(local.language)})[{body}]]",
                )
            )
        if concept.page.rejected:
            # The own names of the language first: they are what its readers meet.
            items = "#linebreak();".join(
                f"#rejected[{text(name.name)}]{text(' ')}{self._prose(name.reason)}"
                for name in concept.page.rejected
            )
            yield array((string(words["rejected"]), f"[{items}]"))

    def _related_rows(self, concept: BookConcept, written: Written) -> Iterator[str]:
        words, page = self._words, concept.page
        shown = {concept.slug}
        for kind, links in page.relations.items():
            shown |= {link.slug for link in links}
            items = array(self._pointer(link) for link in links)
            yield array((string(words[f"relations_{kind}"]), f"separated({items})"))
        if page.confusable:
            shown |= {link.slug for link, _ in page.confusable}
            lines = "#linebreak();".join(
                f"#{self._pointer(link)};#linebreak();{self._prose(difference)}"
                for link, difference in page.confusable
            )
            yield array((string(words["confusable"]), f"[{lines}]"))
        mentioned = [slug for slug in written.linked if slug not in shown]
        if mentioned:
            items = array(
                f"pointer({string(label(slug))}, {string(self._concepts[slug].page.name)})"
                for slug in mentioned
            )
            yield array((string(words["book_mentioned"]), f"separated({items})"))
        if page.linked_from:
            items = array(self._pointer(link) for link in page.linked_from)
            yield array((string(words["linked_from"]), f"separated({items})"))

    def _pointer(self, link: TermLink) -> str:
        name = link.name
        if link.slug in self._concepts:
            return f"pointer({string(label(link.slug))}, {string(name)})"
        address = self._book.edition.address + link.url
        return f"outside({string(address)}, {string(name)})"

    # --- after the chapters ------------------------------------------------------------------

    def _author_year(self, source: Source) -> str:
        return author_year(source, self._book.language)

    def _bibliography(self) -> tuple[str, list[str]]:
        """Return all sources as markup, and their keys."""
        book = self._book
        citing: dict[str, list[str]] = {}
        sources: dict[str, Source] = {}
        for concept in book.concepts:
            for source in concept.page.references:
                citing.setdefault(source.key, []).append(concept.slug)
                sources[source.key] = source
        keys = sorted(sources, key=lambda key: _order(sources[key]))
        entries = array(
            array(
                (
                    string(f"bib:{key}"),
                    f'[#in-language("en")[{write_html(book.references[key])}]]',
                    array(string(label(slug)) for slug in citing[key]),
                )
            )
            for key in keys
        )
        return f"#references({string(self._words['book_bibliography'])}, {entries})", keys

    def _indexes(self) -> Iterator[tuple[Language, str]]:
        words = self._words
        part_title = f", part-title: {string(words['book_index'])}"
        for language, letters in names.indexes(self._book).items():
            groups = array(
                array(
                    (
                        string(letter.initial),
                        array(
                            array(
                                (
                                    string(name.text),
                                    string(name.reading) if name.reading else "none",
                                    string(label(name.slug, name.anchor)),
                                    string(name.see) if name.see else "none",
                                )
                            )
                            for name in letter.names
                        ),
                    )
                )
                for letter in letters
            )
            title, name = string(words[f"book_index_{language}"]), string(f"index:{language}")
            yield (
                language,
                f"#name-index({title}, {name}, {string(language)}, {groups}{part_title})",
            )
            part_title = ""

    def _diagram_list(self) -> str:
        entries = array(
            array(
                (
                    str(number),
                    string(f"diagram:{name}"),
                    string(self._drawings[name].title),
                )
            )
            for number, name in enumerate(self._drawn_order(), 1)
        )
        return f"#diagram-list({string(self._words['book_diagrams'])}, {entries})"

    def _drawn_order(self) -> list[str]:
        order = []
        for chapter in self._book.chapters:
            name = f"map-{chapter.key}"
            order += [name] if name in self._drawings else []
            for concept in chapter.concepts:
                order += self._articles[concept.slug].drawings
        return order

    def _colophon(self) -> str:
        words, edition = self._words, self._book.edition
        rows = [
            ("book_version", text(edition.version)),
            ("book_date", text(edition.date.isoformat())),
            ("book_licence", text(edition.licence)),
            ("book_address", f"#outside({string(edition.address)})[{text(edition.address)}]"),
        ]
        if edition.repository:
            shown = f"#outside({string(edition.repository)})[{text(edition.repository)}]"
            rows.append(("book_sources", shown))
        entries = array(array((string(words[key]), f"[{body}]")) for key, body in rows)
        body = "\n\n".join(text(words[k]) for k in ("book_typeset", "book_print_accessibility"))
        return f"#colophon({string(words['book_colophon'])}, {entries})[{body}]"


def _markup_of_page(paper: Paper, language: Language) -> float:
    """Return about how many characters of markup fill a page."""
    much = paper.room * _MARKUP[paper.name]
    return much * _ENGLISH_MARKUP if language == "en" else much


def _cut(pieces: Sequence[_Piece]) -> list[tuple[_Piece, ...]]:
    """Return the pieces by the part that they are set in.

    A small book is one part. Where a larger one is cut does not depend on how long articles are,
    so that an edit changes one part only; its beginning, which changes often, is a part for itself.
    """
    whole = sum(piece.weight for piece in pieces) <= _MOST
    sheets: list[list[_Piece]] = []
    weight = 0.0
    for at, piece in enumerate(pieces):
        if not sheets or (not whole and (at == 1 or weight + piece.weight > _MOST)):
            sheets.append([])
            weight = 0.0
        sheets[-1].append(piece)
        weight += piece.weight
    return [tuple(sheet) for sheet in sheets]


def _shown_abbreviation(page: TermPage) -> str | None:
    return page.abbreviation if page.abbreviation != page.name else None


def _with_known_labels(markup: str, known: Collection[str]) -> str:
    """Let references to headings that an article does not have lead to its beginning."""
    return re.sub(
        r'"(term:[a-z0-9-]+):([^"]+)"',
        lambda found: found[0] if f"{found[1]}:{found[2]}" in known else f'"{found[1]}"',
        markup,
    )


def _led_to(markup: str, known: Collection[str]) -> tuple[str, ...]:
    """Return the places that a piece of markup refers to."""
    referring = _PLACE.sub("", markup)
    found = dict.fromkeys(re.findall(r'"([a-z]+(?::[^"]+)?)"', referring))
    return tuple(name for name in found if name in known)


def write_article(concept: BookConcept, book: Book, measure: Measure) -> Written:
    """Write the article of a concept, its sources as notes."""
    return write_markup(concept, book, measure, lambda source: note(source, book.language))


def note(source: Source, language: Language) -> str:
    """Return a source as notes name it, as markup."""
    title = _from_latex(source.entry.fields.get("title", source.title))
    named = text(f"{author_year(source, language)}. ")
    return f'{named}#in-language("en")[#work[{text(title)}]]'


def author_year(source: Source, language: Language) -> str:
    """Return a source as notes name it, such as ``Ouyang et al. 2022``."""
    persons = source.entry.persons.get("author") or source.entry.persons.get("editor") or []
    # More than two are not named.
    last = [_family(person.prelast_names, person.last_names) for person in persons[:3]]
    several = {"zh": " 等", "zh-Hant": " 等", "en": " et al."}[language]
    both = {"zh": "、", "zh-Hant": "、", "en": " and "}[language]
    if not last:
        written = source.title
    elif len(last) == 1:
        written = last[0]
    elif len(last) == 2 and last[1] != "others":  # noqa: PLR2004
        written = f"{last[0]}{both}{last[1]}"
    else:
        written = last[0] + several
    return f"{written} {source.entry.fields.get('year', '')}".strip()


def _family(prelast: Sequence[str], last: Sequence[str]) -> str:
    return _from_latex(" ".join([*prelast, *last]))


_PLAIN = re.compile(r"(?:[^\W_]|[ .,:;?!()/+*=]|-(?!-))*")


@lru_cache(maxsize=20_000)
def _from_latex(written: str) -> str:
    # The parser takes a while, and most names and titles are plain.
    return written if _PLAIN.fullmatch(written) else str(Text.from_latex(written))


def _order(source: Source) -> tuple[str, str, str]:
    return (author_year(source, "en").casefold(), source.title.casefold(), source.key)


def _element(html: str) -> ET.Element:
    return parse(html)[0]


# --- what keeps a book from being made --------------------------------------------------------


def _missing_glyphs(book: Book, made: _Made, chosen: fonts.FontSet) -> Iterator[Problem]:
    """Yield every character that no font has, at each place where it stands."""
    missing = chosen.missing(made.characters)
    if not missing:
        return
    root = book.site.glossary.root
    files: dict[str, None] = {}
    for concept in book.concepts:
        if concept.article:
            files[concept.article.path] = None
        files[concept.concept.path] = None
    files["docs/references.bib"] = None
    left = set(missing)
    for path in files:
        with contextlib.suppress(OSError):
            for number, line in enumerate((root / path).read_text("utf-8").splitlines(), 1):
                shown = line if not missing.isdisjoint(line) else book.site.chinese(line)
                for char in sorted(missing.intersection(shown)):
                    left.discard(char)
                    yield _no_glyph(char, path, number, shown.find(char) + 1)
    for char in sorted(left):
        yield _no_glyph(char, "docs/terms", 1, 1)


def _no_glyph(char: str, path: str, line: int, column: int) -> Problem:
    return Problem(
        path,
        line,
        column,
        "book-glyph",
        f"no font of the book has the character `{char}` (U+{ord(char):04X})",
        "write it otherwise, in a formula for example",
    )


def _refused(error: Mapping[str, Any], book: Book, made: _Made, markup: str) -> Problem:
    """Return what the typesetter refused, with the place of the article that it comes from."""
    said = "; ".join([error["message"], *error["hints"]])
    path, line = "docs/terms", 1
    found = re.search(r"main\.typ:(\d+):(\d+)", error["diagnostic"] or "")
    named = re.search(r"<(?:note|term):([a-z0-9-]+)[:>]", error["message"])
    if named:
        concept = next(c for c in book.concepts if c.slug == named[1])
        place = error["message"][named.start() + 1 :].partition(">")[0]
        path, line = source_of(concept, _until(made.articles[named[1]].markup, place))
    elif found:
        lines = markup.splitlines()[: int(found[1])]
        lines[-1] = lines[-1][: int(found[2])]
        begun = "\n".join(lines)
        *_, start = (None, *_CONCEPT.finditer(begun))
        if start is not None:
            concept = next(c for c in book.concepts if c.slug == start[1])
            path, line = source_of(concept, begun[start.start() :])
    return Problem(
        path, line, 1, "book-typeset", f"the typesetter refused: {said}", "write it otherwise"
    )


def _until(markup: str, place: str) -> str:
    """Return what stands before the definition of a place, or the place itself."""
    return markup[: max(0, markup.rfind(f'"{place}"'))]


_CONCEPT = re.compile(r'^#concept\("term:([a-z0-9-]+)"', re.MULTILINE)
