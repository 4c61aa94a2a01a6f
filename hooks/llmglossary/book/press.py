"""Makes the files of one run: which ones, each written only once it is whole."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from ..model import Glossary
from ..record import LANGUAGES, Language
from ..store import Store
from . import archive, content, downloads, epub, offline, settings
from .downloads import Download, Kind
from .provenance import Provenance

Progress = Callable[[int, int], None]
Phase = Callable[[str], None]


class PressError(Exception):
    """This machine lacks something that the file needs; the message says what."""


@dataclass(frozen=True)
class Job:
    """One file to make; `language` is None for the zip file, which holds all."""

    kind: Kind
    language: Language | None


@dataclass(frozen=True)
class Selection:
    """What is in the books; everything where both are None."""

    terms: Collection[str] | None = None
    category: str | None = None

    @property
    def name(self) -> str:
        """What file names say of it; empty for everything."""
        if self.category:
            return self.category
        chosen = sorted(self.terms or ())
        more = f"-and-{len(chosen) - 1}-more" if len(chosen) > 1 else ""
        return f"{chosen[0]}{more}" if chosen else ""


def jobs(languages: Collection[Language], kinds: Collection[Kind]) -> list[Job]:
    """Return what to make: language by language, since formats share a book's content."""
    books = [
        Job(kind, language)
        for language in LANGUAGES
        if language in languages
        for kind in downloads.KINDS
        if kind in kinds and kind != "zip"
    ]
    return [*books, Job("zip", None)] if "zip" in kinds else books


class Press:
    """Makes files from one state of the sources; keeps the content that formats share.

    Args to the constructor:
        glossary: Loaded, and found free of errors.
        provenance: Of its sources.
        selection: What to put into the books.
        site: The built site, for the zip file.
    """

    def __init__(
        self, glossary: Glossary, provenance: Provenance, selection: Selection, site: Path
    ) -> None:
        self._glossary = glossary
        self._provenance = provenance
        self._selection = selection
        self._site = site
        self._books: dict[Language, content.Book] = {}

    def make(
        self, job: Job, folder: Path, progress: Progress, phase: Phase = lambda _: None
    ) -> Download:
        """Make one file in `folder`.

        Args:
            job: Which one.
            folder: Made if missing.
            progress: Called with how much of what takes long is done, and of how much.
            phase: Called with what is being done.

        Raises:
            BookError: It cannot be made; what was there before still is.
            PressError: It cannot be made on this machine.
            content.SelectionError: What was asked for is not in the glossary.
            OSError: It cannot be written.
        """
        path = folder / downloads.file_name(job.kind, job.language, self._selection.name)
        pages: int | None = None
        with _replacing(path) as temporary:
            if job.language is None:
                phase("pages")
                self._zip(temporary, progress)
            elif job.kind == "epub":
                book = self._book(job.language, progress, phase)
                phase("writing")
                epub.write(book, temporary)
            else:
                book = self._book(job.language, progress, phase)
                pages = self._pdf(book, job.kind, temporary, phase)
        return downloads.describe(path, job.kind, job.language, self._provenance, pages)

    def _book(self, language: Language, progress: Progress, phase: Phase) -> content.Book:
        if language not in self._books:
            # One at a time: the books of 500 concepts are large.
            self._books.clear()
            phase("converting")
            with closing(Store(self._glossary.root / ".cache")) as store:
                self._books[language] = content.build(
                    self._glossary,
                    language,
                    terms=self._selection.terms,
                    category=self._selection.category,
                    store=store,
                    on_progress=progress,
                )
        return self._books[language]

    def _pdf(self, book: content.Book, kind: Kind, path: Path, phase: Phase) -> int:
        try:
            # Loads the typesetter, which few commands need.
            from . import fonts, parts, pdf  # noqa: PLC0415
        except ImportError as error:
            raise PressError(f"PDF needs {error.name}: install requirements.txt") from error
        size: pdf.Size = "screen" if kind == "pdf-screen" else "a4"
        try:
            return pdf.write(
                book, path, size=size, cache=self._glossary.root / ".cache", on_progress=phase
            )
        except (fonts.MissingFontError, parts.TypesetterError) as error:
            raise PressError(str(error)) from error

    def _zip(self, path: Path, progress: Progress) -> None:
        address = settings.address(settings.read(self._glossary.root))
        fillers = downloads.pages(self._glossary.root, (), offline=True)
        members = offline.members(self._site, address, replace=fillers, on_progress=progress)
        with path.open("wb") as file:
            archive.write(file, members, self._provenance.made)


@contextmanager
def _replacing(path: Path) -> Iterator[Path]:
    """Give a path to write to that replaces `path` when all went well, and is deleted else."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        yield temporary
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
