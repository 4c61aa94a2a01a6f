"""``cli.py check``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path

from tqdm import tqdm

from .. import examples, report, rules
from ..load import load, processors
from ..model import Glossary, Problem
from ..store import Store
from .outcome import CLEAN, PROBLEMS, UsageError


def run(arguments: argparse.Namespace) -> int:
    """Report every problem in the chosen part of the glossary."""
    wanted = selection(arguments.paths)
    glossary, problems = problems_of(arguments.root, arguments.root)
    if arguments.examples:
        concepts = tqdm(
            glossary.concepts.values(), desc="examples", leave=False, delay=1, file=sys.stderr
        )
        problems.extend(
            problem
            for concept in concepts
            for article in concept.articles.values()
            if wanted(arguments.root / article.path)
            for problem in examples.check(article)
        )
    problems = [problem for problem in problems if wanted(arguments.root / problem.path)]
    text = report.render(problems, arguments.format)
    if text:
        sys.stdout.write(text + "\n")
    if arguments.format == "text":
        sys.stderr.write(f"{len(glossary.concepts)} concepts: {report.summary(problems)}\n")
    return PROBLEMS if any(problem.severity == "error" for problem in problems) else CLEAN


def problems_of(root: Path, project: Path) -> tuple[Glossary, list[Problem]]:
    """Load the glossary below `root` and run all rules, with a progress bar where it takes long.

    Args:
        root: The project, or a copy of it with changes.
        project: The project, where results are kept.
    """
    with closing(Store(project / ".cache")) as store:
        glossary, problems = load(root, store, processes=processors())
        problems.extend(rules.check(glossary, store))
    return glossary, problems


def selection(paths: Iterable[Path]) -> Callable[[Path], bool]:
    """Return what tells whether a file is one of `paths` or below one; none means all."""
    chosen = list(paths)
    missing = [path for path in chosen if not path.exists()]
    if missing:
        raise UsageError(f"there is no file or folder {missing[0]}")
    return lambda place: not chosen or any(p == place or p in place.parents for p in chosen)
