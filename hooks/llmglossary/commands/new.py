"""``cli.py new``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import cast

from .. import changes, rename, scaffold
from ..characters import invisible
from ..load import load
from ..model import Glossary
from ..record import LANGUAGES, LEVELS, Level
from ..spelling import nearest, suggestion
from ..store import Store
from .outcome import CLEAN, UsageError, refuse


def run(arguments: argparse.Namespace) -> int:
    """Write the files of a new concept, asking for what no option gives."""
    root: Path = arguments.root
    with closing(Store(root / ".cache")) as store:
        glossary, _ = load(root, store)
    moved = rename.redirects(root)
    requires = tuple(s for given in arguments.requires for s in given.split(",") if s)
    given = scaffold.Proposal(
        arguments.slug,
        {
            language: text
            for language, text in zip(
                LANGUAGES, (arguments.zh, arguments.zh_hant, arguments.en), strict=True
            )
            if text is not None
        },
        arguments.abbreviation,
        arguments.category or "",
        cast("Level", arguments.level or "beginner"),
        requires,
        arguments.source or "TODO",
    )
    # Everything that is wrong with what was given, before anything is asked for.
    faults = list(_faults(glossary, arguments, requires))
    conflicts = list(scaffold.conflicts(glossary, given, moved))
    interactive = _at_terminal()
    if not interactive and not any(p.code == "duplicate-slug" for p in conflicts):
        faults += [
            f"--{name} is missing, and there is no terminal to ask at"
            for name in ("zh", "en", "category", "level")
            if getattr(arguments, name) is None
        ]
    if faults and conflicts:
        sys.stderr.write("\n".join(faults) + "\n")
    elif faults:
        raise UsageError("\n".join(faults))
    if conflicts:
        return refuse(conflicts)
    proposal = _completed(glossary, given, arguments, interactive=interactive)
    conflicts = list(scaffold.conflicts(glossary, proposal, moved))
    if conflicts:
        return refuse(conflicts)
    written = scaffold.files(proposal, date.today())  # noqa: DTZ011 - the contributor's own day
    changes.apply(root, written)
    for path in written.writes:
        sys.stdout.write(f"{path}\n")
    sys.stderr.write(
        "Now replace every TODO, then run `python hooks/cli.py check "
        f"docs/terms/{proposal.slug}`. When the English text matches the Chinese one, run "
        f"`python hooks/cli.py status --accept {proposal.slug} en`.\n"
    )
    return CLEAN


def _faults(
    glossary: Glossary, arguments: argparse.Namespace, requires: Sequence[str]
) -> Iterator[str]:
    """Yield what is wrong with each option by itself."""
    slug = arguments.slug
    if not scaffold.is_slug(slug):
        close = scaffold.suggested_slug(slug)
        yield f"`{slug}` cannot be a slug: use small letters, digits and single hyphens" + (
            f", such as `{close}`" if close else ""
        )
    for option in ("zh", "zh_hant", "en", "abbreviation"):
        name = getattr(arguments, option)
        fault = _name_fault(name) if name is not None else None
        if fault:
            yield f"--{option.replace('_', '-')}: {fault}"
    closed: dict[str, tuple[str, ...]] = {"category": (*glossary.categories,), "level": LEVELS}
    for option, choices in closed.items():
        answer = getattr(arguments, option)
        if answer is not None and answer.strip() not in choices:
            nearby = nearest(answer, choices)
            write = f"write `{nearby}`; " if nearby else ""
            yield f"--{option}: `{answer}` will not do; {write}use one of: {', '.join(choices)}"
    for required in requires:
        if required not in glossary.concepts:
            hint = suggestion(required, glossary.concepts, "concept")
            yield f"--requires: there is no concept `{required}`; {hint}"
    source = arguments.source
    if source and source not in glossary.sources:
        hint = suggestion(source, glossary.sources, "key of references.bib")
        yield f"--source: references.bib has no key `{source}`; {hint}"


def _completed(
    glossary: Glossary,
    given: scaffold.Proposal,
    arguments: argparse.Namespace,
    *,
    interactive: bool,
) -> scaffold.Proposal:
    """Return the proposal with what was left open asked for, or worked out."""
    zh = _spaced(arguments.zh) or _ask_name("Chinese name (Simplified)", "")
    zh_hant = _spaced(arguments.zh_hant)
    if not zh_hant:
        zh_hant = scaffold.traditional_name(glossary, zh)
        if interactive:
            zh_hant = _ask_name("Chinese name (Traditional, Taiwan)", zh_hant)
        else:
            sys.stderr.write(
                f"zh-Hant name by machine: {zh_hant} (change it in term.yml if wrong)\n"
            )
    en = _spaced(arguments.en) or _ask_name("English name", given.slug.replace("-", " "))
    abbreviation: str = _spaced(arguments.abbreviation)
    if arguments.abbreviation is None and interactive:
        abbreviation = _ask_name("Abbreviation (none: just Enter)", "", optional=True)
    return replace(
        given,
        names={"zh": zh, "zh-Hant": zh_hant, "en": en},
        abbreviation=abbreviation or None,
        category=given.category.strip() or _ask("Category", "", tuple(glossary.categories)),
        level=cast("Level", (arguments.level or "").strip() or _ask("Level", "", LEVELS)),
    )


def _spaced(text: str | None) -> str:
    return " ".join((text or "").split())


def _name_fault(text: str) -> str | None:
    hidden = next(invisible(text), None)
    if hidden or not text.strip():
        what = f"contains {hidden.description}" if hidden else "is empty"
        return f"{text!r} cannot be a name: it {what}"
    return None


def _ask_name(question: str, default: str, *, optional: bool = False) -> str:
    while True:
        answer = _spaced(_read(question, default))
        fault = None if optional and not answer else _name_fault(answer)
        if fault is None:
            return answer
        sys.stderr.write(f"  {fault}\n")


def _ask(question: str, default: str, choices: Sequence[str]) -> str:
    while True:
        sys.stderr.write(f"  {', '.join(choices)}\n")
        answer = _read(question, default)
        if answer in choices:
            return answer


def _read(question: str, default: str) -> str:
    sys.stderr.write(question + (f" [{default}]" if default else "") + ": ")
    sys.stderr.flush()
    try:
        return input().strip() or default
    except EOFError:
        raise UsageError("the input ended before all questions were answered") from None


def _at_terminal() -> bool:
    return sys.stdin.isatty()
