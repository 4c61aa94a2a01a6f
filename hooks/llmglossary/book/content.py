"""What a book holds, in one language, whatever format it is written in.

Articles are converted by the very extensions that the site uses, so that a book never says
anything else than the site does. Writers map the links and ids of an article to their format:

- links to other concepts are ``../<slug>/index.md#<anchor>``, see `internal_target`;
- ids of headings are unique within an article only; writers put the slug before them;
- citations are ``<sup class="citation"><a href="#ref-1">[1]</a></sup>``, the number being the
  place of the source in `BookConcept.page.references`;
- formulas are MathML with their TeX in ``<annotation encoding="application/x-tex">``;
- diagrams are ``<div class="diagram"><svg>…`` with ``<title>`` and ``<desc>``, without colours.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import markdown
from markdown.extensions import Extension

from .. import (
    bibliography,
    converted,
    diagrams,
    extension,
    graph,
    pages,
    strings,
    traditional,
)
from ..answers import Answers
from ..converted import Converted
from ..link import Linker, Target
from ..localize import Localized
from ..model import Article, Concept, Glossary
from ..record import Language
from ..store import Store
from . import settings

Progress = Callable[[int, int], None]

_INTERNAL = re.compile(r"\.\./(?P<slug>[a-z0-9-]+)/index\.md(?:#(?P<anchor>.+))?")
# MkDocs switches these on without being asked.
_ALWAYS = ("toc", "tables", "fenced_code")


class SelectionError(Exception):
    """What was asked for is not in the glossary; the message says what is."""


@dataclass(frozen=True)
class Edition:
    """What identifies a book besides its content.

    Attributes:
        title: Of the glossary in the language of the book.
        licence: One sentence.
        address: Of the site, with a trailing slash; of no particular language.
        repository: Of the sources; empty if unknown.
        version: Of the project.
        date: The last day an article in the book was reviewed, so that the same sources always
            make the same book.
    """

    title: str
    description: str
    licence: str
    address: str
    repository: str
    version: str
    date: date


@dataclass(frozen=True)
class BookConcept:
    """One concept.

    Attributes:
        concept: Its record.
        article: As it was written; None where the language of the book has none.
        html: The article; of a concept not translated yet, the first diagram of another language.
        page: The generated parts: names, relations, sources in the order of their numbers.
            Its addresses are relative to the root of the site.
    """

    slug: str
    concept: Concept
    article: Article | None
    html: str
    page: pages.TermPage


@dataclass(frozen=True)
class Chapter:
    """A category and its concepts in reading order."""

    key: str
    title: str
    description: str
    concepts: tuple[BookConcept, ...]


@dataclass(frozen=True)
class Book:
    """A book in one language.

    Attributes:
        site: The whole glossary as the language shows it; for the index of names and the like.
        graph: All relations, also to concepts that are not in the book.
        strings: The site's own words in the language of the book.
        references: Key -> formatted reference in HTML, for every source cited in the book.
        complete: Whether the book holds every concept of the glossary.
    """

    language: Language
    edition: Edition
    chapters: tuple[Chapter, ...]
    site: Localized
    graph: graph.Graph
    strings: Mapping[str, str]
    references: Mapping[str, str]
    complete: bool

    @property
    def concepts(self) -> tuple[BookConcept, ...]:
        """All concepts in the order of the book."""
        return tuple(concept for chapter in self.chapters for concept in chapter.concepts)

    @property
    def slugs(self) -> frozenset[str]:
        """What is in the book; links to anything else lead to the site."""
        return frozenset(concept.slug for concept in self.concepts)


def internal_target(href: str) -> Target | None:
    """Return the concept that a link of an article leads to; None for any other link."""
    found = _INTERNAL.fullmatch(href)
    return Target(found["slug"], found["anchor"]) if found else None


def build(  # noqa: PLR0913 - all but two have defaults
    glossary: Glossary,
    language: Language,
    *,
    terms: Collection[str] | None = None,
    category: str | None = None,
    store: Store | None = None,
    on_progress: Progress | None = None,
) -> Book:
    """Convert articles and collect what stands around them.

    Args:
        glossary: Loaded, and found free of errors.
        language: Of the book.
        terms: Slugs to put in; all where None.
        category: The one category to put in; all where None.
        store: Keeps what was converted, for as long as that is what converting would give.
        on_progress: Called with the number of articles converted, and of all.

    Raises:
        SelectionError: A slug or the category is unknown, or nothing would be in the book.
    """
    chosen = _selection(glossary, terms, category)
    options = settings.read(glossary.root)
    site = Localized(glossary, language, traditional.from_glossary(glossary))
    store = store or Store(None)
    converter = _Converter(site, options, store)
    articles: dict[str, Converted] = {}
    for done, slug in enumerate(chosen):
        if on_progress:
            on_progress(done, len(chosen))
        articles[slug] = converter.convert(glossary.concepts[slug])
    if on_progress:
        on_progress(len(chosen), len(chosen))

    relations = graph.build(glossary)
    around = pages.Around(
        site,
        relations,
        pages.arrange(site),
        pages.Repository(settings.repository(options)),
    )
    linked_from = pages.inverse_links({slug: article.targets for slug, article in articles.items()})

    def concept_of(slug: str) -> BookConcept:
        concept = glossary.concepts[slug]
        article = articles[slug]
        page = pages.term_page(
            around,
            concept,
            cited=article.cited,
            linked_from=linked_from.get(slug, set()),
            report_title=f"{slug}: ",
        )
        return BookConcept(slug, concept, site.article(concept), article.html, page)

    chapters = tuple(
        Chapter(
            key,
            category_.names.get(language),
            site.text(category_.description),
            tuple(
                concept_of(slug)
                for slug in around.arrangement.sequence
                if slug in chosen and glossary.concepts[slug].record.category == key
            ),
        )
        for key, category_ in glossary.categories.items()
    )
    concepts = [concept for chapter in chapters for concept in chapter.concepts]
    sources = {source.key: source for c in concepts for source in c.page.references}
    return Book(
        language=language,
        edition=_edition(glossary.root, options, language, concepts),
        chapters=tuple(chapter for chapter in chapters if chapter.concepts),
        site=site,
        graph=relations,
        strings=strings.load()[language],
        references=bibliography.references(tuple(sources.values()), store),
        complete=len(chosen) == len(glossary.concepts),
    )


def _selection(
    glossary: Glossary, terms: Collection[str] | None, category: str | None
) -> Sequence[str]:
    unknown = sorted(set(terms or ()) - set(glossary.concepts))
    if unknown:
        raise SelectionError(f"there is no concept {', '.join(f'`{slug}`' for slug in unknown)}")
    if category is not None and category not in glossary.categories:
        raise SelectionError(
            f"there is no category `{category}`; these are: {', '.join(glossary.categories)}"
        )
    chosen = [
        slug
        for slug, concept in glossary.concepts.items()
        if (terms is None or slug in terms)
        and (category is None or concept.record.category == category)
    ]
    if not chosen:
        raise SelectionError("no concept would be in the book")
    return chosen


class _Converter:
    """Turns articles of one language into HTML."""

    def __init__(self, site: Localized, options: Mapping[str, Any], store: Store) -> None:
        glossary = site.glossary
        self._site = site
        self._store = store
        listed = json.dumps(options.get("markdown_extensions", ()), default=str)
        self._settings = f"{site.language} {diagrams.available()} {listed}"
        self._linker = Linker(glossary, site.language, glossary.longer_words.get(site.language, ()))
        self._extension = extension.GlossaryExtension(glossary.root / ".cache")
        names, self._configs = _extensions(options.get("markdown_extensions", ()))
        # Marks beside headings are for copying addresses.
        self._configs.setdefault("toc", {})["permalink"] = False
        superfences = self._configs.setdefault("pymdownx.superfences", {})
        superfences["custom_fences"] = [self._extension.custom_fence()]
        self._extensions: list[str | Extension] = [*dict.fromkeys((*_ALWAYS, *names))]
        self._extensions.append(self._extension)

    def convert(self, concept: Concept) -> Converted:
        """Return a concept's article, converted now or earlier."""
        article = self._site.article(concept)
        if article is None:
            shown = next(iter(concept.articles.values()), None)
            text = extension.first_diagram(shown) if shown else ""
        else:
            text = article.body
        context = extension.Page(
            answers=Answers(self._site, self._linker, self._site.glossary.sources, concept.slug),
            slug=concept.slug,
            derived=bool(article and self._site.is_derived(article)),
        )
        key = self._store.key("book", self._settings, concept.slug, str(context.derived), text)
        found = self._store.get(key)
        if isinstance(found, Converted) and found.holds(context.answers, str):
            return found
        self._extension.begin(context)
        html = markdown.markdown(text, extensions=self._extensions, extension_configs=self._configs)
        made = converted.from_page(context, html=html, toc=None, title=None, anchors=frozenset())
        self._store.put(key, made)
        return made


def _extensions(listed: Iterable[Any]) -> tuple[list[str], dict[str, dict[str, Any]]]:
    """Return the names of extensions and their options, as mkdocs.yml lists them."""
    names: list[str] = []
    configs: dict[str, dict[str, Any]] = {}
    for item in listed:
        if isinstance(item, str):
            names.append(item)
        else:
            for name, options in item.items():
                names.append(name)
                configs[name] = dict(options or {})
    return names, configs


def _edition(
    root: Path, options: Mapping[str, Any], language: Language, concepts: Iterable[BookConcept]
) -> Edition:
    own: Mapping[str, Any] = {}
    for plugin in options.get("plugins", ()):
        if isinstance(plugin, dict) and "i18n" in plugin:
            locales = plugin["i18n"].get("languages", ())
            own = next((item for item in locales if item["locale"] == language), {})
    words = {**options, **own}
    project = (root / "pyproject.toml").read_text("utf-8")
    version = re.search(r'^version = "(.+)"$', project, re.MULTILINE)
    reviewed = max((c.page.reviewed for c in concepts if c.page.reviewed), default="1970-01-01")
    return Edition(
        title=str(words.get("site_name", "")),
        description=str(words.get("site_description", "")),
        licence=str(words.get("copyright", "")),
        address=settings.address(options),
        repository=settings.repository(options),
        version=version[1] if version else "",
        date=date.fromisoformat(reviewed),
    )
