"""Translations that no longer match their source, by section and without git history.

A translation's front matter holds a fingerprint of each section of the article it was made
from. A section whose fingerprint differs now has changed since, so its translation is stale.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import Literal

from . import article as article_reader
from .model import Article, Concept, Glossary, Place, Problem
from .record import LANGUAGES, Language
from .spelling import suggestion

# The definition in the front matter, and any text above the first heading.
SUMMARY = "summary"
_SECTION_LEVEL = 2

_HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | str.maketrans(
    "。“”「」‘’『』", "." + '"' * 4 + "'" * 4
)
_BETWEEN_WORDS = re.compile(r"(?<=[A-Za-z0-9])\s+(?=[A-Za-z0-9])")
# A gap between words matters ("1 1/2"); one between Chinese and Latin is typography.
_OTHER_SPACE = re.compile(r"(?<![A-Za-z0-9])\s+|\s+(?![A-Za-z0-9])")
_STAMP = re.compile(r"^translated_from:.*\n?(?:(?:[ \t]+.*|[ \t]*)(?:\n|\Z))*", re.MULTILINE)

Kind = Literal["changed", "added", "removed"]


@dataclass(frozen=True)
class Change:
    """One section of the source that is not what the translation was made from."""

    section: str
    kind: Kind


@lru_cache(maxsize=8192)
def fingerprint(text: str) -> str:
    """Return a short hash of `text` that spacing, line breaks and width do not change.

    It is made of the letters a to p only, so that no YAML reader takes it for a number.
    """
    folded = _BETWEEN_WORDS.sub(" ", text.translate(_HALF_WIDTH))
    folded = _OTHER_SPACE.sub("", folded)
    digest = sha256(folded.encode()).hexdigest()[:8]
    return digest.translate(str.maketrans("0123456789abcdef", "abcdefghijklmnop"))


def fingerprints(article: Article) -> dict[str, str]:
    """Return the fingerprint of each section of `article`, in order of appearance.

    A section's own heading does not count, the headings below it do.
    """
    lines = article.body.split("\n")
    texts: dict[str, list[str]] = {SUMMARY: [article.front_matter.definition]}
    section, start = SUMMARY, 0
    for heading in article.headings:
        if heading.level <= _SECTION_LEVEL and heading.id:
            at = heading.line - article.first_line
            texts.setdefault(section, []).extend(lines[start:at])
            section, start = heading.id, at + 1
    texts.setdefault(section, []).extend(lines[start:])
    return {key: fingerprint("\n".join(text).strip()) for key, text in texts.items()}


def source_of(concept: Concept, article: Article) -> Article | None:
    """Return the article that `article` is a translation of, or should say it is.

    Returns:
        None for the original, and where the stamp names an article that does not exist.
    """
    stamp = article.front_matter.translated_from
    if stamp:
        found = concept.articles.get(stamp.language)
        return None if found is article else found
    original = original_of(concept)
    return None if original is article else original


def original_of(concept: Concept) -> Article | None:
    """Return the article that is not a translation; the Chinese one if several claim that."""
    for language in LANGUAGES:
        article = concept.articles.get(language)
        if article and article.front_matter.translated_from is None:
            return article
    return None


def changes(concept: Concept, article: Article) -> tuple[Change, ...]:
    """Return what has changed in the source since `article` was translated from it.

    Returns:
        In the order of the source, what was removed from it last; nothing for an original or
        for a translation without stamp.
    """
    stamp, source = article.front_matter.translated_from, source_of(concept, article)
    if stamp is None or source is None:
        return ()
    now = fingerprints(source)
    found: list[Change] = [
        Change(section, "changed" if section in stamp.sections else "added")
        for section, value in now.items()
        if stamp.sections.get(section) != value
    ]
    found += [Change(section, "removed") for section in stamp.sections if section not in now]
    return tuple(found)


def unstamped(concept: Concept) -> tuple[Article, ...]:
    """Return the articles beside the original that do not say what they were made from."""
    original = original_of(concept)
    return tuple(
        article
        for article in concept.articles.values()
        if article is not original and article.front_matter.translated_from is None
    )


def accepted(
    concept: Concept, article: Article, sections: Collection[str] = ()
) -> Mapping[str, str]:
    """Return the fingerprints to record once a translation was reviewed.

    Args:
        concept: Whose article it is.
        article: The translation.
        sections: Those that were reviewed; none given means all.

    Raises:
        ValueError: The article is not a translation, or its source has no such section; the
            message is for the contributor.
    """
    source = source_of(concept, article)
    if source is None:
        raise ValueError(f"{article.path} is the original, not a translation: nothing to accept")
    now = fingerprints(source)
    stamp = article.front_matter.translated_from
    before = dict(stamp.sections) if stamp else {}
    if not sections:
        return now
    known = {**now, **before}
    unknown = [name for name in sections if name not in known]
    if unknown:
        raise ValueError(
            "; ".join(
                f"{source.path} has no section `{name}`, {suggestion(name, known, 'section')}"
                for name in unknown
            )
            + f". Its sections are: {', '.join(now)}"
        )
    merged = {**before, **{name: now[name] for name in sections if name in now}}
    order = [*now, *(name for name in before if name not in now)]
    return {
        name: merged[name]
        for name in order
        if name in merged and not (name in sections and name not in now)
    }


def stamped(text: str, source: Language, sections: Mapping[str, str]) -> str:
    """Return the article file `text` with its stamp replaced, or added after the other fields.

    Args:
        text: The whole file.
        source: The language it was translated from.
        sections: Section -> fingerprint, as `accepted` returns them.
    """
    cut = article_reader.split(text)
    front = (cut.front_matter or "").rstrip("\n") + "\n"
    block = f"translated_from:\n  language: {source}\n  sections:\n" + "".join(
        f"    {key}: {value}\n" for key, value in sections.items()
    )
    found = _STAMP.search(front)
    if found:
        front = front[: found.start()] + block + front[found.end() :]
    else:
        front += block
    return f"---\n{front}---\n{cut.body}"


def check(glossary: Glossary) -> Iterator[Problem]:
    """Yield a warning for every stale section, and what is wrong with the stamps themselves."""
    for concept in glossary.concepts.values():
        for article in unstamped(concept):
            yield _problem(
                article,
                Place(1),
                "unstamped-translation",
                "nothing says which text this translation was made from",
                f"once it matches its source, run `{_command(concept, article)}`",
            )
        for article in concept.articles.values():
            yield from _source(glossary, concept, article)
            for change in changes(concept, article):
                yield _stale(concept, article, change)


def _source(glossary: Glossary, concept: Concept, article: Article) -> Iterator[Problem]:
    stamp = article.front_matter.translated_from
    if stamp is None:
        return
    source = concept.articles.get(stamp.language)
    wrong = None
    if source is article:
        wrong = "itself"
    elif source is None:
        name = f"index.{stamp.language}.md"
        if (glossary.root / article.path).with_name(name).exists():
            return  # it cannot be read, which is reported
        wrong = f"index.{stamp.language}.md, which does not exist"
    elif original_of(concept) is None:
        wrong = f"{source.path}, which in turn is a translation: no article is the original"
    if wrong:
        place = article.positions.at("translated_from", "language")
        yield Problem(
            article.path,
            place.line,
            place.column,
            "translation-source",
            f"`translated_from` says this was translated from {wrong}",
            "name the language of the original, or delete `translated_from` if this is it",
        )


def _stale(concept: Concept, article: Article, change: Change) -> Problem:
    source = source_of(concept, article)
    path = source.path if source else ""
    heading = next((h for h in article.headings if h.id == change.section), None)
    place = Place(heading.line) if heading else article.positions.at("translated_from")
    if change.section == SUMMARY:
        place = article.positions.at("definition")
    line = next((h.line for h in source.headings if h.id == change.section), 1) if source else 1
    part = "the definition at the top" if change.section == SUMMARY else f"`{change.section}`"
    message = {
        "changed": f"{part} has changed in {path}:{line} since it was translated",
        "added": f"{part} is new in {path}:{line} since this was translated",
        "removed": f"{part} was taken out of {path} since this was translated",
    }[change.kind]
    return _problem(
        article,
        place,
        "stale-translation",
        message,
        "bring it up to date, or see that the change does not concern it, then run "
        f"`{_command(concept, article, change.section)}`",
    )


def _command(concept: Concept, article: Article, section: str = "") -> str:
    words = ("python hooks/cli.py status --accept", concept.slug, article.language, section)
    return " ".join(word for word in words if word)


def _problem(article: Article, place: Place, code: str, message: str, fix: str) -> Problem:
    return Problem(article.path, place.line, place.column, code, message, fix, "warning")
