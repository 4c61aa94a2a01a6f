"""The names and definitions that the search of one language knows.

What a reader types is mostly a name or a reading of one, so the names of every language and script
come first, in a small file of their own, and definitions and headings right behind them.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypedDict

from .. import traditional
from ..model import Glossary
from ..record import LANGUAGES, Bilingual, Language, Names
from . import readings
from .readings import Reading
from .scripts import HAN, characters, simplified, synonyms

UrlOf = Callable[[str, str | None], str]
DefinitionOf = Callable[[str, Language], str | None]
HeadingsOf = Callable[[str, Language], Iterable[str]]
NameKind = Literal["preferred", "abbreviation", "admitted", "rejected"]
PackedName = str | list[str]

_NOT_ALPHANUMERIC = re.compile(r"[^\w+]+|_+")  # LoRA+ is not LoRA
_NOT_OF_ADDRESS = re.compile(r"[^a-z0-9]+")
_KIND_LETTERS: Mapping[NameKind, str] = {
    "preferred": "p",
    "abbreviation": "b",
    "admitted": "a",
    "rejected": "r",
}
_LANGUAGE_LETTERS: Mapping[Language, str] = {"zh": "s", "zh-Hant": "t", "en": "e"}
# A heading of more pages than this (专业解释, How it works) tells concepts apart no more.
_MAX_PAGES_WITH_HEADING = 5


class NameIndex(TypedDict):
    """The first tier: all that finding a name takes.

    Alike things stand together, one list for each property of the documents: gzip makes a third
    less of that than of one object a document.

    Attributes:
        language: Of the site.
        categories: Their names in that language.
        fold: Traditional characters and, at the same positions, their Simplified forms.
        synonyms: Words and those they are read as, such as Taiwan's 函式 and 函数.
        syllables: Toneless pinyin, the same in zhuyin, and the Simplified characters read so.
        urls: For each document, its address relative to the root of that language's site, with
            ``*`` for the preferred English name as addresses have it.
        category: For each document, the position of its category.
        names: For each document its names, that of the site first. See `_packed`.
        mentions: For each document, how many relations of other concepts lead to it.
    """

    language: Language
    categories: list[str]
    fold: tuple[str, str]
    synonyms: list[tuple[str, str]]
    syllables: list[tuple[str, str, str]]
    urls: list[str]
    category: list[int]
    names: list[list[PackedName]]
    mentions: list[int]


class Definitions(TypedDict):
    """What is loaded besides, and shown as soon as it is there.

    Attributes:
        definitions: For each document; empty where there is none.
        headings: Likewise.
        homophones: Pinyin and the everyday characters read so that no name has.
    """

    definitions: list[str]
    headings: list[list[str]]
    homophones: list[tuple[str, str]]


@dataclass(frozen=True)
class SearchIndex:
    """The two parts; documents stand at the same positions in both."""

    names: NameIndex
    definitions: Definitions


def search_index(
    glossary: Glossary,
    language: Language,
    *,
    url: UrlOf,
    definition: DefinitionOf,
    headings: HeadingsOf,
) -> SearchIndex:
    """Collect what the search of the site in `language` needs.

    Args:
        glossary: The loaded glossary.
        language: The language of the site. The names in it are of every language.
        url: From slug and anchor to an address relative to the root of that language's site.
        definition: From slug and language to the one-sentence definition, if there is one.
        headings: From slug and language to the headings of the article, in plain text.
    """
    localized = _localizer(glossary, language)
    documents = list(_documents(glossary, language, localized, definition, headings))
    categories = list(glossary.categories)
    mentions = Counter(
        target
        for concept in glossary.concepts.values()
        for _, targets in concept.record.relations
        for target in targets
    )
    category_names = [category.names.get(language) for category in glossary.categories.values()]
    texts = [*category_names]
    for document in documents:
        texts += [document.definition, *document.headings, *(n.text for n in document.names)]
    whole = "\n".join(texts)
    usual = readings.usual((n.text, n.readings) for d in documents for n in d.names)
    return SearchIndex(
        names={
            "language": language,
            "categories": category_names,
            "fold": characters(whole),
            "synonyms": synonyms(whole, glossary.phrases),
            "syllables": readings.table(usual),
            "urls": [_starred(url(d.slug, d.anchor), d.names) for d in documents],
            "category": [
                categories.index(glossary.concepts[d.slug].record.category) for d in documents
            ],
            "names": [[_packed(name, usual) for name in d.names] for d in documents],
            "mentions": [0 if d.anchor else mentions[d.slug] for d in documents],
        },
        definitions={
            "definitions": [d.definition for d in documents],
            "headings": [d.headings for d in documents],
            "homophones": readings.homophones(usual),
        },
    )


@dataclass(frozen=True)
class _Document:
    """A page, or the section of one that explains a lesser concept."""

    slug: str
    anchor: str | None
    names: list[_Name]
    definition: str
    headings: list[str]


def _documents(
    glossary: Glossary,
    language: Language,
    localized: Callable[[Bilingual], str],
    definition: DefinitionOf,
    headings: HeadingsOf,
) -> Iterator[_Document]:
    of_pages = {slug: list(dict.fromkeys(headings(slug, language))) for slug in glossary.concepts}
    pages_with = Counter(heading for of_page in of_pages.values() for heading in of_page)
    for slug, concept in glossary.concepts.items():
        telling = [h for h in of_pages[slug] if pages_with[h] <= _MAX_PAGES_WITH_HEADING]
        names = list(_names(concept.record.names, language, localized))
        yield _Document(slug, None, names, definition(slug, language) or "", telling)
        for section in concept.record.sections:
            names = list(_names(section.names, language, localized))
            yield _Document(slug, section.id, names, localized(section.definition), [])


def _localizer(glossary: Glossary, language: Language) -> Callable[[Bilingual], str]:
    if language == "en":
        return lambda text: text.en
    if language == "zh":
        return lambda text: text.zh
    convert = traditional.from_glossary(glossary).convert
    return lambda text: convert(text.zh)


# --------------------------------------------------------------------------- names


@dataclass(frozen=True)
class _Designation:
    """A name as the record has it."""

    kind: NameKind
    language: Language
    text: str
    override: str | None = None
    reason: Bilingual | None = None


@dataclass(frozen=True)
class _Name:
    """A name as the search has it: with a syllable for each of its Chinese characters."""

    kind: NameKind
    language: Language
    text: str
    readings: tuple[Reading, ...]
    reason: str


def _designations(names: Names, site: Language) -> Iterator[_Designation]:
    """Yield every name, those in the language of the site first."""
    languages = sorted(LANGUAGES, key=lambda language: language != site)
    for language in languages:
        own = names.get(language)
        yield _Designation("preferred", language, own.preferred, own.pinyin)
        if own.abbreviation:
            yield _Designation("abbreviation", language, own.abbreviation)
        yield from (_Designation("admitted", language, name) for name in own.admitted)
    for language in languages:
        for rejected in names.get(language).rejected:
            yield _Designation("rejected", language, rejected.name, None, rejected.reason)


def _names(names: Names, site: Language, localized: Callable[[Bilingual], str]) -> Iterator[_Name]:
    """Yield the names that differ in more than script, case, width and punctuation."""
    alike: dict[str, list[_Designation]] = {}
    for designation in _designations(names, site):
        alike.setdefault(_key(designation.text), []).append(designation)
    for group in alike.values():
        first = group[0]
        reason = localized(first.reason) if first.reason else ""
        yield _Name(first.kind, first.language, first.text, _readings(group), reason)


def _key(text: str) -> str:
    folded = simplified(unicodedata.normalize("NFKC", text).casefold())
    return _NOT_ALPHANUMERIC.sub("", folded)


def _readings(alike: Sequence[_Designation]) -> tuple[Reading, ...]:
    """Read a name whose forms in both scripts are `alike`."""
    text = alike[0].text
    override = next((d.override for d in alike if d.override), None)
    in_taiwan = next((d.text for d in alike if d.language == "zh-Hant"), text)
    return readings.of_name(text, in_taiwan, override)


def _packed(name: _Name, usual: Mapping[str, Reading]) -> PackedName:
    """Write `name` as its kind, its language and its text run together.

    Where it needs more, as a list of that, its pinyin, its zhuyin (both empty if the characters
    are read as usual) and the reason for rejecting it.
    """
    text = _KIND_LETTERS[name.kind] + _LANGUAGE_LETTERS[name.language] + name.text
    read = zip(HAN.findall(simplified(name.text)), name.readings, strict=False)
    as_usual = all(usual[character] == reading for character, reading in read)
    if as_usual and not name.reason:
        return text
    pinyin, zhuyin = (
        ("", "") if as_usual else (" ".join(s) for s in zip(*name.readings, strict=True))
    )
    return [text, pinyin, zhuyin, name.reason]


def _starred(url: str, names: Sequence[_Name]) -> str:
    """Write ``*`` in an address for what the browser can read off the names anyway."""
    english = (n.text for n in names if (n.kind, n.language) == ("preferred", "en"))
    slug = _NOT_OF_ADDRESS.sub("-", next(english, names[0].text).lower()).strip("-")
    if not slug or slug not in url or "*" in url:
        return url
    return "*".join(url.rsplit(slug, 1))
