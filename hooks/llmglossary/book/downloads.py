"""What there is to download: the list for programs, the checksums, the table on the site's pages.

The site is built before the books, and the zip file holds the site; so a page cannot know sizes
and checksums while it is built. It leaves a place between two comments, which is filled once the
files exist, from the same template that the build used to leave it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from pydantic import BaseModel, ConfigDict, ValidationError

from .. import strings
from ..localize import HTML_LANG, URL_PREFIX
from ..record import LANGUAGES, Language
from . import settings
from .provenance import Provenance

Kind = Literal["pdf-a4", "pdf-screen", "epub", "zip"]
KINDS: tuple[Kind, ...] = ("pdf-a4", "pdf-screen", "epub", "zip")

LIST = "downloads.json"
CHECKSUMS = "SHA256SUMS"
_START, _END = "<!--downloads-->", "<!--/downloads-->"
_TEMPLATE = "partials/downloads.html"
_MEDIA_TYPES: Mapping[Kind, str] = {
    "pdf-a4": "application/pdf",
    "pdf-screen": "application/pdf",
    "epub": "application/epub+zip",
    "zip": "application/zip",
}
_CHUNK = 1 << 20
_UNIT = 1000


class Download(BaseModel):
    """One file.

    Attributes:
        language: BCP 47; None where the file holds all.
        date: When the commit was made.
        commit: That it was made from; None if unknown.
        modified: Whether the sources differed from the commit.
        pages: Of a PDF.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    kind: Kind
    language: str | None
    bytes: int
    sha256: str
    date: datetime
    commit: str | None
    modified: bool
    pages: int | None = None

    @property
    def size(self) -> str:
        """The number of bytes for people."""
        number = float(self.bytes)
        for unit in ("B", "kB", "MB"):
            if number < _UNIT:
                return f"{number:.3g} {unit}"
            number /= _UNIT
        return f"{number:.3g} GB"

    @property
    def media_type(self) -> str:
        """The type that servers send it with."""
        return _MEDIA_TYPES[self.kind]


class _List(BaseModel):
    files: tuple[Download, ...]


def file_name(kind: Kind, language: Language | None, selection: str = "") -> str:
    """Return the name of a file.

    Args:
        kind: Of the file.
        language: None for the zip file, which holds all.
        selection: A category's or concept's name where the file does not hold everything.
    """
    stem = "-".join(filter(None, ("llm-glossary", language or "offline", selection)))
    return {
        "pdf-a4": f"{stem}.pdf",
        "pdf-screen": f"{stem}-screen.pdf",
        "epub": f"{stem}.epub",
        "zip": f"{stem}.zip",
    }[kind]


def describe(
    path: Path,
    kind: Kind,
    language: Language | None,
    provenance: Provenance,
    pages: int | None = None,
) -> Download:
    """Return what is to be said of a file that has been written."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return Download(
        name=path.name,
        kind=kind,
        language=HTML_LANG[language] if language else None,
        bytes=path.stat().st_size,
        sha256=digest.hexdigest(),
        date=provenance.made,
        commit=provenance.commit,
        modified=provenance.modified,
        pages=pages,
    )


def read(folder: Path) -> tuple[Download, ...]:
    """Return the files that `folder` lists and has; none where the list is missing or broken."""
    try:
        listed = _List.model_validate_json((folder / LIST).read_bytes()).files
    except (OSError, ValidationError):
        return ()
    return tuple(
        file
        for file in listed
        # A name from a list must not lead out of the folder.
        if Path(file.name).name == file.name and (folder / file.name).is_file()
    )


def record(folder: Path, new: Iterable[Download]) -> tuple[Download, ...]:
    """Add `new` to the list of `folder` and write its checksums.

    Returns:
        Everything that is listed now, in the order in which it is shown.
    """
    files = {file.name: file for file in (*read(folder), *new)}
    languages = [*(HTML_LANG[language] for language in LANGUAGES), None]
    ordered = tuple(
        sorted(
            files.values(),
            key=lambda file: (languages.index(file.language), KINDS.index(file.kind), file.name),
        )
    )
    (folder / LIST).write_text(_List(files=ordered).model_dump_json(indent=1) + "\n", "utf-8")
    sums = sorted((file.name, file.sha256) for file in ordered)
    (folder / CHECKSUMS).write_text(
        "".join(f"{sha256}  {name}\n" for name, sha256 in sums), "utf-8"
    )
    return ordered


def pages(
    root: Path, files: Iterable[Download], *, offline: bool = False
) -> dict[str, Callable[[str], str]]:
    """Return how to fill the downloads page of each language.

    Args:
        root: The project folder, with the templates and settings of the site.
        files: What there is to download.
        offline: Whether the pages are those in the zip file, which cannot list itself.

    Returns:
        Path of the page relative to the root of the site -> its text with the place left for
        the files -> its text with the files. A page without that place stays as it is.
    """
    catalogues = strings.load()
    options = settings.read(root)
    environment = Environment(
        loader=FileSystemLoader(root / "overrides"), autoescape=True, undefined=StrictUndefined
    )
    template = environment.get_template(_TEMPLATE)
    listed = tuple(files)
    by_tag = {HTML_LANG[language]: catalogues[language]["language_name"] for language in LANGUAGES}

    def filler(language: Language) -> Callable[[str], str]:
        own = HTML_LANG[language]
        context: dict[str, Any] = {
            "t": catalogues[language],
            # What the reader can read comes first.
            "downloads": sorted(listed, key=lambda file: file.language not in (own, None)),
            "names": by_tag,
            "root": "../" * (URL_PREFIX[language].count("/") + 1),
            "here": f"{settings.address(options)}{URL_PREFIX[language]}downloads/",
            "repository": settings.repository(options),
            "offline": offline,
        }
        return lambda text: _filled(text, template.render(context))

    return {
        f"{URL_PREFIX[language]}downloads/index.html": filler(language) for language in LANGUAGES
    }


def _filled(text: str, table: str) -> str:
    before, start, rest = text.partition(_START)
    _, end, after = rest.partition(_END)
    return f"{before}{start}{table}{end}{after}" if end else text


def fill(site: Path, fillers: Mapping[str, Callable[[str], str]]) -> None:
    """Fill the downloads pages of a built site in place; a missing page is passed over."""
    for path, filled in fillers.items():
        page = site / path
        if page.is_file():
            page.write_text(filled(page.read_text("utf-8")), "utf-8")
