"""``cli.py fix``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from .. import changes, repair, report
from ..changes import ChangeSet
from ..model import Problem
from .check import problems_of, selection
from .outcome import CLEAN, PROBLEMS


def run(arguments: argparse.Namespace) -> int:
    """Repair what a machine can, unless that adds a problem."""
    root = arguments.root
    repairs = repair.find(root, selection(arguments.paths))
    if not repairs.writes:
        sys.stderr.write("nothing to repair\n")
        return CLEAN
    repairs, refused = _safe(root, repairs)
    shown = changes.diff(root, repairs)
    if shown:
        sys.stdout.write(shown + "\n")
    if refused:
        sys.stderr.write("not repaired, because the repair would add these problems:\n")
        sys.stderr.write(report.render(refused) + "\n")
    count = f"{len(repairs.writes)} file{'' if len(repairs.writes) == 1 else 's'}"
    if arguments.check:
        sys.stderr.write(f"{count} to repair: run `python hooks/cli.py fix`\n")
        return PROBLEMS if repairs.writes else CLEAN
    changes.apply(root, repairs)
    sys.stderr.write(f"{count} repaired\n")
    return CLEAN


def _safe(root: Path, repairs: ChangeSet) -> tuple[ChangeSet, list[Problem]]:
    """Leave out the repairs that would add a problem, and return those problems."""
    before = problems_of(root, root)[1]
    refused: list[Problem] = []
    while repairs.writes:
        added = changes.added_problems(
            root, repairs, lambda copy: problems_of(copy, root)[1], before
        )
        if not added:
            break
        refused += added
        guilty = {problem.path for problem in added} & set(repairs.writes)
        # Where the culprit is not plain, nothing is written.
        repairs = repairs.without(guilty or repairs.writes)
    return repairs, refused
