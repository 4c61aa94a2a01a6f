"""The glossary in memory: frozen, loaded once, read by everything else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from pybtex.database import Entry

from .record import (
    Category,
    ConceptRecord,
    FrontMatter,
    Homograph,
    Language,
    ReadingPath,
    Wording,
)


@dataclass(frozen=True, order=True)
class Problem:
    """Something a contributor has to mend, and where.

    Attributes:
        path: File relative to the project root, with forward slashes.
        line: Counted from 1.
        column: Counted from 1, in characters.
        code: Stable name of the rule, e.g. ``unknown-key``.
        message: What is wrong.
        fix: What to write instead.
        severity: An error stops the build; a warning does not.
    """

    path: str
    line: int
    column: int
    code: str
    message: str
    fix: str
    severity: Literal["error", "warning"] = "error"


@dataclass(frozen=True)
class Place:
    """A position in a file: line and column, both counted from 1."""

    line: int
    column: int = 1


KeyPath = tuple[str | int, ...]


@dataclass(frozen=True)
class Positions:
    """Where each key of a YAML document stands.

    Attributes:
        keys: From the path of a key or list item, such as ``("names", "zh")``, to its place.
    """

    keys: Mapping[KeyPath, Place] = field(default_factory=dict)

    def at(self, *path: str | int) -> Place:
        """Return the place of `path`, or of its nearest enclosing key that the file has."""
        for end in range(len(path), -1, -1):
            if path[:end] in self.keys:
                return self.keys[path[:end]]
        return Place(1)


@dataclass(frozen=True)
class Heading:
    """A heading of an article."""

    level: int
    text: str
    id: str | None
    line: int


@dataclass(frozen=True)
class Fence:
    """A fenced block of an article; `line` is that of the opening fence."""

    info: str
    content: str
    line: int
    section: str | None
    caption: str | None

    @property
    def is_diagram(self) -> bool:
        """Tell whether it holds Mermaid."""
        return self.info.split()[:1] == ["mermaid"]

    @property
    def is_drawn_ahead(self) -> bool:
        """Tell whether it is a diagram that is not left to the reader's browser."""
        return self.is_diagram and "client" not in self.info.split()


@dataclass(frozen=True)
class Formula:
    """A formula of an article; `display` tells ``$$…$$`` from ``$…$``.

    Attributes:
        line: On which the TeX begins.
        column: Of its first character.
    """

    tex: str
    display: bool
    line: int
    column: int = 1


@dataclass(frozen=True)
class Citation:
    """One ``[@key]`` in an article."""

    key: str
    line: int
    column: int


@dataclass(frozen=True)
class Link:
    """A link of an article, as written; `line` and `column` are those of its bracket."""

    href: str
    line: int
    column: int = 1


@dataclass(frozen=True)
class Image:
    """An image of an article; `width` and `height` as written, empty where they are missing."""

    source: str
    alternative: str
    width: str
    height: str
    line: int
    column: int = 1


@dataclass(frozen=True)
class Block:
    """One paragraph, list item, heading or table row of an article.

    Attributes:
        text: Plain text; U+FFFC stands where code, a formula or an image was.
        line: Of the file, where the block begins.
        section: The id of the section of the page contract it stands in.
        kind: What the block is: ``paragraph``, ``heading`` or ``row``.
        cited: Whether a source is cited in it.
        opaque: What U+FFFC stands for, in order: a code span's content, nothing for the others.
    """

    text: str
    line: int
    section: str | None
    kind: str
    cited: bool
    opaque: tuple[str, ...] = ()


@dataclass(frozen=True)
class Article:
    """One language version of a concept's page.

    Attributes:
        language: The language the text is written in.
        path: File relative to the project root.
        definition_at: Where the text of the definition begins in the front matter.
        body: The Markdown below the front matter.
        first_line: The line of the file on which `body` starts.
        blocks: The prose, without code, formulas and addresses of links.
        digest: Of the file, and so of everything here.
        outline: A digest of what other pages show of it: the front matter and the headings.
    """

    language: Language
    path: str
    front_matter: FrontMatter
    positions: Positions
    definition_at: Place
    body: str
    first_line: int
    headings: tuple[Heading, ...]
    fences: tuple[Fence, ...]
    formulas: tuple[Formula, ...]
    citations: tuple[Citation, ...]
    links: tuple[Link, ...]
    images: tuple[Image, ...]
    blocks: tuple[Block, ...] = field(repr=False)
    digest: bytes = field(repr=False)
    outline: bytes = field(repr=False)


@dataclass(frozen=True)
class Concept:
    """A concept: its record and its articles.

    Attributes:
        digest: Of the bytes of the record's file.
    """

    slug: str
    path: str
    record: ConceptRecord
    positions: Positions
    articles: Mapping[Language, Article]
    digest: bytes

    def name(self, language: Language) -> str:
        """Return the preferred name in `language`."""
        return self.record.names.get(language).preferred


@dataclass(frozen=True)
class Source:
    """One entry of references.bib.

    Attributes:
        title: The bare title.
        url: Where to read it (DOI, arXiv or the publisher's address), if known.
        line: Of the entry in references.bib.
        entry: As pybtex read it, for formatting.
    """

    key: str
    title: str
    url: str | None
    line: int
    entry: Entry = field(repr=False, compare=False)


@dataclass(frozen=True)
class LearningPath:
    """A reading path with the place of each key in its file."""

    slug: str
    path: str
    record: ReadingPath
    positions: Positions


@dataclass(frozen=True)
class Glossary:
    """Everything the site says, loaded and indexed.

    Attributes:
        root: The project folder; every `path` in the model is relative to it.
        concepts: By slug, in alphabetical order of slugs.
        categories: By key, in display order.
        sources: By BibTeX key.
        homograph_positions: Of docs/homographs.yml.
        longer_words: Words of a language that contain a name but mean something else.
        wordings: Words that are wrong in this field, of docs/terminology.yml.
        phrases: Simplified phrase -> Traditional phrase, where OpenCC is wrong.
    """

    root: Path
    concepts: Mapping[str, Concept]
    categories: Mapping[str, Category]
    sources: Mapping[str, Source]
    homographs: tuple[Homograph, ...]
    longer_words: Mapping[Language, tuple[str, ...]]
    phrases: Mapping[str, str]
    paths: Mapping[str, LearningPath]
    homograph_positions: Positions = field(default_factory=Positions)
    wordings: tuple[Wording, ...] = ()
    wording_positions: Positions = field(default_factory=Positions)
