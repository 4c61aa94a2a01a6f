"""``cli.py rename``."""

from __future__ import annotations

import argparse
import sys

from .. import changes, rename, scaffold
from ..spelling import suggestion
from .check import problems_of
from .outcome import CLEAN, PROBLEMS, UsageError, refuse


def run(arguments: argparse.Namespace) -> int:
    """Move a concept and everything that refers to it."""
    root, old, new = arguments.root, arguments.old, arguments.new
    glossary, before = problems_of(root, root)
    if old not in glossary.concepts:
        hint = suggestion(old, glossary.concepts, "concept")
        raise UsageError(f"there is no concept `{old}` that can be read; {hint}")
    if not scaffold.is_slug(new):
        raise UsageError(f"`{new}` cannot be a slug: use small letters, digits, single hyphens")
    unreadable = [p for p in rename.check(glossary) if p.code in {"yaml", "encoding"}]
    if unreadable:
        # Written anew, the file would lose the redirects that it holds.
        return refuse(unreadable)
    moved = rename.redirects(root)
    if (root / "docs" / "terms" / new).exists():
        where = f"docs/terms/{new}/term.yml:1:1"
        sys.stderr.write(f"{where} there is a concept `{new}` already\nNothing was written.\n")
        return PROBLEMS
    if moved.get(new, old) != old:
        sys.stderr.write(
            f"{rename.REDIRECTS}:1:1 `{new}` is the former slug of `{moved[new]}`, and old links "
            "still use it\nNothing was written.\n"
        )
        return PROBLEMS
    planned = rename.plan(glossary, old, new)
    added = changes.added_problems(root, planned, lambda copy: problems_of(copy, root)[1], before)
    if added:
        return refuse(added)
    shown = changes.diff(root, planned)
    changes.apply(root, planned)
    sys.stdout.write(f"docs/terms/{old} -> docs/terms/{new}\n{shown}\n")
    return CLEAN
