"""The command line of ``make bench``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from . import book, build, check, edit, page_weight, report, search
from .contestants import CONTESTANTS
from .process import FailedError
from .results import PARTS
from .settings import PROJECT, Settings

_DONE, _FAILED, _USAGE = 0, 1, 2
Save = Callable[[dict[str, Any]], None]
_MEASURE: Mapping[str, Callable[[Settings, Save], dict[str, Any]]] = {
    "build": build.measure,
    "growth": build.growth,
    "page": page_weight.measure,
    "search": search.measure,
    "edit": edit.measure,
    "check": check.measure,
    "book": book.measure,
}


def _parser() -> argparse.ArgumentParser:
    names = ", ".join(contestant.name for contestant in CONTESTANTS)
    parser = argparse.ArgumentParser(
        prog="benchmark.py",
        description="Measure builds, pages, search, edits, checks and books on a glossary of any "
        "size, and compare them with other generators. Writes the pages of results, "
        "docs/contribute/benchmarks.*.md. Nothing else should run on the machine meanwhile.",
        epilog="Exit status: 0 all was measured (one of the others that failed is in the table "
        "with the reason), 1 something of ours failed, 2 wrong usage.",
    )
    parser.add_argument(
        "--concepts",
        type=_number,
        default=100,
        metavar="N",
        help="size of the glossary (default 100; at least as many as there are in docs/terms)",
    )
    parser.add_argument(
        "--quick",
        action="store_true",
        help="see whether everything runs: three concepts, once; writes no page of the site",
    )
    parser.add_argument("--runs", type=_number, metavar="N", help="of each command (default 3)")
    parser.add_argument(
        "--only",
        type=partial(_list_of, PARTS),
        default=PARTS,
        metavar="PART,…",
        help=f"{', '.join(PARTS)} (default: all); the page shows earlier results of the others",
    )
    parser.add_argument(
        "--peers",
        type=partial(_list_of, tuple(contestant.name for contestant in CONTESTANTS)),
        metavar="NAME,…",
        help=f"build only with these of {names}, and ours",
    )
    parser.add_argument(
        "--limit",
        type=_number,
        default=900,
        metavar="SECONDS",
        help="that one of the others may take for a build (default 900)",
    )
    parser.add_argument(
        "--sizes",
        type=_numbers,
        default=(100, 400),
        metavar="N,…",
        help="of glossaries, to see how time grows (default 100,400; thorough: 100,400,1600)",
    )
    parser.add_argument(
        "--report-only", action="store_true", help="measure nothing, write the pages again"
    )
    return parser


def _number(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("write a number of 1 or more")
    return number


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(sorted({_number(part) for part in text.split(",")}))


def _list_of(known: tuple[str, ...], text: str) -> tuple[str, ...]:
    items = tuple(item for part in text.split(",") if (item := part.strip()))
    unknown = [item for item in items if item not in known]
    if unknown or not items:
        raise argparse.ArgumentTypeError(
            f"`{unknown[0] if unknown else text}` is none of {', '.join(known)}"
        )
    return tuple(item for item in known if item in items)


def _settings(arguments: argparse.Namespace) -> Settings:
    wanted = arguments.peers
    return Settings(
        concepts=arguments.concepts,
        small=arguments.quick,
        runs=arguments.runs or (1 if arguments.quick else 3),
        limit=arguments.limit,
        sizes=arguments.sizes,
        contestants=[
            contestant
            for contestant in CONTESTANTS
            if contestant.own or wanted is None or contestant.name in wanted
        ],
        cache=PROJECT / ".cache/bench",
    )


def main() -> int:
    """Measure what is asked for, and write the pages.

    Returns:
        0 when all was measured, 1 when something of ours failed, 2 on wrong usage.
    """
    arguments = _parser().parse_args()
    settings = _settings(arguments)
    failed = False
    try:
        for part in () if arguments.report_only else arguments.only:
            if part == "growth" and settings.small:
                continue
            failed |= not _measure(part, settings)
    except KeyboardInterrupt:
        sys.stderr.write("\nstopped; finished parts are kept\n")
        return _USAGE
    return _FAILED if not _report(settings) or failed else _DONE


def _report(settings: Settings) -> bool:
    """Write the pages; return whether there was something to write."""
    results = settings.results
    for part in results.foreign():
        sys.stderr.write(f"{part}: was measured on another machine, left out\n")
    if not any(results.parts()):
        sys.stderr.write("nothing is measured yet: no page is written\n")
        return False
    target = results.folder if settings.small else PROJECT / "docs/contribute"
    for file in report.write(results, target):
        sys.stdout.write(f"{_shown(file)}\n")
    return True


def _measure(part: str, settings: Settings) -> bool:
    """Measure one part and keep the results; return whether ours did not fail."""
    sys.stderr.write(f"{part}\n")
    save = partial(settings.results.save, part)
    try:
        data = _MEASURE[part](settings, save)
    except FailedError as error:
        sys.stderr.write(f"{part}: {error}\n")
        return False
    save(data)
    for name, entry in data.get("contestants", {}).items():
        if reason := entry.get("failed"):
            sys.stderr.write(f"{part}: {name}: {reason}\n")
    return "failed" not in data.get("contestants", {}).get("ours", {})


def _shown(file: Path) -> Path:
    return file.relative_to(PROJECT) if file.is_relative_to(PROJECT) else file
