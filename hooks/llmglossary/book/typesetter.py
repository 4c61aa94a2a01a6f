"""Runs the typesetter, in a process of its own: what it holds in memory goes when it is done.

Usage: ``python -m llmglossary.book.typesetter FOLDER``, where `pdf.py` has put the files. It
writes ``book.pdf`` or, if the typesetter refuses, ``refused.json``.

Links between the book's parts go through the typesetter as addresses (``book:`` and a number) and
become links to named places in the finished file. Left to look for their places by itself, it sets
every paragraph with a link twice, and holds both in memory. The file's objects stand in plain
sight, so that changing them needs no PDF library, which would take longer than the typesetting.
"""

from __future__ import annotations

import json
import re
import sys
from bisect import bisect_left
from collections.abc import Sequence
from datetime import datetime
from itertools import accumulate
from pathlib import Path
from typing import Literal

import typst

STANDARDS: list[Literal["ua-1", "a-2a"]] = ["ua-1", "a-2a"]
# Files in the folder.
MAIN = "main.typ"
JOB = "job.json"
RESULT = "book.pdf"
REFUSED = "refused.json"
# As krilla, the typesetter's writer of PDF, writes a link to an address.
_LINK = re.compile(
    rb"/A<</Type/Action/S/URI/URI\(book:(?P<number>\d+)\)>>"
    rb"(?P<between>/F 4(?:/StructParent \d+)?)/Contents\(book:\d+\)"
)
_LEFT = b"URI(book:"
# All names of places, in one list.
_DESTS = re.compile(rb"/Dests<</Names\[[^]]*\]")
_NAME = re.compile(rb"(\((?:[^\\()]|\\.)*\)|<[0-9A-F]+>)\d+ 0 R")
_START = re.compile(rb"startxref\s+(\d+)\s+%%EOF\s*$")
_ENTRY = 20  # bytes of an entry in the table of objects
_ASCII = 128


class LinkError(Exception):
    """The typesetter writes links in another way than is known here."""


def main(folder: Path) -> int:
    """Typeset what is in a folder.

    Returns:
        0, or 1 where the typesetter refuses.
    """
    job = json.loads((folder / JOB).read_text("utf-8"))
    try:
        content = typst.compile(
            folder / MAIN,
            root=folder,
            font_paths=typst.Fonts(
                include_system_fonts=False,
                include_embedded_fonts=False,
                font_paths=[folder / "fonts"],
            ),
            format="pdf",
            pdf_standards=list(STANDARDS),
            timestamp=datetime.fromisoformat(job["timestamp"]),
        )
    except typst.TypstError as error:
        refused = {"message": error.message, "hints": error.hints, "diagnostic": error.diagnostic}
        (folder / REFUSED).write_text(json.dumps(refused), "utf-8")
        return 1
    sys.stdout.write("writing the file\n")
    sys.stdout.flush()
    (folder / RESULT).write_bytes(with_links(content, job["places"], job["titles"]))
    return 0


# --- links --------------------------------------------------------------------------------------


def with_links(content: bytes, names: Sequence[str], titles: Sequence[str]) -> bytes:
    """Return a PDF whose addresses within the book are links to named places.

    Args:
        content: As the typesetter makes it.
        names: Of the places, by number.
        titles: What a reader is told of the link to each, by number.

    Raises:
        LinkError: The file is not written in the way that is known here.
    """
    ends: list[int] = []
    growths: list[int] = []

    def link(found: re.Match[bytes]) -> bytes:
        number = int(found["number"])
        name, told = _pdf_string(names[number]), _pdf_string(titles[number])
        written = b"/Dest" + name + found["between"] + b"/Contents" + told
        ends.append(found.end())
        growths.append(len(written) - len(found[0]))
        return written

    start = _START.search(content)
    if start is None:
        raise LinkError("the file does not end as expected")
    table = int(start[1])
    body = _LINK.sub(link, content[:table])
    if _LEFT in body:
        raise LinkError("the file has a link in a form that is not known")
    dests = _DESTS.search(body)
    known = set(_NAME.findall(dests[0])) if dests else set()
    unknown = [name for name in names if _pdf_string(name) not in known]
    if unknown:
        raise LinkError(f"the file has no place with the name {unknown[0]}")
    shifts = [0, *accumulate(growths)]
    rest = _moved_table(content[table:], ends, shifts)
    return body + _START.sub(b"startxref\n%d\n%%%%EOF" % len(body), rest)


def _moved_table(rest: bytes, ends: Sequence[int], shifts: Sequence[int]) -> bytes:
    """Return the table of objects, and what follows it, for objects that have moved."""
    head = re.match(rb"xref\s+0 (\d+)\s*?\n", rest)
    if head is None:
        raise LinkError("the table of objects does not begin as expected")
    first, last = head.end(), head.end() + int(head[1]) * _ENTRY
    entries = []
    for at in range(first, last, _ENTRY):
        entry = rest[at : at + _ENTRY]
        if entry[17:18] == b"n":
            offset = int(entry[:10])
            entry = b"%010d" % (offset + shifts[bisect_left(ends, offset)]) + entry[10:]
        entries.append(entry)
    if not rest[last:].startswith(b"trailer"):
        raise LinkError("the table of objects does not end as expected")
    return rest[:first] + b"".join(entries) + rest[last:]


def _pdf_string(text: str) -> bytes:
    if all(ord(char) < _ASCII for char in text):
        return b"(" + re.sub(rb"([\\()])", rb"\\\1", text.encode()) + b")"
    return b"<FEFF" + text.encode("utf-16-be").hex().upper().encode() + b">"


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
