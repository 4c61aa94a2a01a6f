"""Markdown by the book, as rumdl checks and mends it: blank lines, lists, tables, loose spaces."""

from __future__ import annotations

import json
import shutil
import subprocess
import sysconfig
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

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
_SECONDS = 20


@dataclass(frozen=True)
class Complaint:
    """One thing to mend; `line` and `column` count from 1 in the text that was checked."""

    line: int
    column: int
    rule: str
    message: str
    is_spacing: bool


def complaints(text: str) -> Iterator[Complaint]:
    """Yield what is wrong with a Markdown text; nothing where rumdl has no wheel."""
    output = _run(
        ("check", "--output-format", "json", "--fail-on", "never"), _RULES + _SPACING, text
    )
    for found in json.loads(output or "[]"):
        rule = found["rule"]
        yield Complaint(found["line"], found["column"], rule, found["message"], rule in _SPACING)


def tidied(text: str) -> str:
    """Return a Markdown text with its spaces and empty lines mended."""
    return _run(("fmt", "--silent"), _SPACING, text) or text


def _run(command: Sequence[str], rules: Sequence[str], text: str) -> str:
    program = shutil.which("rumdl", path=sysconfig.get_path("scripts")) or shutil.which("rumdl")
    if program is None:
        return ""
    try:
        done = subprocess.run(  # noqa: S603
            [program, *command, *_OPTIONS, "--enable", ",".join(rules), "-"],
            input=text.encode(),
            capture_output=True,
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.decode()
