"""Every slug, category and source that a record names must exist."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from ..model import Concept, Glossary, KeyPath, Place, Problem
from ..record import LANGUAGES, ConceptRecord
from ..spelling import suggestion
from .guide import Example, Rule, RuleGuide, Words

_RELATIONS = ("requires", "kind_of", "part_of", "contrasts_with", "related")


def check(glossary: Glossary) -> Iterator[Problem]:
    """Yield a problem for every dangling reference."""
    for concept in glossary.concepts.values():
        yield from _concept(glossary, concept)
    for path in glossary.paths.values():
        for index, step in enumerate(path.record.steps):
            if step.term not in glossary.concepts:
                location = ("steps", index, "term")
                fix = _fix(step.term, glossary.concepts, "concept")
                place = path.positions.at(*location)
                yield _dangling(path.path, place, location, step.term, fix)
    for index, homograph in enumerate(glossary.homographs):
        if homograph.term not in glossary.concepts:
            location = ("homographs", index, "term")
            fix = _fix(homograph.term, glossary.concepts, "concept")
            place = glossary.homograph_positions.at(*location)
            yield _dangling("docs/homographs.yml", place, location, homograph.term, fix)


def _concept(glossary: Glossary, concept: Concept) -> Iterator[Problem]:
    record, positions = concept.record, concept.positions
    wanted: list[tuple[KeyPath, str, Collection[str], str]] = [
        (("category",), record.category, glossary.categories, "category"),
        *(
            (("relations", relation, index), slug, glossary.concepts, "concept")
            for relation in _RELATIONS
            for index, slug in enumerate(getattr(record.relations, relation))
        ),
        *(
            (("confusable_with", index, "term"), confusable.term, glossary.concepts, "concept")
            for index, confusable in enumerate(record.confusable_with)
        ),
        *((location, key, glossary.sources, "source") for location, key in _cited(record)),
    ]
    for location, value, known, what in wanted:
        place = positions.at(*location)
        if value not in known:
            yield _dangling(concept.path, place, location, value, _fix(value, known, what))
        elif value == concept.slug and what == "concept":
            yield Problem(
                concept.path,
                place.line,
                place.column,
                "self-relation",
                f"`{'.'.join(map(str, location))}`: `{value}` is related to itself",
                "delete the entry",
            )


def _fix(value: str, known: Collection[str], what: str) -> str:
    if what == "category":
        otherwise = f"use one of: {', '.join(known)}"
    elif what == "source":
        otherwise = "look its key up in docs/references.bib, or add the work there"
    else:
        otherwise = (
            "use an existing concept, the name of a folder in docs/terms/, or start it with "
            "`python hooks/cli.py new`"
        )
    return suggestion(value, known, otherwise=otherwise)


def _cited(record: ConceptRecord) -> Iterator[tuple[KeyPath, str]]:
    for index, key in enumerate(record.sources):
        yield ("sources", index), key
    for index, claim in enumerate(record.claims):
        yield ("claims", index, "source"), claim.source
    for language in LANGUAGES:
        for index, name in enumerate(record.names.get(language).rejected):
            if name.source:
                yield ("names", language, "rejected", index, "source"), name.source


def _dangling(path: str, place: Place, location: KeyPath, value: str, fix: str) -> Problem:
    where = ".".join(map(str, location))
    kind = "category" if location == ("category",) else "source" if "source" in where else "concept"
    code = {
        "category": "unknown-category",
        "concept": "unknown-concept",
        "source": "unknown-source",
    }[kind]
    return Problem(
        path,
        place.line,
        place.column,
        code,
        f"`{where}`: there is no {kind} `{value}`",
        fix,
    )


_REQUIRES = "requires: [loss-function, learning-rate]"

RULE = Rule(
    RuleGuide(
        slug="references",
        codes=("unknown-concept", "unknown-category", "unknown-source", "self-relation"),
        title=Words("写到的都存在", "What is named exists"),
        what=Words(
            "记录里写到的概念、分类、文献都要存在；概念用它的文件夹名。一个概念不与自己相关。",
            "Every concept, category and source that a record names exists; a concept is named by "
            "its folder. Nothing is related to itself.",
        ),
        why=Words(
            "写错一个字母，关系就断了，而且没有人会发现。",
            "One wrong letter and the relation is lost unnoticed.",
        ),
        examples=(
            Example(
                "unknown-concept", "term.yml", "requires: [los-function]", _REQUIRES, _REQUIRES
            ),
            Example(
                "unknown-category",
                "term.yml",
                "category: trainning",
                "category: training",
                "category: training",
            ),
            Example(
                "unknown-source",
                "term.yml",
                "sources: [robins1951]",
                "sources: [robbins1951stochastic]",
                "sources: [robbins1951stochastic]",
            ),
            Example(
                "self-relation", "term.yml", "requires: [gradient-descent]", _REQUIRES, _REQUIRES
            ),
        ),
    ),
    check,
)
