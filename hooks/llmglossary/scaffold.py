"""Start a concept: its record and both articles from the template."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from . import traditional
from .changes import ChangeSet
from .model import Glossary, Problem
from .record import LANGUAGES, Language, Level
from .rename import REDIRECTS
from .yaml_edit import quoted

TEMPLATE = Path(__file__).parent / "template"
FILES = ("term.yml", "index.zh.md", "index.en.md")
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_MAX_SLUG = 64


@dataclass(frozen=True)
class Proposal:
    """What a contributor says about a new concept.

    Attributes:
        names: Preferred name in every language; fewer while they are not all known.
        source: A key of references.bib.
    """

    slug: str
    names: Mapping[Language, str]
    abbreviation: str | None
    category: str
    level: Level
    requires: tuple[str, ...] = ()
    source: str = "TODO"


def is_slug(text: str) -> bool:
    """Tell whether `text` may be the slug of a concept."""
    return len(text) <= _MAX_SLUG and bool(_SLUG.fullmatch(text))


def suggested_slug(name: str) -> str:
    """Return a slug made of the English `name`; empty if nothing of it is left."""
    return re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-")[:_MAX_SLUG].strip("-")


def traditional_name(glossary: Glossary, name: str) -> str:
    """Return the Traditional form of a Simplified name, as far as a machine knows it."""
    return traditional.from_glossary(glossary).convert(name)


def conflicts(
    glossary: Glossary, proposal: Proposal, moved: Mapping[str, str]
) -> Iterator[Problem]:
    """Yield a problem for the slug and for each name that the glossary has already.

    Args:
        glossary: As it is now.
        proposal: The new concept.
        moved: Former slug -> present slug.
    """
    slug = proposal.slug
    if (glossary.root / "docs" / "terms" / slug).exists():
        concept = glossary.concepts.get(slug)
        yield Problem(
            concept.path if concept else f"docs/terms/{slug}",
            1,
            1,
            "duplicate-slug",
            f"there is a concept `{slug}` already",
            "add to it, or choose another slug",
        )
    elif slug in moved:
        yield Problem(
            REDIRECTS,
            1,
            1,
            "duplicate-slug",
            f"`{slug}` is the former slug of `{moved[slug]}`, and old links still use it",
            "choose another slug",
        )
    for language in LANGUAGES:
        if language in proposal.names:
            yield from _taken(glossary, language, proposal.names[language])
        # The English abbreviation is understood in every language.
        if language == "en" and proposal.abbreviation:
            yield from _taken(glossary, language, proposal.abbreviation)


def _taken(glossary: Glossary, language: Language, name: str) -> Iterator[Problem]:
    for concept in glossary.concepts.values():
        owners = [(("names", language), concept.record.names.get(language), concept.slug)] + [
            (("sections", index, "names", language), lesser.names.get(language), lesser.id)
            for index, lesser in enumerate(concept.record.sections)
        ]
        for location, names, owner in owners:
            known = {
                "preferred": [names.preferred],
                "abbreviation": [names.abbreviation] if names.abbreviation else [],
                "admitted": list(names.admitted),
                "rejected": [rejected.name for rejected in names.rejected],
            }
            for kind, taken in known.items():
                if _same(name, taken):
                    place = concept.positions.at(*location, kind)
                    yield Problem(
                        concept.path,
                        place.line,
                        place.column,
                        "duplicate-name",
                        f"`{name}` ({language}) is the {kind} name of `{owner}`",
                        "add to that concept, or choose another name"
                        if kind != "rejected"
                        else "choose another name; the reason stands there",
                    )


def _same(name: str, taken: list[str]) -> bool:
    def identity(text: str) -> str:
        return text if text.isupper() else text.casefold()

    return identity(name) in map(identity, taken)


def files(proposal: Proposal, today: date) -> ChangeSet:
    """Return the files of a new concept.

    Args:
        proposal: The new concept.
        today: Goes into the articles until a reviewer sets the day of the review.
    """
    # Not HTML: what is YAML is quoted here, and names stand nowhere else.
    environment = Environment(
        loader=FileSystemLoader(TEMPLATE),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701
        # `{#` begins an id in an article.
        comment_start_string="{##",
        comment_end_string="##}",
    )
    values = {
        "zh": quoted(proposal.names["zh"]),
        "zh_hant": quoted(proposal.names["zh-Hant"]),
        "en": quoted(proposal.names["en"]),
        "abbreviation": quoted(proposal.abbreviation) if proposal.abbreviation else "",
        "category": proposal.category,
        "level": proposal.level,
        "requires": [quoted(slug) for slug in proposal.requires],
        "source": proposal.source,
        "reviewed": today.isoformat(),
    }
    return ChangeSet(
        {
            f"docs/terms/{proposal.slug}/{name}": environment.get_template(name).render(values)
            for name in FILES
        }
    )
