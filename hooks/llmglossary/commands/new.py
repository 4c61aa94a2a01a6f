"""``cli.py new``."""

from __future__ import annotations

import argparse
import sys
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import cast

from .. import changes, rename, scaffold
from ..characters import invisible
from ..load import load
from ..record import LANGUAGES, LEVELS, Language, Level
from ..spelling import suggestion
from ..store import Store
from .outcome import CLEAN, UsageError, refuse


def run(arguments: argparse.Namespace) -> int:
    """Write the files of a new concept, asking for what no option gives."""
    root: Path = arguments.root
    with closing(Store(root / ".cache")) as store:
        glossary, _ = load(root, store)
    ask = _Asker()
    slug = arguments.slug
    if not scaffold.is_slug(slug):
        close = scaffold.suggested_slug(slug)
        raise UsageError(
            f"`{slug}` cannot be a slug: use small letters, digits and single hyphens"
            + (f", such as `{close}`" if close else "")
        )
    moved = rename.redirects(root)
    if (root / "docs" / "terms" / slug).exists() or slug in moved:
        # Before asking for anything else.
        return refuse(
            p
            for p in scaffold.conflicts(
                glossary,
                scaffold.Proposal(slug, dict.fromkeys(LANGUAGES, ""), None, "", "beginner"),
                moved,
            )
            if p.code == "duplicate-slug"
        )
    zh = ask("zh", arguments.zh, "Chinese name (Simplified)", "")
    guess = scaffold.traditional_name(glossary, zh)
    zh_hant = arguments.zh_hant or (
        ask("zh-hant", None, "Chinese name (Traditional, Taiwan)", guess)
        if ask.interactive
        else guess
    )
    if not arguments.zh_hant and not ask.interactive:
        sys.stderr.write(f"zh-Hant name by machine: {zh_hant} (change it in term.yml if wrong)\n")
    en = ask("en", arguments.en, "English name", slug.replace("-", " "))
    abbreviation = arguments.abbreviation
    if abbreviation is None and ask.interactive:
        abbreviation = ask.optional("Abbreviation (none: just Enter)")
    category = ask("category", arguments.category, "Category", "", tuple(glossary.categories))
    level = ask("level", arguments.level, "Level", "", LEVELS)
    requires = tuple(s for given in arguments.requires for s in given.split(",") if s)
    for required in requires:
        if required not in glossary.concepts:
            hint = suggestion(required, glossary.concepts, "concept")
            raise UsageError(f"--requires: there is no concept `{required}`; {hint}")
    source = arguments.source or "TODO"
    if arguments.source and source not in glossary.sources:
        hint = suggestion(source, glossary.sources, "key of references.bib")
        raise UsageError(f"--source: references.bib has no key `{source}`; {hint}")
    names: dict[Language, str] = {"zh": zh, "zh-Hant": zh_hant, "en": en}
    proposal = scaffold.Proposal(
        slug,
        {language: _name(text) for language, text in names.items()},
        _name(abbreviation) if abbreviation else None,
        category,
        cast("Level", level),
        requires,
        source,
    )
    found = list(scaffold.conflicts(glossary, proposal, moved))
    if found:
        return refuse(found)
    written = scaffold.files(proposal, date.today())  # noqa: DTZ011 - the contributor's own day
    changes.apply(root, written)
    for path in written.writes:
        sys.stdout.write(f"{path}\n")
    sys.stderr.write(
        "Now replace every TODO, then run `python hooks/cli.py check "
        f"docs/terms/{slug}`. When the English text matches the Chinese one, run "
        f"`python hooks/cli.py status --accept {slug} en`.\n"
    )
    return CLEAN


def _name(text: str) -> str:
    name = " ".join(text.split())
    hidden = next(invisible(name), None)
    if not name or hidden:
        what = f"contains {hidden.description}" if hidden else "is empty"
        raise UsageError(f"{text!r} cannot be a name: it {what}")
    return name


class _Asker:
    """Asks at the terminal for what no option gave; without a terminal that is an error."""

    def __init__(self) -> None:
        self.interactive = _at_terminal()

    def __call__(
        self,
        option: str,
        given: str | None,
        question: str,
        default: str,
        choices: tuple[str, ...] = (),
    ) -> str:
        if given is None and not self.interactive:
            raise UsageError(f"--{option} is missing, and there is no terminal to ask at")
        while True:
            answer = self._read(question, default, choices) if given is None else given.strip()
            if answer and (not choices or answer in choices):
                return answer
            if given is not None:
                allowed = f"use one of: {', '.join(choices)}" if choices else "it is empty"
                raise UsageError(f"--{option}: `{given}` will not do; {allowed}")

    def optional(self, question: str) -> str | None:
        return self._read(question, "", ()) or None

    def _read(self, question: str, default: str, choices: tuple[str, ...]) -> str:
        if choices:
            sys.stderr.write(f"  {', '.join(choices)}\n")
        sys.stderr.write(question + (f" [{default}]" if default else "") + ": ")
        sys.stderr.flush()
        try:
            return input().strip() or default
        except EOFError:
            raise UsageError("the input ended before all questions were answered") from None


def _at_terminal() -> bool:
    return sys.stdin.isatty()
