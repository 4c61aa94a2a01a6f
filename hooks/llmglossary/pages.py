"""What the templates show around an article, and on the generated pages."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlencode

from . import graph, order, translation
from .graph import Graph, RelationKind
from .link import Target
from .localize import HTML_LANG, URL_PREFIX, Localized, html_lang, term_url
from .model import Article, Concept, LearningPath, Source
from .record import LANGUAGES, LEVELS, Language, LanguageNames, Level, Names

Translation = Literal["written", "derived", "missing"]


@dataclass(frozen=True)
class TermLink:
    """A concept as a link to its page.

    Attributes:
        url: Relative to the root of the whole site.
        definition: In the language of the site, if there is an article in it.
    """

    slug: str
    name: str
    abbreviation: str | None
    url: str
    definition: str | None


@dataclass(frozen=True)
class LocalName:
    """The designations of a concept in one language, with how to say them."""

    language: Language
    html_lang: str
    names: LanguageNames
    reading: str | None


@dataclass(frozen=True)
class Rejected:
    """A rejected name and why, in the language of the site."""

    html_lang: str
    name: str
    reason: str
    source: Source | None


@dataclass(frozen=True)
class Alternate:
    """The same page in another language; `url` is relative to the root of the whole site."""

    language: Language
    html_lang: str
    url: str


@dataclass(frozen=True)
class StaleSection:
    """A section whose source has changed since it was translated.

    Attributes:
        title: Its heading; None for the definition at the top.
        anchor: Its id on this page; None where the page has no such section yet.
    """

    title: str | None
    anchor: str | None


@dataclass(frozen=True)
class TermPage:
    """Everything around the article of one concept."""

    slug: str
    name: str
    abbreviation: str | None
    category: str
    category_name: str
    level: Level
    translation: Translation
    definition: str | None
    definition_lang: str
    names: tuple[LocalName, ...]
    rejected: tuple[Rejected, ...]
    relations: Mapping[RelationKind, tuple[TermLink, ...]]
    confusable: tuple[tuple[TermLink, str], ...]
    linked_from: tuple[TermLink, ...]
    references: tuple[Source, ...]
    previous: TermLink | None
    next: TermLink | None
    reviewed: str | None
    edit_url: str | None
    report_url: str | None
    translate_url: str | None
    paths: tuple[tuple[str, str], ...]
    stale: tuple[StaleSection, ...]
    source: Alternate | None


@dataclass(frozen=True)
class Entry:
    """One line of the index.

    Attributes:
        initial: The letter or symbol it is listed under.
        section_of: The host's name, for a lesser concept explained on another's page.
        search_text: Everything the filter on the page matches, lower case.
    """

    link: TermLink
    initial: str
    level: Level
    category: str
    category_name: str
    other_names: tuple[tuple[str, str], ...]
    section_of: str | None
    search_text: str


@dataclass(frozen=True)
class Group:
    """A heading of the index and what stands below it."""

    key: str
    title: str
    description: str | None
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class Step:
    """One step of a reading path."""

    link: TermLink
    level: Level
    why: str


@dataclass(frozen=True)
class PathPage:
    """One reading path."""

    slug: str
    url: str
    title: str
    audience: str
    minutes: int
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Repository:
    """Where contributors edit, if that is known.

    Attributes:
        url: Of the repository, without a trailing slash; empty if unknown.
        branch: That pull requests go to.
    """

    url: str
    branch: str = "main"

    def edit(self, path: str) -> str | None:
        """Return the address of the web editor for `path`, relative to the project root."""
        return f"{self.url}/edit/{self.branch}/{path}" if self.url else None

    def create(self, path: str) -> str | None:
        """Return the address that starts a new file at `path`."""
        folder, _, name = path.rpartition("/")
        query = urlencode({"filename": name})
        return f"{self.url}/new/{self.branch}/{folder}?{query}" if self.url else None

    def suggest(self) -> str | None:
        """Return the address of a proposal for a new term, with ``{query}`` for its name."""
        return f"{self.url}/issues/new?template=term.yml&title={{query}}" if self.url else None

    def report(self, title: str, **fields: str) -> str | None:
        """Return the address of a prefilled error report."""
        query = urlencode({"template": "error.yml", "title": title, **fields})
        return f"{self.url}/issues/new?{query}" if self.url else None


def alternates(path: str) -> tuple[Alternate, ...]:
    """Return a page's address in every language.

    Args:
        path: Of the page relative to the root of its language's site.
    """
    return tuple(Alternate(lang, HTML_LANG[lang], URL_PREFIX[lang] + path) for lang in LANGUAGES)


def _names_at(concept: Concept, anchor: str | None) -> Names:
    """Return the names of the lesser concept at `anchor`, or of `concept` itself."""
    sections = concept.record.sections
    return next((s.names for s in sections if s.id == anchor), concept.record.names)


def term_link(site: Localized, slug: str, anchor: str | None = None) -> TermLink:
    """Return `slug`, or the lesser concept at `anchor` on its page, as a link."""
    concept = site.glossary.concepts[slug]
    names = _names_at(concept, anchor)
    return TermLink(
        slug=slug,
        name=names.get(site.language).preferred,
        abbreviation=names.en.abbreviation,
        url=term_url(slug, site.language, anchor),
        definition=site.definition(slug, anchor),
    )


def _name_key(site: Localized, slug: str) -> object:
    names = site.glossary.concepts[slug].record.names.get(site.language)
    return order.sort_key(names.preferred, site.language, names.pinyin)


def reading_sequence(site: Localized) -> list[str]:
    """Return all slugs in the order of the previous and next links.

    Category by category; within one, what is required comes first, then by name.
    """
    categories = list(site.glossary.categories)
    concepts = site.glossary.concepts
    inside = graph.reading_order(
        site.glossary,
        key=lambda slug: (LEVELS.index(concepts[slug].record.level), _name_key(site, slug)),
    )
    position = {slug: index for index, slug in enumerate(inside)}
    return sorted(
        concepts,
        key=lambda slug: (categories.index(concepts[slug].record.category), position[slug]),
    )


@dataclass(frozen=True)
class Arrangement:
    """What takes all names of a site to work out, and changes with them only.

    Attributes:
        sequence: See `reading_sequence`.
        by_name: Slug -> its place in the order of names.
        readings: Slug -> how its names are read, by language.
    """

    sequence: Sequence[str]
    by_name: Mapping[str, int]
    readings: Mapping[str, Mapping[Language, str | None]]


def arrange(site: Localized) -> Arrangement:
    """Work out the order and the readings of all concepts of a site."""
    concepts = site.glossary.concepts
    in_order = sorted(concepts, key=lambda slug: _name_key(site, slug))  # type: ignore[arg-type, return-value]
    return Arrangement(
        sequence=reading_sequence(site),
        by_name={slug: place for place, slug in enumerate(in_order)},
        readings={
            slug: {
                language: _reading(concept.record.names.get(language), language)
                for language in LANGUAGES
            }
            for slug, concept in concepts.items()
        },
    )


@dataclass(frozen=True)
class Around:
    """What a term page needs to know of the other pages, computed once per site."""

    site: Localized
    graph: Graph
    arrangement: Arrangement
    repository: Repository


def term_page(
    around: Around,
    concept: Concept,
    *,
    cited: Sequence[str],
    linked_from: Iterable[str],
    report_title: str,
) -> TermPage:
    """Assemble what stands around one article.

    Args:
        around: The rest of the site.
        concept: Whose page it is.
        cited: Keys in the order of their numbers on the page.
        linked_from: Slugs whose articles mention this concept.
        report_title: Of the prefilled error report.
    """
    site, record, slug = around.site, concept.record, concept.slug
    article = site.article(concept)
    shown = article or concept.articles.get("zh") or next(iter(concept.articles.values()), None)
    translation: Translation = "missing"
    if article:
        translation = "derived" if site.is_derived(article) else "written"
    sequence, by_name = around.arrangement.sequence, around.arrangement.by_name
    readings = around.arrangement.readings[slug]
    at = sequence.index(slug)
    category = site.glossary.categories[record.category]
    sources = site.glossary.sources
    keys = [*cited, *(key for key in record.sources if key not in cited)]
    if article:
        definition, definition_lang = site.definition(slug), html_lang(site.language)
    else:
        definition = shown.front_matter.definition if shown else None
        definition_lang = html_lang(shown.language) if shown else ""
    return TermPage(
        slug=slug,
        name=concept.name(site.language),
        abbreviation=record.names.en.abbreviation,
        category=category.key,
        category_name=category.names.get(site.language),
        level=record.level,
        translation=translation,
        definition=definition,
        definition_lang=definition_lang,
        names=tuple(
            LocalName(lang, html_lang(lang), record.names.get(lang), readings[lang])
            for lang in LANGUAGES
        ),
        rejected=tuple(_rejected(site, concept)),
        relations={
            kind: tuple(term_link(site, other) for other in slugs)
            for kind, slugs in around.graph.of(slug).items()
        },
        confusable=tuple(
            (term_link(site, c.term), site.text(c.difference)) for c in record.confusable_with
        ),
        linked_from=tuple(
            term_link(site, other) for other in sorted(linked_from, key=by_name.__getitem__)
        ),
        references=tuple(sources[key] for key in keys if key in sources),
        previous=term_link(site, sequence[at - 1]) if at else None,
        next=term_link(site, sequence[at + 1]) if at + 1 < len(sequence) else None,
        reviewed=shown.front_matter.reviewed if shown else None,
        edit_url=around.repository.edit(shown.path) if shown else None,
        report_url=around.repository.report(
            report_title, term=slug, language=html_lang(site.language)
        ),
        translate_url=around.repository.create(f"docs/terms/{slug}/index.{site.language}.md"),
        paths=tuple(
            (site.text(path.record.title), f"{URL_PREFIX[site.language]}paths/{path.slug}/")
            for path in site.glossary.paths.values()
            if any(step.term == slug for step in path.record.steps)
        ),
        stale=tuple(_stale(site, concept, article)) if article else (),
        source=_source(concept, article) if article else None,
    )


def _stale(site: Localized, concept: Concept, article: Article) -> Iterable[StaleSection]:
    source = translation.source_of(concept, article)
    own = {heading.id: heading.text for heading in article.headings}
    theirs = {heading.id: heading.text for heading in source.headings} if source else {}
    for change in translation.changes(concept, article):
        if change.section == translation.SUMMARY:
            yield StaleSection(None, None)
            continue
        here = change.section in own
        title = own.get(change.section) or theirs.get(change.section) or change.section
        yield StaleSection(
            site.chinese(title) if article.language != "en" else title,
            change.section if here else None,
        )


def _source(concept: Concept, article: Article) -> Alternate | None:
    source = translation.source_of(concept, article)
    if source is None:
        return None
    return Alternate(
        source.language, html_lang(source.language), term_url(concept.slug, source.language)
    )


def _reading(names: LanguageNames, language: Language) -> str | None:
    reading = None
    if language == "zh":
        reading = order.pinyin(names.preferred, names.pinyin)
    elif language == "zh-Hant":
        reading = order.zhuyin(names.preferred, names.pinyin)
    # Nothing to add where the name is written in Latin script anyway.
    return None if reading == names.preferred else reading


def _rejected(site: Localized, concept: Concept) -> Iterable[Rejected]:
    for language in LANGUAGES:
        # A name rejected in Simplified is rejected in Traditional too, unless said otherwise.
        for rejected in concept.record.names.get(language).rejected:
            name = rejected.name
            shown_language = language
            if language == "zh" and site.language == "zh-Hant":
                name, shown_language = site.chinese(name), "zh-Hant"
            yield Rejected(
                html_lang(shown_language),
                name,
                site.text(rejected.reason),
                site.glossary.sources.get(rejected.source) if rejected.source else None,
            )


def entries(site: Localized) -> list[Entry]:
    """Return every concept and lesser concept, sorted as a dictionary of the language does."""
    found: list[tuple[object, Entry]] = []
    for concept in site.glossary.concepts.values():
        found.append(_entry(site, concept, None))
        found.extend(_entry(site, concept, lesser.id) for lesser in concept.record.sections)
    return [entry for _, entry in sorted(found, key=lambda item: item[0])]  # type: ignore[arg-type, return-value]


def _entry(site: Localized, concept: Concept, anchor: str | None) -> tuple[object, Entry]:
    language = site.language
    all_names = _names_at(concept, anchor)
    names = all_names.get(language)
    initial = {
        "zh": lambda: order.pinyin_initial(names.preferred, names.pinyin),
        "zh-Hant": lambda: order.zhuyin_initial(names.preferred, names.pinyin),
        "en": lambda: order.english_initial(names.preferred),
    }[language]()
    # The same name in another script is no news to the reader.
    others = tuple(
        (html_lang(other), all_names.get(other).preferred)
        for other in LANGUAGES
        if other != language and all_names.get(other).preferred != names.preferred
    )
    category = site.glossary.categories[concept.record.category]
    words = {
        name
        for other in LANGUAGES
        for name in (
            *all_names.get(other).accepted,
            *(rejected.name for rejected in all_names.get(other).rejected),
        )
    }
    entry = Entry(
        link=term_link(site, concept.slug, anchor),
        initial=initial,
        level=concept.record.level,
        category=category.key,
        category_name=category.names.get(language),
        other_names=others,
        section_of=concept.name(language) if anchor else None,
        search_text=" ".join(sorted({*words, *_typed_pinyin(all_names.zh)})).casefold(),
    )
    return order.sort_key(names.preferred, language, names.pinyin), entry


def _typed_pinyin(names: LanguageNames) -> tuple[str, str]:
    """Return the reading as people type it, without tones, spaced and joined."""
    marked = unicodedata.normalize("NFD", order.pinyin(names.preferred, names.pinyin))
    plain = "".join(c for c in marked if not unicodedata.combining(c))
    return plain, plain.replace(" ", "")


def by_letter(site: Localized) -> tuple[Group, ...]:
    """Group the index by letter, pinyin initial or zhuyin symbol."""
    groups: dict[str, list[Entry]] = {}
    for entry in entries(site):
        groups.setdefault(entry.initial, []).append(entry)
    return tuple(Group(key, key, None, tuple(found)) for key, found in groups.items())


def by_category(site: Localized) -> tuple[Group, ...]:
    """Group the concepts by category, in reading order; empty categories are left out."""
    sequence = {slug: index for index, slug in enumerate(reading_sequence(site))}
    groups: dict[str, list[Entry]] = {}
    for entry in sorted(entries(site), key=lambda e: (sequence[e.link.slug], bool(e.section_of))):
        groups.setdefault(entry.category, []).append(entry)
    return tuple(
        Group(key, category.names.get(site.language), site.text(category.description), tuple(found))
        for key, category in site.glossary.categories.items()
        if (found := groups.get(key))
    )


def path_page(site: Localized, path: LearningPath) -> PathPage:
    """Return one reading path as its page shows it."""
    concepts = site.glossary.concepts
    return PathPage(
        slug=path.slug,
        url=f"{URL_PREFIX[site.language]}paths/{path.slug}/",
        title=site.text(path.record.title),
        audience=site.text(path.record.audience),
        minutes=path.record.minutes,
        steps=tuple(
            Step(term_link(site, step.term), concepts[step.term].record.level, site.text(step.why))
            for step in path.record.steps
        ),
    )


def recently_reviewed(site: Localized, count: int) -> list[tuple[str, TermLink]]:
    """Return the `count` concepts whose articles were checked last, as (date, link)."""
    dated = [
        (article.front_matter.reviewed, concept.slug)
        for concept in site.glossary.concepts.values()
        if (article := site.article(concept))
    ]
    # Newest first; among equals, by slug.
    dated.sort(key=lambda item: item[1])
    dated.sort(key=lambda item: item[0], reverse=True)
    return [(date, term_link(site, slug)) for date, slug in dated[:count]]


def inverse_links(targets: Mapping[str, Iterable[Target]]) -> dict[str, set[str]]:
    """Turn "page links to" into "page is linked from".

    Args:
        targets: Slug of a page -> what its article links to.
    """
    found: dict[str, set[str]] = {}
    for slug, linked in targets.items():
        for target in linked:
            if target.slug != slug:
                found.setdefault(target.slug, set()).add(slug)
    return found
