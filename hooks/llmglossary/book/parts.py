"""Sets the parts of a book, each in a process of its own, and finds the numbers of their pages.

A part's pages depend on nothing but the part itself and the numbers that it shows. So each is laid
out with stand-ins first, which tells where everything is, and then with the numbers that follow
from that; again if those moved anything. What a part came to is kept, and taken from there for as
long as it is made from the same: a run that finds everything makes the same file as one that finds
nothing.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, NoReturn, cast

from ..store import Store
from . import typesetter

Say = Callable[[str], None]

_TEMPLATE = Path(__file__).parent / "layout.typ"
_TURNS = 8
_AT_ONCE = 2
# How much markup waits in typesetters for its numbers, which saves laying it out twice. They hold
# half a kilobyte for each of its bytes.
_WAITING = 400_000


@dataclass(frozen=True)
class Part:
    """Some pages of a book that begin on a page of their own.

    Attributes:
        name: That no other part of the book has.
        markup: The main file.
        settings: What the layout reads.
        places: The names of all places in it.
        links: The places whose page numbers it may show, in the order of their numbers.
        drawings: File name -> SVG.
        timestamp: Noted in the file, in ISO format.
    """

    name: str
    markup: str
    settings: str
    places: tuple[str, ...]
    links: tuple[str, ...]
    drawings: Mapping[str, bytes]
    timestamp: str


class RefusedError(Exception):
    """The typesetter refuses what a part holds.

    Attributes:
        part: Which one.
        reasons: Its ``message``, ``hints`` and ``diagnostic``.
    """

    def __init__(self, part: Part, reasons: Mapping[str, Any]) -> None:
        super().__init__(reasons["message"])
        self.part = part
        self.reasons = reasons


class TypesetterError(Exception):
    """The typesetter did not finish; the message says why."""


@dataclass(frozen=True)
class _Layout:
    """Where everything in a part is: the number of its pages, and the page of each place."""

    count: int
    places: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class _Shown:
    """The numbers that a part shows: of its first page, and of the places it links to."""

    start: int
    numbers: tuple[str, ...]


def typeset(
    parts: Sequence[Part], fonts: Sequence[Path], kept: Kept, *, page: float, say: Say
) -> list[bytes]:
    """Return the finished file of each part, see `joining.finish`.

    Args:
        parts: In the order of the book.
        fonts: Files.
        kept: Finished parts from earlier runs.
        page: About how many characters of markup fill a page.
        say: Called with what is being done.

    Raises:
        RefusedError: The typesetter refuses a part.
        TypesetterError: It did not get as far as that.
    """
    shown = _guessed(parts, page)
    layouts: list[_Layout] = []
    made: dict[str, tuple[_Shown, bytes]] = {}
    with _desk(fonts) as desk:

        def follow(some: Sequence[Part], order: str) -> Iterator[tuple[str, _Layout]]:
            for part, layout, content in desk.each(some, shown, order, say):
                kept.keep(part, shown[part.name], layout, content)
                made[part.name] = shown[part.name], content
                yield part.name, layout

        for turn in range(_TURNS):
            found = {part.name: kept.layout(part, shown[part.name]) for part in parts}
            missing = [part for part in parts if found[part.name] is None]
            order = typesetter.ASK_PAGES if turn else typesetter.ASK_PLACES
            found.update(follow(missing, order))
            before, layouts = layouts, [cast("_Layout", found[part.name]) for part in parts]
            if layouts == before:
                break
            shown = _shown(parts, layouts)
        else:
            raise TypesetterError("page numbers move pages, and pages numbers, without end")
        for part in parts:
            if part.name not in made or made[part.name][0] != shown[part.name]:
                made[part.name] = shown[part.name], kept.pages(part, shown[part.name])
        for _ in follow([part for part in parts if not made[part.name][1]], typesetter.ASK_PAGES):
            pass
    return [made[part.name][1] for part in parts]


def _guessed(parts: Sequence[Part], page: float) -> dict[str, _Shown]:
    """Return what stands for the numbers that each part shows as long as they are not known.

    It has as many digits as they are likely to have: lines and pages stay as they are then.
    """
    pages: dict[str, float] = {}
    start = 1.0
    for part in parts:
        pages.update((name, start + _offset(part.markup, name) / page) for name in part.places)
        start += len(part.markup) / page
    digits = {name: "1" + "0" * int(math.log10(number)) for name, number in pages.items()}
    return {part.name: _Shown(1, tuple(digits[name] for name in part.links)) for part in parts}


def _offset(markup: str, name: str) -> int:
    """Return where the concept begins that a place is in, or the place."""
    concept = ":".join(name.split(":")[:2])
    drawing = name.removeprefix("diagram:")
    for beginning in (f'#concept("{concept}"', f'#chapter("{name}"', f'#diagram("{drawing}"'):
        if (at := markup.find(beginning)) >= 0:
            return at
    return max(0, markup.rfind(f'"{name}"'))


def _shown(parts: Sequence[Part], layouts: Sequence[_Layout]) -> dict[str, _Shown]:
    """Return which numbers each part shows when all are laid out like this."""
    numbers: dict[str, str] = {}
    starts: list[int] = []
    start = 1
    for layout in layouts:
        starts.append(start)
        numbers.update((name, str(start + page)) for name, page in layout.places)
        start += layout.count
    return {
        part.name: _Shown(start, tuple(numbers[name] for name in part.links))
        for part, start in zip(parts, starts, strict=True)
    }


# --- what is kept -----------------------------------------------------------------------------


class Kept:
    """Finished parts from earlier runs: the last one of each name.

    Args:
        store: Where they are.
        slot: What distinguishes the book from others in the store.
        fonts: Files that parts are set with.
    """

    def __init__(self, store: Store, slot: str, fonts: Sequence[Path]) -> None:
        self._store = store
        self._slot = slot
        sizes = [(file.name, file.stat().st_size) for file in fonts]
        versions = [version(name) for name in ("typst", "pikepdf")]
        self._common = json.dumps([_TEMPLATE.read_text("utf-8"), sizes, versions])
        self._digests: dict[str, bytes] = {}

    def layout(self, part: Part, shown: _Shown) -> _Layout | None:
        """Return what a part was laid out as when it showed these numbers."""
        key = self._store.key("book layout", self._made_from(part, shown))
        return cast("_Layout | None", self._store.get(key))

    def pages(self, part: Part, shown: _Shown) -> bytes:
        """Return the file of a part that shows these numbers; empty if it is not the last one."""
        found = self._store.get(self._slot_of(part))
        if isinstance(found, tuple) and found[0] == self._made_from(part, shown):
            return cast("bytes", found[1])
        return b""

    def keep(self, part: Part, shown: _Shown, layout: _Layout, content: bytes) -> None:
        """Keep what a part came to."""
        made_from = self._made_from(part, shown)
        self._store.put(self._store.key("book layout", made_from), layout)
        if content:
            # One place for each part, however often it changes: finished parts are large.
            self._store.put(self._slot_of(part), (made_from, content))

    def _slot_of(self, part: Part) -> bytes:
        return self._store.key("book pages", self._slot, part.name)

    def _made_from(self, part: Part, shown: _Shown) -> bytes:
        if part.name not in self._digests:
            material = [self._common, part.markup, part.settings, part.timestamp]
            digest = hashlib.sha256(json.dumps([*material, sorted(part.drawings)]).encode())
            for name in sorted(part.drawings):
                digest.update(hashlib.sha256(part.drawings[name]).digest())
            self._digests[part.name] = digest.digest()
        return self._digests[part.name] + hashlib.sha256(repr(shown).encode()).digest()


# --- typesetters ------------------------------------------------------------------------------


@contextmanager
def _desk(fonts: Sequence[Path]) -> Iterator[_Desk]:
    with tempfile.TemporaryDirectory() as folder:
        desk = _Desk(Path(folder), fonts)
        try:
            yield desk
        finally:
            desk.clear()


class _Desk:
    """Typesetters at work, and those that wait for the numbers of their part."""

    def __init__(self, folder: Path, fonts: Sequence[Path]) -> None:
        self._folder = folder
        self._all: list[_Typesetter] = []
        self._waiting: dict[str, _Typesetter] = {}
        _gather(fonts, folder / "fonts")

    def clear(self) -> None:
        """Send all home."""
        for one in self._all:
            one.stop()
        self._all.clear()

    def each(
        self, parts: Sequence[Part], shown: Mapping[str, _Shown], order: str, say: Say
    ) -> Iterator[tuple[Part, _Layout, bytes]]:
        """Give an order for each of some parts, and yield what comes of it."""
        # Those who wait first, so that others have their room.
        queue = sorted(parts, key=lambda part: part.name not in self._waiting)
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            jobs = [pool.submit(self._one, part, shown[part.name], order) for part in queue]
            try:
                for done, (part, job) in enumerate(zip(queue, jobs, strict=True), 1):
                    yield (part, *job.result())
                    say(f"{order} {done}/{len(jobs)}")
            except BaseException:
                for job in jobs:
                    job.cancel()
                self.clear()
                raise

    def _one(self, part: Part, shown: _Shown, order: str) -> tuple[_Layout, bytes]:
        one = self._waiting.pop(part.name, None)
        if one is None:
            folder = Path(tempfile.mkdtemp(dir=self._folder))
            one = _Typesetter(part, folder, self._folder / "fonts")
            self._all.append(one)
        result = one.follow(order, shown)
        held = sum(len(other.part.markup) for other in self._waiting.values())
        if order == typesetter.ASK_PLACES and held + len(part.markup) <= _WAITING:
            self._waiting[part.name] = one
        else:
            self._all.remove(one)
            one.stop()
        return result


class _Typesetter:
    """A process that has one part before it."""

    def __init__(self, part: Part, folder: Path, fonts: Path) -> None:
        self.part = part
        self._folder = folder
        _lay_out(folder, part, fonts)
        self._log = (folder / "log").open("w+", encoding="utf-8")
        package = Path(__file__).parents[2]
        found = os.environ.get("PYTHONPATH")
        paths = os.pathsep.join([str(package), *([found] if found else [])])
        threads = max(1, (os.cpu_count() or 1) // _AT_ONCE)
        self._process = subprocess.Popen(  # noqa: S603 - our own module
            [sys.executable, "-m", typesetter.__name__, str(folder)],
            env={**os.environ, "PYTHONPATH": paths, "RAYON_NUM_THREADS": str(threads)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
        )

    def follow(self, order: str, shown: _Shown) -> tuple[_Layout, bytes]:
        """Return where everything is, and the finished part if that is the order.

        Raises:
            RefusedError: The typesetter refuses the part.
            TypesetterError: It did not get as far as that.
        """
        pages = self._folder / "pages"
        (pages / "start").write_text(str(shown.start), "utf-8")
        for at, number in enumerate(shown.numbers):
            (pages / str(at)).write_text(number, "utf-8")
        answer = self._answer(order)
        if answer != typesetter.DONE:
            self._fail()
        said = json.loads((self._folder / typesetter.PLACES).read_text("utf-8"))
        # The first page of the file is none of the part's.
        places = tuple((name, page - 2) for name, page, *_ in said["places"])
        layout = _Layout(said["last"] - shown.start + 1, places)
        if order == typesetter.ASK_PLACES:
            return layout, b""
        return layout, (self._folder / typesetter.RESULT).read_bytes()

    def stop(self) -> None:
        """End the process, and delete what it worked on."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.communicate()
        self._log.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _answer(self, order: str) -> str:
        process = self._process
        try:
            if process.stdin and process.stdout:
                process.stdin.write(f"{order}\n")
                process.stdin.flush()
                return process.stdout.readline().strip()
        except (BrokenPipeError, ValueError):
            pass
        return ""

    def _fail(self) -> NoReturn:
        status = self._process.wait()
        refused = self._folder / typesetter.REFUSED
        if refused.is_file():
            raise RefusedError(self.part, json.loads(refused.read_text("utf-8")))
        self._log.seek(0)
        said = self._log.read().strip().splitlines()[-1:]
        # Killed where memory has run out, most likely.
        why = said or [f"it ended with {status}"]
        raise TypesetterError(f"the typesetter failed: {why[0]}")


def _lay_out(folder: Path, part: Part, fonts: Path) -> None:
    """Write the files of a part into a folder."""
    (folder / "drawings").mkdir()
    for name, svg in part.drawings.items():
        (folder / "drawings" / name).write_bytes(svg)
    shutil.copy(_TEMPLATE, folder / "layout.typ")
    (folder / "book.json").write_text(part.settings, "utf-8")
    (folder / typesetter.MAIN).write_text(part.markup, "utf-8")
    job = {"name": part.name, "timestamp": part.timestamp, "fonts": str(fonts)}
    (folder / typesetter.JOB).write_text(json.dumps(job), "utf-8")
    (folder / "pages").mkdir()


def _gather(fonts: Sequence[Path], folder: Path) -> None:
    """Put fonts into a folder of their own."""
    folder.mkdir()
    for number, file in enumerate(fonts):
        copy = folder / f"{number}{file.suffix}"
        try:
            os.link(file, copy)
        except OSError:
            shutil.copyfile(file, copy)
