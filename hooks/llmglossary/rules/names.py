"""One name, one concept."""

from __future__ import annotations

from collections.abc import Iterator

from ..model import Concept, Glossary, KeyPath, Problem
from ..record import LANGUAGES, Language, LanguageNames
from .guide import Example, Rule, RuleGuide, Words


def check(glossary: Glossary) -> Iterator[Problem]:
    """Yield a problem at each place of an accepted name that stands in several.

    Nothing tells which record came first, so whoever adds one sees the problem in it.
    """
    for language in LANGUAGES:
        claims: dict[str, list[tuple[Concept, KeyPath, str]]] = {}
        for concept in glossary.concepts.values():
            for location, name in _accepted(concept, language):
                identity = name if name.isupper() else name.casefold()
                claims.setdefault(identity, []).append((concept, location, name))
        for places in claims.values():
            for concept, location, name in places if len(places) > 1 else ():
                others = sorted({c.slug for c, _, _ in places} - {concept.slug})
                place = concept.positions.at(*location)
                yield Problem(
                    concept.path,
                    place.line,
                    place.column,
                    "duplicate-name",
                    f"the name `{name}` ({language}) also belongs to `{'`, `'.join(others)}`"
                    if others
                    else f"the name `{name}` ({language}) stands twice in this record",
                    "keep it where it belongs"
                    + "".join(f"; see {glossary.concepts[slug].path}" for slug in others),
                )


def _accepted(concept: Concept, language: Language) -> Iterator[tuple[KeyPath, str]]:
    names = concept.record.names.get(language)
    yield from _of(("names", language), names)
    for index, section in enumerate(concept.record.sections):
        yield from _of(("sections", index, "names", language), section.names.get(language))


def _of(location: KeyPath, names: LanguageNames) -> Iterator[tuple[KeyPath, str]]:
    yield (*location, "preferred"), names.preferred
    if names.abbreviation:
        yield (*location, "abbreviation"), names.abbreviation
    for index, name in enumerate(names.admitted):
        yield (*location, "admitted", index), name


RULE = Rule(
    RuleGuide(
        slug="names",
        codes=("duplicate-name",),
        title=Words("一名一义", "One name, one concept"),
        what=Words(
            "同一种语言里，一个名称只属于一个概念，在一份记录里只出现一次。",
            "Within a language a name belongs to one concept and stands once in its record.",
        ),
        why=Words(
            "名称是链接、索引和搜索的依据，两个概念抢一个名称，读者就到不了要去的页面。",
            "Links, index and search go by names; where two concepts claim one, readers land on "
            "the wrong page.",
        ),
        examples=(
            Example(
                "duplicate-name",
                "term.yml",
                "zh: {preferred: 梯度下降, admitted: [学习率]}",
                "zh: {preferred: 梯度下降, admitted: [梯度下降法]}",
                "zh: {preferred: 梯度下降, admitted: [梯度下降法]}",
            ),
        ),
    ),
    check,
)
