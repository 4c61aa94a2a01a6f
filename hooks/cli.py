"""What contributors and CI run: ``python hooks/cli.py --help``."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import Any, cast

from pydantic import BaseModel
from tqdm import tqdm

from llmglossary import (
    changes,
    examples,
    rename,
    repair,
    report,
    rules,
    scaffold,
    status,
    translation,
)
from llmglossary.book import downloads, press, provenance
from llmglossary.book.problems import BookError
from llmglossary.changes import ChangeSet
from llmglossary.characters import invisible
from llmglossary.linked_data import glossary_schema
from llmglossary.load import load
from llmglossary.model import Glossary, Problem
from llmglossary.record import (
    LANGUAGES,
    LEVELS,
    ConceptRecord,
    FrontMatter,
    Language,
    Level,
    ReadingPath,
)
from llmglossary.spelling import suggestion

ROOT = Path(__file__).resolve().parent.parent
CLEAN, PROBLEMS, USAGE = 0, 1, 2
SCHEMAS: dict[str, type[BaseModel]] = {
    "term": ConceptRecord,
    "path": ReadingPath,
    "article": FrontMatter,
}


class UsageError(Exception):
    """The command cannot do what its arguments ask; the message says what to write."""


def _problems(root: Path) -> tuple[Glossary, list[Problem]]:
    glossary, problems = load(root)
    for rule in tqdm(rules.RULES, desc="rules", leave=False, delay=1, file=sys.stderr):
        problems.extend(rule(glossary))
    return glossary, problems


def _check(arguments: argparse.Namespace) -> int:
    wanted = _selection(arguments.paths)
    glossary, problems = _problems(arguments.root)
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


def _selection(paths: Iterable[Path]) -> Callable[[Path], bool]:
    """Return what tells whether a file is one of `paths` or below one; none means all."""
    chosen = list(paths)
    missing = [path for path in chosen if not path.exists()]
    if missing:
        raise UsageError(f"there is no file or folder {missing[0]}")
    return lambda place: not chosen or any(p == place or p in place.parents for p in chosen)


def _fix(arguments: argparse.Namespace) -> int:
    root = arguments.root
    repairs = repair.find(root, _selection(arguments.paths))
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
    before = _problems(root)[1]
    refused: list[Problem] = []
    while repairs.writes:
        added = changes.added_problems(root, repairs, lambda copy: _problems(copy)[1], before)
        if not added:
            break
        refused += added
        guilty = {problem.path for problem in added} & set(repairs.writes)
        # Where the culprit is not plain, nothing is written.
        repairs = repairs.without(guilty or repairs.writes)
    return repairs, refused


def _new(arguments: argparse.Namespace) -> int:
    root: Path = arguments.root
    glossary, _ = load(root)
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
        return _refuse(
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
        return _refuse(found)
    written = scaffold.files(proposal, _today())
    changes.apply(root, written)
    for path in written.writes:
        sys.stdout.write(f"{path}\n")
    sys.stderr.write(
        "Now replace every TODO, then run `python hooks/cli.py check "
        f"docs/terms/{slug}`. When the English text matches the Chinese one, run "
        f"`python hooks/cli.py status --accept {slug} en`.\n"
    )
    return CLEAN


def _refuse(problems: Iterable[Problem]) -> int:
    sys.stderr.write(report.render(problems) + "\nNothing was written.\n")
    return PROBLEMS


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


def _rename(arguments: argparse.Namespace) -> int:
    root, old, new = arguments.root, arguments.old, arguments.new
    glossary, before = _problems(root)
    if old not in glossary.concepts:
        hint = suggestion(old, glossary.concepts, "concept")
        raise UsageError(f"there is no concept `{old}` that can be read; {hint}")
    if not scaffold.is_slug(new):
        raise UsageError(f"`{new}` cannot be a slug: use small letters, digits, single hyphens")
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
    added = changes.added_problems(root, planned, lambda copy: _problems(copy)[1], before)
    if added:
        return _refuse(added)
    shown = changes.diff(root, planned)
    changes.apply(root, planned)
    sys.stdout.write(f"docs/terms/{old} -> docs/terms/{new}\n{shown}\n")
    return CLEAN


def _status(arguments: argparse.Namespace) -> int:
    glossary, problems = load(arguments.root)
    if arguments.accept is not None:
        return _accept(arguments, glossary)
    found = status.report(glossary, _today())
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


def _book(arguments: argparse.Namespace) -> int:
    root = arguments.root
    site = (arguments.site or root / "site").resolve()
    selection = press.Selection(arguments.terms, arguments.category)
    kinds = _kinds(arguments)
    if "zip" in kinds and not (site / "index.html").is_file():
        raise UsageError(f"there is no built site in {site}: run `make site`, or leave zip out")
    glossary, problems = _problems(root)
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
                    made.append(printer.make(job, output, _progress(inner)))
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


def _today() -> date:
    return date.today()  # noqa: DTZ011 - the contributor's own day


def _schema(arguments: argparse.Namespace) -> int:
    schemas = {name: model.model_json_schema() for name, model in SCHEMAS.items()}
    schemas["glossary"] = glossary_schema()
    stale = []
    for name, schema in schemas.items():
        path = arguments.root / "docs" / "contribute" / "schema" / f"{name}.json"
        text = json.dumps(schema, ensure_ascii=False, indent=2)
        if path.exists() and path.read_text("utf-8") == text + "\n":
            continue
        stale.append(path)
        if not arguments.check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text + "\n", "utf-8")
    for path in stale:
        state = "out of date" if arguments.check else "written"
        sys.stdout.write(f"{path.relative_to(arguments.root)}: {state}\n")
    return int(bool(stale) and arguments.check)


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
    check.set_defaults(run=_check)

    fix = commands.add_parser(
        "fix",
        help="repair what a machine can: spacing, punctuation width, order of keys and sections, "
        "ids of sections",
    )
    fix.add_argument(
        "paths", nargs="*", type=_path, metavar="PATH", help="repair only what is below these"
    )
    fix.add_argument("--check", action="store_true", help="write nothing; 1 if there is a repair")
    fix.set_defaults(run=_fix)

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
    new.set_defaults(run=_new)

    move = commands.add_parser("rename", help="give a concept another slug, with a redirect")
    move.add_argument("old", metavar="OLD")
    move.add_argument("new", metavar="NEW")
    move.set_defaults(run=_rename)

    state = commands.add_parser("status", help="what is missing, stale, unreviewed or expired")
    state.add_argument("--format", choices=("text", "json"), default="text")
    state.add_argument(
        "--accept",
        nargs="+",
        metavar=("SLUG LANG", "SECTION"),
        help="record that a translation matches its source again, whole or these sections",
    )
    state.set_defaults(run=_status)

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
    book.set_defaults(run=_book)

    schema = commands.add_parser("schema", help="write the JSON Schemas of the records")
    schema.add_argument("--check", action="store_true", help="only say whether they are current")
    schema.set_defaults(run=_schema)
    return parser


def main() -> int:
    """Run one command.

    Returns:
        0 when all is well, 1 when there are problems, 2 on bad usage (as argparse does).
    """
    parser = _parser()
    arguments = parser.parse_args()
    try:
        return int(arguments.run(arguments))
    except UsageError as error:
        sys.stderr.write(f"cli.py: {error}\n")
        return USAGE
    except press.PressError as error:
        sys.stderr.write(f"cli.py: {error}\n")
        return PROBLEMS
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
