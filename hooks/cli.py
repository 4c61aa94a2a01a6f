"""What contributors and CI run: ``python hooks/cli.py --help``."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from llmglossary import report
from llmglossary.commands.outcome import CLEAN, PROBLEMS, USAGE, UsageError
from llmglossary.record import LANGUAGES, LEVELS

ROOT = Path(__file__).resolve().parent.parent


def _list_of(known: Iterable[str] = ()) -> Callable[[str], tuple[str, ...]]:
    """Return a reader of a comma-separated list whose items are `known`; anything if empty."""
    choices = tuple(known)

    def read(text: str) -> tuple[str, ...]:
        items = tuple(dict.fromkeys(item for part in text.split(",") if (item := part.strip())))
        unknown = [item for item in items if choices and item not in choices]
        if unknown or not items:
            wrong = f"`{unknown[0]}` is none of" if unknown else "write one or more of"
            allowed = ", ".join(choices) or "the slugs"
            raise argparse.ArgumentTypeError(f"{wrong} {allowed}, with commas between")
        return items

    return read


def _path(text: str) -> Path:
    return Path(text).resolve()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="cli.py",
        description="Check, repair and extend the glossary. None of this builds the site.",
        epilog="Exit status: 0 all is well, 1 there are problems, 2 wrong usage.",
    )
    parser.add_argument("--root", type=_path, default=ROOT, help="the project folder")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    check = commands.add_parser("check", help="report every problem in the glossary")
    check.add_argument(
        "paths", nargs="*", type=_path, metavar="PATH", help="report only what is below these"
    )
    check.add_argument("--format", choices=report.FORMATS, default="text")
    check.add_argument(
        "--examples", action="store_true", help="also run the worked examples (runs their code)"
    )
    check.set_defaults(command="check")

    fix = commands.add_parser(
        "fix",
        help="repair what a machine can: spacing, punctuation width, order of keys and sections, "
        "ids of sections",
    )
    fix.add_argument(
        "paths", nargs="*", type=_path, metavar="PATH", help="repair only what is below these"
    )
    fix.add_argument("--check", action="store_true", help="write nothing; 1 if there is a repair")
    fix.set_defaults(command="fix")

    new = commands.add_parser("new", help="start a concept: its record and both articles")
    new.add_argument("slug", metavar="SLUG", help="its folder and address, such as beam-search")
    new.add_argument("--zh", metavar="NAME", help="preferred name in Simplified Chinese")
    new.add_argument("--zh-hant", metavar="NAME", help="in Traditional Chinese (else converted)")
    new.add_argument("--en", metavar="NAME", help="in English, small letters as in a sentence")
    new.add_argument("--abbreviation", metavar="NAME", help="such as RLHF")
    new.add_argument("--category", metavar="KEY", help="a key of docs/categories.yml")
    new.add_argument("--level", metavar="LEVEL", help=", ".join(LEVELS))
    new.add_argument(
        "--requires",
        metavar="SLUG",
        action="append",
        default=[],
        help="a concept to understand first; several: repeat, or separate by commas",
    )
    new.add_argument("--source", metavar="KEY", help="a key of docs/references.bib")
    new.set_defaults(command="new")

    move = commands.add_parser("rename", help="give a concept another slug, with a redirect")
    move.add_argument("old", metavar="OLD")
    move.add_argument("new", metavar="NEW")
    move.set_defaults(command="rename")

    state = commands.add_parser("status", help="what is missing, stale, unreviewed or expired")
    state.add_argument("--format", choices=("text", "json"), default="text")
    state.add_argument(
        "--accept",
        nargs="+",
        metavar=("SLUG LANG", "SECTION"),
        help="record that a translation matches its source again, whole or these sections",
    )
    state.set_defaults(command="status")

    merge = commands.add_parser(
        "merge-results",
        help="take over the conversions that other jobs kept in their .cache, to build from them",
    )
    merge.add_argument("folders", nargs="+", type=_path, metavar="DIR", help="a .cache folder")
    merge.set_defaults(command="merge_results")

    twins = commands.add_parser(
        "compress", help="write .br and .gz beside the built site's files, for servers that want it"
    )
    twins.add_argument("site", nargs="?", type=_path, help="the built site (default site/)")
    twins.set_defaults(command="compress")

    book = commands.add_parser(
        "book",
        help="write the glossary as PDF, EPUB, and a zip file of the site",
        description="Write the whole glossary, or a part, to read offline. The zip file is made "
        "from the built site, whose page of downloads then lists what there is.",
    )
    book.add_argument(
        "--lang",
        type=_list_of(LANGUAGES),
        default=LANGUAGES,
        metavar="LANG,…",
        help=f"{', '.join(LANGUAGES)} (default: all)",
    )
    book.add_argument(
        "--format",
        type=_list_of(("pdf", "epub", "zip")),
        metavar="FORMAT,…",
        help="pdf, epub, zip (default: all; of a part, no zip)",
    )
    book.add_argument(
        "--size",
        type=_list_of(("a4", "screen")),
        default=("a4", "screen"),
        metavar="SIZE,…",
        help="of the PDF: a4 for paper, screen for small pages (default: both)",
    )
    part = book.add_mutually_exclusive_group()
    part.add_argument("--terms", type=_list_of(), metavar="SLUG,…", help="only these concepts")
    part.add_argument("--category", metavar="KEY", help="only this category")
    book.add_argument(
        "--output",
        type=_path,
        metavar="DIR",
        help="where to write (default: downloads/ in the built site; of a part, here)",
    )
    book.add_argument("--site", type=_path, metavar="DIR", help="the built site (default: site/)")
    book.set_defaults(command="book")

    schema = commands.add_parser("schema", help="write the JSON Schemas of the records")
    schema.add_argument("--check", action="store_true", help="only say whether they are current")
    schema.set_defaults(command="schema")
    return parser


def main() -> int:
    """Run one command.

    Returns:
        0 when all is well, 1 when there are problems, 2 on bad usage (as argparse does).
    """
    parser = _parser()
    arguments = parser.parse_args()
    try:
        command = importlib.import_module(f"llmglossary.commands.{arguments.command}")
        return int(command.run(arguments))
    except UsageError as error:
        sys.stderr.write(f"cli.py: {error}\n")
        return USAGE
    except BrokenPipeError:
        # Whoever read our output has seen enough; keep Python from flushing into the void.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return CLEAN
    except OSError as error:
        sys.stderr.write(f"{error.filename or 'cli.py'}: {error.strerror or error}\n")
        return PROBLEMS
    except KeyboardInterrupt:
        sys.stderr.write("\nstopped; nothing more was written\n")
        return USAGE


if __name__ == "__main__":
    sys.exit(main())
