"""Read the docs tree into one frozen `Glossary`, and say everything that is wrong with it."""

from __future__ import annotations

import datetime as dt
import gc
import multiprocessing
import os
import re
import stat
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import Any, Generic, TypeVar, cast

from pydantic import BaseModel, ValidationError

from . import article as article_reader
from . import bibliography, diagrams
from .characters import invisible
from .model import (
    Article,
    Concept,
    Glossary,
    Heading,
    KeyPath,
    LearningPath,
    Place,
    Positions,
    Problem,
    Source,
)
from .progress import Bar
from .record import (
    LANGUAGES,
    Categories,
    ConceptRecord,
    FrontMatter,
    Homographs,
    Language,
    Phrases,
    ReadingPath,
    Terminology,
)
from .rules import ARTICLE_RULES, markdown
from .spelling import nearest, suggestion
from .store import Store
from .yaml_source import YamlDocument, YamlError, parse

_MAX_BYTES = {".bib": 1_000_000, ".yml": 200_000, ".md": 100_000}
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_MAX_SLUG = 64
_IMAGES = {".svg", ".png", ".webp"}
_STUBS = {f"index.{language}.md" for language in LANGUAGES}
_MAX_PROBLEMS_OF_A_RECORD = 50
_MAX_PROCESSES = 8
_WORTH_PROCESSES = 200  # files; starting a process takes as long as reading some of them
_TASK = 40
_SAMPLED = 8  # one in so many files is looked for first
_ARTICLE = "article"
# What pydantic calls a wrong type, and what a contributor would.
_EXPECTED = {
    "tuple_type": "must be a list, such as `[first, second]`",
    "list_type": "must be a list, such as `[first, second]`",
    "model_type": "must hold keys of its own, not a plain value or a list",
    "model_attributes_type": "must hold keys of its own, not a plain value or a list",
    "dict_type": "must hold keys of its own, not a plain value or a list",
    "string_type": "must be text",
    "string_too_short": "is empty",
    "int_parsing": "must be a whole number",
    "int_type": "must be a whole number",
    "too_short": "has too few entries",
}
_PATTERNS = {
    r"^[a-z0-9]+(-[a-z0-9]+)*$": "must be lower-case letters and digits, words joined by hyphens",
    r"^\d{4}-(0[1-9]|1[0-2])$": "must be a month, as in 2026-01",
    r"^\d{4}-\d{2}-\d{2}$": "must be a day, as in 2026-01-31",
}
# The keys by which the entries of a list are told apart.
_IDENTITIES = ("id", "key", "term")

Record = TypeVar("Record", bound=BaseModel)
Result = TypeVar("Result")


def load(
    root: Path,
    store: Store | None = None,
    *,
    processes: int = 1,
    read: dict[bytes, object] | None = None,
) -> tuple[Glossary, list[Problem]]:
    """Load the glossary below `root`.

    Args:
        root: The project folder, which holds ``docs/``.
        store: Remembers what was read from files that have not changed since.
        processes: How many may read what `store` lacks, where it has a folder and lacks much.
            Shows a progress bar where it does. See `processors`.
        read: What this process has read before, if it loads again and again; brought up to date.

    Returns:
        The glossary of every file that could be read, and what is wrong with each file by
        itself. What is wrong between files is not looked for here: see `rules.check`.
    """
    # Hundreds of thousands of objects that all live on: looking for garbage is in vain.
    collecting = gc.isenabled()
    gc.disable()
    try:
        loader = _Loader(root, store or Store(None), read or {})
        if processes > 1 and not read:
            loader.read_ahead(processes)
        loaded = loader.load()
        if read is not None:
            read.clear()
            read.update(loader.read)
        return loaded
    finally:
        if collecting:
            gc.freeze()
            gc.enable()


def load_article(root: Path, path: str, store: Store) -> tuple[Article | None, list[Problem]]:
    """Read one article again.

    Args:
        root: The project folder, as for `load`.
        path: Of the article, relative to `root`.
        store: As for `load`.

    Returns:
        The article, if it could be read, and what is wrong with it by itself.
    """
    loader = _Loader(root, store)
    article = loader.article(root / path)
    return article, loader.problems + (markdown.check_article(article) if article else [])


def replaced(glossary: Glossary, slug: str, article: Article) -> Glossary:
    """Return `glossary` with another article of the concept `slug`, in the article's language."""
    concept = glossary.concepts[slug]
    articles = MappingProxyType({**concept.articles, article.language: article})
    concepts = {**glossary.concepts, slug: replace(concept, articles=articles)}
    return replace(glossary, concepts=MappingProxyType(concepts))


def processors() -> int:
    """Return how many processes are worth starting on this machine."""
    return min(os.cpu_count() or 1, _MAX_PROCESSES)


@contextmanager
def _importable() -> Iterator[None]:
    """Let new processes import this package: MkDocs has its folder on the path only at first."""
    folder = str(Path(__file__).parents[1])
    sys.path.insert(0, folder)
    try:
        yield
    finally:
        sys.path.remove(folder)


def _read_files(task: tuple[Path, Path, list[Path]]) -> int:
    root, folder, paths = task
    with closing(Store(folder)) as store:
        loader = _Loader(root, store)
        for path in paths:
            if path.suffix == ".md":
                article = loader.article(path)
                # Drawing takes longer than reading, and the rules will have each drawn.
                for fence in article.fences if article else ():
                    if fence.is_drawn_ahead:
                        with suppress(diagrams.DiagramError):
                            diagrams.render(fence.content, id="check", cache=folder)
            else:
                loader.concept_record(path)
    return len(paths)


@dataclass(frozen=True)
class _Read(Generic[Record]):
    record: Record
    positions: Positions
    digest: bytes


class _Loader:
    """Collects problems while reading, so that one run reports them all."""

    def __init__(
        self, root: Path, store: Store, earlier: Mapping[bytes, object] = MappingProxyType({})
    ) -> None:
        self.root = root
        self.store = store
        self.read: dict[bytes, object] = {}
        self._earlier = earlier
        self.docs = root / "docs"
        self.problems: list[Problem] = []
        self._looked_up: dict[Path, tuple[bytes, bytes]] = {}  # content and key of files

    def read_ahead(self, processes: int) -> None:
        """Have other processes read into the store what it lacks, if that is much."""
        if self.store.folder is None:
            return
        for path in sorted((self.root / "docs/terms").glob("*/*.*")):
            kind = {".md": _ARTICLE, ".yml": ConceptRecord.__name__}.get(path.suffix)
            if kind and (data := self._bytes(path)) is not None:
                self._looked_up[path] = data, self.store.key(kind, self._relative(path), data)
        self.problems.clear()  # `load` finds them again, among the others
        keys = [key for _, key in self._looked_up.values()]
        # Looking for all takes longer than reading what one edit has changed.
        some = keys[::_SAMPLED]
        if len(self.store.held(some)) == len(some):
            return
        held = self.store.held(keys)
        unknown = [path for path, (_, key) in self._looked_up.items() if key not in held]
        if len(unknown) < _WORTH_PROCESSES:
            return
        tasks = [
            (self.root, self.store.folder, unknown[start : start + _TASK])
            for start in range(0, len(unknown), _TASK)
        ]
        with (
            suppress(BrokenProcessPool),  # then `load` reads what is left
            _importable(),
            ProcessPoolExecutor(processes, multiprocessing.get_context("spawn")) as pool,
            Bar(total=len(unknown), desc="reading", leave=False, delay=1, file=sys.stderr) as bar,
        ):
            for count in pool.map(_read_files, tasks):
                bar.update(count)

    def load(self) -> tuple[Glossary, list[Problem]]:
        self._refuse_links()
        categories = self._record_file(self.docs / "categories.yml", Categories)
        homographs = self._record_file(self.docs / "homographs.yml", Homographs)
        phrases = self._record_file(self.docs / "traditional.yml", Phrases)
        words = None
        if (self.docs / "terminology.yml").exists():  # a glossary may do without
            words = self._record_file(self.docs / "terminology.yml", Terminology)
        concepts = {
            folder.name: concept
            for folder in self._folders(self.docs / "terms")
            if (concept := self._concept(folder))
        }
        paths = {
            folder.name: path
            for folder in self._folders(self.docs / "paths")
            if (path := self._path(folder))
        }
        glossary = Glossary(
            root=self.root,
            concepts=MappingProxyType(concepts),
            categories=MappingProxyType(
                {c.key: c for c in (categories.record.categories if categories else ())}
            ),
            sources=MappingProxyType(self._sources()),
            homographs=homographs.record.homographs if homographs else (),
            homograph_positions=homographs.positions if homographs else Positions(),
            longer_words=MappingProxyType(homographs.record.longer_words if homographs else {}),
            phrases=MappingProxyType(phrases.record.phrases if phrases else {}),
            paths=MappingProxyType(paths),
            wordings=words.record.terminology if words else (),
            wording_positions=words.positions if words else Positions(),
        )
        return glossary, self.problems

    def _relative(self, path: Path) -> str:
        # A name on disk need not be UTF-8, nor keep to one line.
        name = path.relative_to(self.root).as_posix().encode("utf-8", "surrogateescape")
        shown = name.decode("utf-8", "backslashreplace")
        if shown.isprintable():
            return shown
        return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in shown)

    def _report(self, path: Path, place: Place, code: str, message: str, fix: str) -> None:
        self.problems.append(
            Problem(self._relative(path), place.line, place.column, code, message, fix)
        )

    def _refuse_links(self) -> None:
        """Report every symbolic link below docs/: MkDocs would publish what it points to."""
        for folder, folders, files in os.walk(self.docs):
            for name in (*folders, *files):
                if os.path.islink(f"{folder}/{name}"):  # noqa: PTH114 - thousands are asked
                    self._report(
                        Path(folder, name),
                        Place(1),
                        "symlink",
                        f"`{_printable(name)}` is a symbolic link",
                        "put the file or folder itself here",
                    )

    def _entries(self, folder: Path) -> list[Path]:
        """Return what is in `folder`, without symbolic links: they are reported already."""
        if folder.is_symlink():
            return []
        try:
            return sorted(path for path in folder.iterdir() if not path.is_symlink())
        except OSError as error:
            self._report(
                folder,
                Place(1),
                "missing-file",
                f"the folder cannot be read: {error.strerror}",
                "this must be a folder, and readable",
            )
            return []

    def _folders(self, parent: Path) -> Iterator[Path]:
        for path in self._entries(parent):
            if not path.is_dir():
                self._refuse_unexpected(path, _STUBS)
            elif len(path.name) > _MAX_SLUG or not _SLUG.fullmatch(path.name):
                words = re.findall(r"[a-z0-9]+", path.name.lower())
                self._report(
                    path,
                    Place(1),
                    "slug",
                    f"the folder name `{_printable(path.name)}` is not a slug",
                    f"rename it to `{'-'.join(words)[:_MAX_SLUG].strip('-')}`"
                    if words and path.name.isascii()
                    else "name it in English: lower-case words joined by hyphens, "
                    f"at most {_MAX_SLUG} characters",
                )
            else:
                yield path

    def _remembered(
        self, path: Path, kind: str, read: Callable[[Path, bytes], Result | None]
    ) -> Result | None:
        """Return what `read` makes of a file, and report what it reports.

        Args:
            path: The file; what is wrong with it may name it.
            kind: What the file is read as.
            read: Depends on nothing but its arguments.
        """
        if path in self._looked_up:
            data, key = self._looked_up.pop(path)
        else:
            content = self._bytes(path)
            if content is None:
                return None
            data, key = content, self.store.key(kind, self._relative(path), content)

        def make() -> tuple[Result | None, list[Problem]]:
            before, self.problems = self.problems, []
            result = read(path, data)
            before, self.problems = self.problems, before
            return result, before

        self.read[key] = self._earlier.get(key) or self.store.remember(key, make)
        result, problems = cast("tuple[Result | None, list[Problem]]", self.read[key])
        self.problems.extend(problems)
        return result

    def _text(self, path: Path, data: bytes) -> str | None:
        """Decode a file, reporting what a text file should not hold."""
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError as error:
            line_start = data.rfind(b"\n", 0, error.start) + 1
            self._report(
                path,
                Place(
                    data.count(b"\n", 0, error.start) + 1,
                    len(data[line_start : error.start].decode("utf-8")) + 1,
                ),
                "encoding",
                "the file is not UTF-8",
                "save it again as UTF-8 (not GBK, Big5 or UTF-16)",
            )
            return None
        text = text.replace("\r\n", "\n")
        found = list(invisible(text))
        for character in found:
            self._report(
                path,
                Place(character.line, character.column),
                "control-character",
                f"the file contains {character.description}",
                "delete it; it is invisible, so retype the words around it",
            )
        return None if found else text

    def _bytes(self, path: Path) -> bytes | None:
        if path.is_symlink():
            return None
        try:
            status = path.stat()
            if not stat.S_ISREG(status.st_mode):
                self._report(
                    path,
                    Place(1),
                    "not-a-file",
                    f"`{_printable(path.name)}` must be a file",
                    "delete the folder of that name, and put the file here",
                )
                return None
            limit = _MAX_BYTES[path.suffix]
            if status.st_size > limit:
                self._report(
                    path,
                    Place(1),
                    "file-size",
                    f"the file has {status.st_size:,} bytes; the limit is {limit:,}",
                    "split it, or check that the right file was saved",
                )
                return None
            return path.read_bytes()
        except OSError as error:
            missing = isinstance(error, FileNotFoundError)
            self._report(
                path,
                Place(1),
                "missing-file",
                f"the file cannot be read: {error.strerror}",
                "add the file" if missing else "make it a plain, readable file",
            )
            return None

    def _validate(
        self, path: Path, text: str, model: type[Record], first_line: int = 1
    ) -> tuple[Record, YamlDocument] | None:
        try:
            document = parse(text, first_line=first_line)
        except YamlError as error:
            self._report(path, error.place, "yaml", error.message, error.fix)
            return None
        for key_path, place in document.duplicates:
            self._report(
                path,
                place,
                "duplicate-key",
                f"the key `{key_path[-1]}` stands twice",
                "keep one of the two",
            )
        for place, message in _repetitions(document.value, document.positions, ()):
            self._report(path, place, "duplicate-item", message, "keep one of the two")
        try:
            return model.model_validate(document.value), document
        except ValidationError as error:
            for detail in error.errors(include_url=False)[:_MAX_PROBLEMS_OF_A_RECORD]:
                self._report_invalid(path, document.positions, model, cast("Any", detail))
            return None

    def _report_invalid(
        self, path: Path, positions: Positions, model: type[BaseModel], detail: dict[str, Any]
    ) -> None:
        location: tuple[str | int, ...] = detail["loc"]
        place = positions.at(*location)
        where = _clip(".".join(map(str, location)))
        key = _clip(str(location[-1])) if location else ""
        if detail["type"] == "extra_forbidden":
            allowed = _keys_at(model, location[:-1])
            hint = suggestion(key, allowed, otherwise=f"use one of: {', '.join(allowed)}")
            self._report(path, place, "unknown-key", f"unknown key `{where}`", hint)
        elif detail["type"] == "missing":
            inner = _required_keys(model, location)
            example = f"{key}: {{{inner}}}" if inner else f"{key}: …"
            self._report(path, place, "missing-key", f"`{where}` is missing", f"add `{example}`")
        else:
            self._report(
                path,
                place,
                "invalid-value",
                f"`{where}` {_wanted(detail)}",
                _remedy(detail, ", ".join(_keys_at(model, location)))
                or f"you wrote {_shown(detail.get('input'))}; see the schema in "
                "docs/contribute/schema/",
            )

    def _record_file(self, path: Path, model: type[Record]) -> _Read[Record] | None:
        def read(path: Path, data: bytes) -> _Read[Record] | None:
            text = self._text(path, data)
            loaded = None if text is None else self._validate(path, text, model)
            if loaded is None:
                return None
            return _Read(loaded[0], loaded[1].positions, sha256(data).digest())

        return self._remembered(path, model.__name__, read)

    def _concept(self, folder: Path) -> Concept | None:
        record_path = folder / "term.yml"
        names = {path.name for path in self._entries(folder)}
        expected = {"term.yml", *_STUBS}
        for name in sorted(names - expected):
            self._refuse_unexpected(folder / name, expected, _IMAGES)
        loaded = None
        if "term.yml" in names:
            loaded = self.concept_record(record_path)
        else:
            self._report(
                folder,
                Place(1),
                "missing-file",
                f"the folder `{folder.name}` has no term.yml",
                "add the concept record, or delete the folder",
            )
        articles: dict[Language, Article] = {}
        for language in LANGUAGES:
            if f"index.{language}.md" in names:
                article = self.article(folder / f"index.{language}.md")
                if article:
                    articles[language] = article
        if loaded is None:
            return None
        return Concept(
            folder.name,
            self._relative(record_path),
            loaded.record,
            loaded.positions,
            MappingProxyType(articles),
            loaded.digest,
        )

    def _refuse_unexpected(
        self, path: Path, expected: Collection[str], suffixes: Collection[str] = ()
    ) -> None:
        if path.is_file() and (path.name in expected or path.suffix.lower() in suffixes):
            return
        close = nearest(path.name.lower(), expected)
        self._report(
            path,
            Place(1),
            "unexpected-file",
            f"`{_printable(path.name)}` does not belong in {self._relative(path.parent)}/",
            f"rename it to `{close}`" if close else "move or delete it",
        )

    def article(self, path: Path) -> Article | None:
        """Return an article that is named after its language, if it can be read."""
        return self._remembered(path, _ARTICLE, self._article)

    def concept_record(self, path: Path) -> _Read[ConceptRecord] | None:
        """Return the record of a concept, if it can be read."""
        return self._record_file(path, ConceptRecord)

    def _article(self, path: Path, data: bytes) -> Article | None:
        text = self._text(path, data)
        if text is None:
            return None
        cut = article_reader.split(text)
        if cut.front_matter is None:
            self._report(
                path,
                Place(cut.unclosed or 1),
                "front-matter",
                "the front matter does not end with `---`"
                if cut.unclosed
                else "the article has no front matter",
                "put `---` on a line of its own below it"
                if cut.unclosed
                else "start the file with `---`, then `definition:` and `reviewed:`, then `---`",
            )
            return None
        loaded = self._validate(path, cut.front_matter, FrontMatter, first_line=2)
        try:
            stream, structure, faults = article_reader.read(cut.body, cut.first_line)
        except article_reader.ArticleError as error:
            self._report_faults(path, error.faults)
            return None
        self._report_faults(path, faults)
        if loaded is None:
            return None
        front_matter, document = loaded
        self._refuse_impossible_day(path, front_matter, document.positions)
        article = Article(
            language=cast("Language", path.name.split(".")[1]),
            path=self._relative(path),
            front_matter=front_matter,
            positions=document.positions,
            definition_at=document.texts["definition"],
            body=cut.body,
            first_line=cut.first_line,
            headings=structure.headings,
            fences=structure.fences,
            formulas=structure.formulas,
            citations=structure.citations,
            links=structure.links,
            images=structure.images,
            blocks=structure.blocks,
            digest=sha256(data).digest(),
            outline=_outline(front_matter, structure.headings),
        )
        self.problems.extend(problem for rule in ARTICLE_RULES for problem in rule(article, stream))
        return article

    def _report_faults(self, path: Path, faults: Iterable[article_reader.Fault]) -> None:
        for fault in faults:
            self._report(
                path, Place(fault.line, fault.column), fault.code, fault.message, fault.fix
            )

    def _refuse_impossible_day(
        self, path: Path, front_matter: FrontMatter, positions: Positions
    ) -> None:
        try:
            dt.date.fromisoformat(front_matter.reviewed)
        except ValueError:
            self._report(
                path,
                positions.at("reviewed"),
                "invalid-value",
                f"`reviewed`: there is no day `{front_matter.reviewed}`",
                "write the day as YYYY-MM-DD, as in 2026-01-31",
            )

    def _path(self, folder: Path) -> LearningPath | None:
        path = folder / "path.yml"
        expected = {"path.yml", *_STUBS}
        for other in self._entries(folder):
            if other.name not in expected:
                self._refuse_unexpected(other, expected)
        loaded = self._record_file(path, ReadingPath)
        if loaded is None:
            return None
        return LearningPath(folder.name, self._relative(path), loaded.record, loaded.positions)

    def _sources(self) -> dict[str, Source]:
        path = self.docs / "references.bib"
        return self._remembered(path, "bibliography", self._read_sources) or {}

    def _read_sources(self, path: Path, data: bytes) -> dict[str, Source] | None:
        text = self._text(path, data)
        if text is None:
            return None
        sources, problems = bibliography.load(text, self._relative(path))
        self.problems.extend(problems)
        return sources


def _outline(front_matter: FrontMatter, headings: Iterable[Heading]) -> bytes:
    shown = [(heading.level, heading.text, heading.id) for heading in headings]
    return sha256(repr((front_matter, shown)).encode()).digest()


def _repetitions(value: object, positions: Positions, path: KeyPath) -> Iterator[tuple[Place, str]]:
    """Find entries that stand twice in one list: equal texts, or mappings of one identity."""
    children: Iterable[tuple[str | int, object]] = ()
    if isinstance(value, dict):
        children = value.items()
    elif isinstance(value, list):
        children = enumerate(value)
        seen: set[object] = set()
        for index, item in enumerate(value):
            identity = _identity(item)
            if identity is not None and identity in seen:
                where = _clip(".".join(map(str, path)))
                yield positions.at(*path, index), f"`{where}`: `{_clip(identity)}` stands twice"
            seen.add(identity)
    for key, child in children:
        yield from _repetitions(child, positions, (*path, key))


def _identity(item: object) -> str | None:
    if isinstance(item, str):
        return item
    # A homograph has a term as well, but may stand once for each name.
    if isinstance(item, dict) and "name" not in item:
        for key in _IDENTITIES:
            if isinstance(item.get(key), str):
                return str(item[key])
    return None


def _wanted(detail: Mapping[str, Any]) -> str:
    kind, context = detail["type"], detail.get("ctx", {})
    if kind == "string_pattern_mismatch" and context.get("pattern") in _PATTERNS:
        return _PATTERNS[context["pattern"]]
    if kind == "literal_error":
        return f"must be {context['expected']}"
    if kind in _EXPECTED and detail.get("input") is None:
        return f"is empty; it {_EXPECTED[kind]}"
    if kind in _EXPECTED:
        return _EXPECTED[kind]
    message = str(detail["msg"]).replace("String", "text").replace("Input", "value")
    return f"is wrong: {message[:1].lower()}{message[1:]}"


def _remedy(detail: Mapping[str, Any], keys: str) -> str | None:
    """Return what to write, where that can be guessed from what was written."""
    kind, written = detail["type"], detail.get("input")
    if not isinstance(written, str) or not written.strip():
        return None
    if kind == "literal_error":
        close = nearest(written, re.findall(r"'([^']+)'", str(detail["ctx"]["expected"])))
        return f"write `{close}`" if close else None
    if kind in {"tuple_type", "list_type"}:
        return f"write `[{_clip(written)}]`"
    if kind.startswith("model_") and keys.startswith("preferred"):
        return f"write `{{preferred: {_clip(written)}}}`"
    if kind == "string_pattern_mismatch":
        return _in_pattern(str(detail["ctx"]["pattern"]), written)
    return None


def _in_pattern(pattern: str, written: str) -> str | None:
    """Return the text in the form that `pattern` asks for, where only its signs are wrong."""
    numbers = re.findall(r"[0-9]+", written)
    slug = "-".join(re.findall(r"[a-z0-9]+", written.lower()))
    candidates = (slug, "-".join(number.zfill(2) for number in numbers))
    form = next((text for text in candidates if re.search(pattern, text)), None)
    return f"write `{form}`" if form else None


def _shown(value: object) -> str:
    return "nothing" if value is None else _clip(repr(value))


def _clip(text: str) -> str:
    return text if len(text) <= 60 else text[:59] + "…"  # noqa: PLR2004


def _printable(name: str) -> str:
    shown = name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return _clip("".join(c if c.isprintable() else "\ufffd" for c in shown))


def _keys_at(model: type[BaseModel], location: Sequence[str | int]) -> list[str]:
    """Return the keys that `model` allows at `location` inside it."""
    current = _model_at(model, location)
    fields = current.model_fields.items() if current else ()
    return [field.alias or name for name, field in fields]


def _model_at(model: type[BaseModel], location: Sequence[str | int]) -> type[BaseModel] | None:
    """Return what describes the mapping at `location` inside `model`."""
    current: type[BaseModel] | None = model
    for step in location:
        if isinstance(step, int) or current is None:
            continue
        field = next(
            (f for name, f in current.model_fields.items() if step in {name, f.alias}), None
        )
        current = next(_models_in(field.annotation), None) if field else None
    return current


def _required_keys(model: type[BaseModel], location: Sequence[str | int]) -> str:
    """Return the keys that the mapping at `location` must have, as YAML with blanks."""
    inner = _model_at(model, location)
    fields = inner.model_fields.items() if inner else ()
    return ", ".join(f"{f.alias or name}: …" for name, f in fields if f.is_required())


def _models_in(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    arguments: Iterable[object] = getattr(annotation, "__args__", ())
    for argument in arguments:
        yield from _models_in(argument)
