"""``cli.py status``."""

from __future__ import annotations

import argparse
import json
import sys
from contextlib import closing
from datetime import date
from typing import cast

from .. import changes, status, translation
from ..changes import ChangeSet
from ..load import load
from ..model import Glossary
from ..record import Language
from ..spelling import suggestion
from ..store import Store
from .outcome import CLEAN, PROBLEMS, UsageError


def run(arguments: argparse.Namespace) -> int:
    """Tell what is left to do, or record that a translation is up to date."""
    with closing(Store(arguments.root / ".cache")) as store:
        glossary, problems = load(arguments.root, store)
    if arguments.accept is not None:
        return _accept(arguments, glossary)
    found = status.report(glossary, date.today())  # noqa: DTZ011 - the contributor's own day
    if arguments.format == "json":
        text = json.dumps(status.as_data(found), ensure_ascii=False, indent=1)
    else:
        text = status.as_text(found)
    sys.stdout.write(text + "\n")
    if any(problem.severity == "error" for problem in problems):
        sys.stderr.write("Some files could not be read and are left out: run `check`.\n")
        return PROBLEMS
    return CLEAN


def _accept(arguments: argparse.Namespace, glossary: Glossary) -> int:
    slug, *rest = arguments.accept
    language, *sections = rest or [""]
    if slug not in glossary.concepts:
        raise UsageError(
            f"--accept: there is no concept `{slug}`; "
            + suggestion(slug, glossary.concepts, "concept")
        )
    concept = glossary.concepts[slug]
    if language not in concept.articles:
        known = ", ".join(concept.articles)
        raise UsageError(f"--accept {slug}: name the language of a translation, of {known}")
    article = concept.articles[cast("Language", language)]
    source = translation.source_of(concept, article)
    try:
        sections_now = translation.accepted(concept, article, sections)
    except ValueError as error:
        raise UsageError(f"--accept: {error}") from None
    path = arguments.root / article.path
    text = changes.read(path)
    stamped = translation.stamped(text, source.language if source else "zh", sections_now)
    written = ChangeSet({article.path: stamped} if stamped != text else {})
    sys.stdout.write(changes.diff(arguments.root, written) + "\n" if written.writes else "")
    changes.apply(arguments.root, written)
    sys.stderr.write(f"{article.path}: {'accepted' if written.writes else 'is up to date'}\n")
    return CLEAN
