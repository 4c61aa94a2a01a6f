"""Runs the typesetter on one part of a book, in a process of its own.

What it holds in memory goes when it is done: about ten megabytes for a concept.

Usage: ``python -m llmglossary.book.typesetter FOLDER``, where `parts.py` has put the files. Each
line of input is an order: ``places`` asks where everything stands, ``pages`` for the finished part
as well. When it is done, a line says how it went: ``done``, or ``refused`` with the reasons in
``refused.json``. Between orders the page numbers in the folder may change; only what shows them is
set anew.
"""

from __future__ import annotations

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Literal

import typst

from . import joining

STANDARDS: list[Literal["ua-1", "a-2a"]] = ["ua-1", "a-2a"]
# Files in the folder.
MAIN = "main.typ"
JOB = "job.json"
PLACES = "places.json"
RESULT = "part.pdf"
REFUSED = "refused.json"
# Orders and answers.
ASK_PLACES = "places"
ASK_PAGES = "pages"
DONE = "done"


def main(folder: Path) -> int:
    """Follow orders until there are no more."""
    job = json.loads((folder / JOB).read_text("utf-8"))
    compiler = typst.Compiler(
        folder / MAIN,
        root=folder,
        font_paths=typst.Fonts(
            include_system_fonts=False,
            include_embedded_fonts=False,
            font_paths=[Path(job["fonts"])],
        ),
    )
    for order in sys.stdin:
        try:
            _follow(order.strip(), compiler, folder, job)
        except typst.TypstError as error:
            refused = {"message": error.message, "hints": error.hints}
            refused["diagnostic"] = error.diagnostic
            (folder / REFUSED).write_text(json.dumps(refused), "utf-8")
            return 1
        sys.stdout.write(f"{DONE}\n")
        sys.stdout.flush()
    return 0


def _follow(order: str, compiler: typst.Compiler, folder: Path, job: dict[str, str]) -> None:
    moment = datetime.fromisoformat(job["timestamp"])
    content = b""
    if order == ASK_PAGES:
        content = compiler.compile(format="pdf", pdf_standards=list(STANDARDS), timestamp=moment)  # type: ignore[assignment]
    try:
        places = compiler.query("<places>", field="value", one=True)
    except RuntimeError:
        # Says in detail what a query does not.
        compiler.compile(format="pdf", pdf_standards=list(STANDARDS), timestamp=moment)
        raise
    (folder / PLACES).write_text(places, "utf-8")
    if content:
        links = json.loads((folder / "book.json").read_text("utf-8"))["links"]
        finished = joining.finish(content, job["name"], links, json.loads(places)["places"])
        (folder / RESULT).write_bytes(finished)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
