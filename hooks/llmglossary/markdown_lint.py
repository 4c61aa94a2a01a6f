"""Markdown by the book, as rumdl checks and mends it: blank lines, lists, tables, loose spaces."""

from __future__ import annotations

import json
import shutil
import subprocess
import sysconfig
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

# What the page contract says nothing about; https://rumdl.dev explains each.
_RULES = (
    "MD003", "MD005", "MD007", "MD011", "MD029", "MD035", "MD042", "MD046", "MD048", "MD049",
    "MD050", "MD055", "MD056",
)  # fmt: skip
# Only spaces and empty lines are mended: what else was meant, the writer knows.
_SPACING = (
    "MD009", "MD010", "MD012", "MD018", "MD019", "MD020", "MD021", "MD022", "MD023", "MD027",
    "MD030", "MD031", "MD032", "MD037", "MD038", "MD039", "MD047", "MD058",
)  # fmt: skip
_OPTIONS = ("--no-config", "--no-cache", "--flavor", "mkdocs")
_SECONDS = 10


@dataclass(frozen=True)
class Complaint:
    """One thing to mend; `line` and `column` count from 1 in the text that was checked."""

    line: int
    column: int
    rule: str
    message: str
    is_spacing: bool


class LintError(Exception):
    """The linter did not say what is wrong with the texts; the message says why."""


def available() -> bool:
    """Tell whether there is a linter; rumdl has no wheel for some platforms."""
    return _program() is not None


def complaints(texts: Sequence[str]) -> list[tuple[Complaint, ...]]:
    """Return what is wrong with each of some Markdown texts.

    Starting the linter takes longer than its work, so it is given all of them at once.

    Raises:
        LintError: It crashed, took too long or cannot be run.
    """
    with tempfile.TemporaryDirectory() as folder:
        for number, text in enumerate(texts):
            Path(folder, f"{number}.md").write_text(text, "utf-8", newline="")
        options = ("check", "--output-format", "json", "--fail-on", "never")
        output = _run(options, _RULES + _SPACING, [folder], seconds=_SECONDS + len(texts) / 100)
    found: list[list[Complaint]] = [[] for _ in texts]
    try:
        for item in json.loads(output or b"[]"):
            rule = item["rule"]
            found[int(Path(item["file"]).stem)].append(
                Complaint(item["line"], item["column"], rule, item["message"], rule in _SPACING)
            )
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise LintError(f"rumdl answers in a form that is not known: {error}") from error
    return [tuple(of_text) for of_text in found]


def tidied(text: str) -> str:
    """Return a Markdown text with its spaces and empty lines mended, if the linter can."""
    if not available():
        return text
    try:
        return _run(("fmt", "--silent"), _SPACING, ["-"], text).decode() or text
    except (LintError, UnicodeDecodeError):
        return text


@cache
def _program() -> str | None:
    return shutil.which("rumdl", path=sysconfig.get_path("scripts")) or shutil.which("rumdl")


def _run(
    command: Sequence[str],
    rules: Sequence[str],
    what: Sequence[str],
    text: str = "",
    seconds: float = _SECONDS,
) -> bytes:
    program = _program()
    if program is None:
        raise LintError("rumdl is not installed")
    try:
        done = subprocess.run(  # noqa: S603
            [program, *command, *_OPTIONS, "--enable", ",".join(rules), *what],
            input=text.encode(),
            capture_output=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise LintError(f"rumdl did not finish within {seconds:.0f} seconds") from None
    except OSError as error:
        raise LintError(f"rumdl cannot be run: {error.strerror}") from error
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise LintError(f"rumdl ended with {done.returncode}" + (f": {said[-1]}" if said else ""))
    return done.stdout
