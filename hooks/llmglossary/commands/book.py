"""``cli.py book``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from tqdm import tqdm

from .. import report
from ..book import downloads, press, provenance
from ..book.problems import BookError
from ..model import Glossary, Problem
from ..spelling import suggestion
from .check import problems_of
from .outcome import CLEAN, PROBLEMS, UsageError


def run(arguments: argparse.Namespace) -> int:
    """Write the books, or parts of one, and list them on the site."""
    try:
        return _write(arguments)
    except press.PressError as error:
        sys.stderr.write(f"cli.py: {error}\n")
        return PROBLEMS


def _write(arguments: argparse.Namespace) -> int:
    root = arguments.root
    site = (arguments.site or root / "site").resolve()
    selection = press.Selection(arguments.terms, arguments.category)
    kinds = _kinds(arguments)
    if "zip" in kinds and not (site / "index.html").is_file():
        raise UsageError(f"there is no built site in {site}: run `make site`, or leave zip out")
    glossary, problems = problems_of(root, root)
    errors = [problem for problem in problems if problem.severity == "error"]
    if errors:
        sys.stderr.write(f"{report.render(errors)}\nNo file was written.\n")
        return PROBLEMS
    # What is not everything has no place among the site's downloads.
    own = site / "downloads"
    output = arguments.output or (Path.cwd() if selection.name else own)
    _check_selection(glossary, selection)
    try:
        state = provenance.of(root)
    except ValueError as error:
        raise UsageError(str(error)) from None
    printer = press.Press(glossary, state, selection, site)
    made, errors = _print(printer, press.jobs(arguments.lang, kinds), output)
    if not selection.name and made:
        listed = downloads.record(output, made)
        if output.resolve() == own:
            downloads.fill(site, downloads.pages(root, listed))
    if errors:
        failed = "A file that could not be made is not written; an earlier one is still there.\n"
        sys.stderr.write(f"{report.render(errors)}\n{failed}")
    return PROBLEMS if errors else CLEAN


def _check_selection(glossary: Glossary, selection: press.Selection) -> None:
    for slug in selection.terms or ():
        if slug not in glossary.concepts:
            hint = suggestion(slug, glossary.concepts, "concept")
            raise UsageError(f"--terms: there is no concept `{slug}`; {hint}")
    key = selection.category
    if key is not None and key not in glossary.categories:
        hint = suggestion(key, glossary.categories, "category")
        raise UsageError(f"--category: there is no category `{key}`; {hint}")
    if key is not None and all(c.record.category != key for c in glossary.concepts.values()):
        raise UsageError(f"--category: there is no concept in `{key}` yet")


def _print(
    printer: press.Press, jobs: list[press.Job], output: Path
) -> tuple[list[downloads.Download], list[Problem]]:
    """Make all files that can be made, and collect what is wrong with the others."""
    made: list[downloads.Download] = []
    errors: list[Problem] = []
    # Nested bars need room of their own; where nobody looks there are none.
    with tqdm(jobs, desc="files", file=sys.stderr, disable=None) as bar:
        for job in bar:
            bar.set_postfix_str(f"{job.kind} {job.language or ''}".strip())
            with tqdm(total=1, leave=False, delay=1, file=sys.stderr, disable=None) as inner:
                try:
                    made.append(
                        printer.make(job, output, _progress(inner), inner.set_description_str)
                    )
                except BookError as error:
                    errors.extend(error.problems)
                    continue
            tqdm.write(str(output / made[-1].name), file=sys.stdout)
    return made, errors


def _progress(bar: tqdm[Any]) -> press.Progress:
    def show(done: int, total: int) -> None:
        bar.total = total
        bar.update(done - bar.n)

    return show


def _kinds(arguments: argparse.Namespace) -> tuple[downloads.Kind, ...]:
    """Return the kinds of files that --format and --size ask for."""
    partial = arguments.terms or arguments.category
    formats = arguments.format or (("pdf", "epub") if partial else ("pdf", "epub", "zip"))
    if partial and "zip" in formats:
        raise UsageError("zip holds the whole site: leave it out, or --terms and --category")
    wanted = {f"pdf-{size}" for size in arguments.size if "pdf" in formats} | set(formats)
    return tuple(kind for kind in downloads.KINDS if kind in wanted)
