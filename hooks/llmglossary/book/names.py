"""The index of names at the end of a book: every name of every concept, in three orders."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .. import order
from ..record import LANGUAGES, Language, LanguageNames
from .content import Book, BookConcept


@dataclass(frozen=True)
class Name:
    """One line of the index.

    Attributes:
        reading: Pinyin or zhuyin; None where the name is written in Latin script.
        slug: Of the concept in the book that bears the name.
        anchor: Of the section on its page, for a lesser concept explained there.
        see: The name to use instead; None unless this one is rejected.
    """

    text: str
    reading: str | None
    slug: str
    anchor: str | None
    see: str | None


@dataclass(frozen=True)
class Letter:
    """The names under one letter, pinyin initial or zhuyin symbol."""

    initial: str
    names: tuple[Name, ...]


def index(book: Book, language: Language) -> tuple[Letter, ...]:
    """Return the names in `language` of all that is in `book`, as its dictionaries sort them.

    Args:
        book: Its language does not matter: each book has the index of every language.
        language: Of the names: by pinyin in Simplified Chinese, by zhuyin in Traditional
            Chinese, from A to Z in English.
    """
    found: dict[tuple[str, str, str | None], tuple[object, str, Name]] = {}
    for concept in book.concepts:
        for names, anchor in _named(concept, language):
            for name, override in _lines(names, concept.slug, anchor, language):
                # A name that is both admitted and, in the other script, rejected is admitted.
                key = (name.text, name.slug, name.anchor)
                sort = order.sort_key(name.text, language, override)
                found.setdefault(key, (sort, _initial(name.text, language, override), name))
    letters: dict[str, list[Name]] = {}
    for _, initial, name in sorted(found.values(), key=lambda item: (item[0], item[2].slug)):
        letters.setdefault(initial, []).append(name)
    return tuple(Letter(initial, tuple(names)) for initial, names in letters.items())


def _named(concept: BookConcept, language: Language) -> Iterator[tuple[LanguageNames, str | None]]:
    yield concept.concept.record.names.get(language), None
    # A page that is not translated yet has no such section.
    if concept.article is not None:
        for section in concept.concept.record.sections:
            yield section.names.get(language), section.id


def _lines(
    names: LanguageNames, slug: str, anchor: str | None, language: Language
) -> Iterator[tuple[Name, str | None]]:
    for text in names.accepted:
        override = names.pinyin if text == names.preferred else None
        yield Name(text, _reading(text, language, override), slug, anchor, None), override
    for rejected in names.rejected:
        text = rejected.name
        yield Name(text, _reading(text, language, None), slug, anchor, names.preferred), None


def _reading(text: str, language: Language, override: str | None) -> str | None:
    if language == "en":
        return None
    read = order.pinyin if language == "zh" else order.zhuyin
    reading = read(text, override)
    # Latin words are read as they are written.
    return reading if reading.replace(" ", "") != text.replace(" ", "") else None


def _initial(text: str, language: Language, override: str | None) -> str:
    if language == "en":
        return order.english_initial(text)
    initial = order.pinyin_initial if language == "zh" else order.zhuyin_initial
    return initial(text, override)


def indexes(book: Book) -> dict[Language, tuple[Letter, ...]]:
    """Return the index of each language, in the order of `languages`."""
    return {language: index(book, language) for language in languages(book)}


def languages(book: Book) -> list[Language]:
    """Return all languages, that of the book first."""
    return sorted(LANGUAGES, key=lambda language: language != book.language)
