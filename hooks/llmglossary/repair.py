"""Safe repairs: what a machine can put right without changing what a page says.

Every function takes the text of a file and returns it repaired; nothing is read or written.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from markdown_it.token import Token
from pydantic import BaseModel

from . import article as article_reader
from . import changes, markdown_lint, typography, yaml_edit
from .changes import ChangeSet
from .record import (
    LANGUAGES,
    Categories,
    ConceptRecord,
    FrontMatter,
    Homographs,
    Language,
    ReadingPath,
)
from .rules.contract import SECTIONS
from .traditional import opencc
from .yaml_source import YamlError, parse

_SECTION_LEVEL = 2
# The keys of a record whose Chinese text is prose. Names are not: they are the contributor's.
_PROSE = {"reason", "difference", "definition", "description", "why", "audience"}
_OTHER_HEADINGS = {"例子": "example", "算例": "example", "Example": "example"}
_ATTRIBUTES = re.compile(r"\{[^{}]*\}")


def record(text: str, model: type[BaseModel]) -> str:
    """Repair a YAML file: keys in the order of the schema, typography of Chinese prose.

    Args:
        text: The file.
        model: Its schema.
    """
    text = yaml_edit.in_schema_order(text, model)
    edits = []
    for scalar in yaml_edit.scalars(text):
        prose = scalar.path[-1] == "zh" and any(key in _PROSE for key in scalar.path)
        if prose and (scalar.path[-2] in _PROSE):
            edits.append((scalar.start, scalar.end))
    return _checked_edits(text, edits)


def article(text: str, language: Language) -> str:
    """Repair an article: ids and order of its sections, Markdown, typography of Chinese prose.

    Args:
        text: The file.
        language: It is written in.
    """
    cut = article_reader.split(text)
    body = in_order(with_ids(cut.body, language))
    if language != "en":
        with suppress(ValueError):  # nested too deeply for autocorrect; `check` says so
            body = typography.mended(body)
    tidied = markdown_lint.tidied(body)
    if tidied.split() == body.split() and typography.untouchable(tidied) == typography.untouchable(
        body
    ):
        body = tidied
    if cut.front_matter is None:
        return text[: len(text) - len(cut.body)] + body
    front = yaml_edit.in_schema_order(cut.front_matter, FrontMatter)
    if language != "en":
        spans = [
            (scalar.start, scalar.end)
            for scalar in yaml_edit.scalars(front)
            if scalar.path == ("definition",)
        ]
        front = _checked_edits(front, spans)
    return f"---\n{front}\n---\n{body}"


def _checked_edits(text: str, spans: list[tuple[int, int]]) -> str:
    """Set the YAML values at `spans` in good typography, those that stay the same YAML."""
    for start, end in sorted(spans, reverse=True):
        new = typography.mended_text(text[start:end])
        candidate = text[:start] + new + text[end:]
        try:
            shape = _shape(parse(candidate).value)
        except YamlError:
            continue
        if shape == _shape(parse(text).value):
            text = candidate
    return text


def _shape(value: object) -> object:
    if isinstance(value, dict):
        return {key: _shape(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_shape(inner) for inner in value]
    return type(value)


def with_ids(body: str, language: Language) -> str:
    """Return a body in which the headings of the contract's sections carry their ids."""
    stream = article_reader.parse(body)
    known = {h.id for h in article_reader.outline(body, stream, 0).headings}
    lines = body.split("\n")
    for line, raw in _section_headings(stream):
        wanted = _id_for(raw, language)
        # A heading underlined with dashes has its text on one line and the rule on the next.
        if wanted and wanted not in known and lines[line].startswith("## "):
            lines[line] = f"## {raw.strip()} {{#{wanted}}}"
            known.add(wanted)
    return "\n".join(lines)


def _id_for(heading: str, language: Language) -> str | None:
    text = heading.strip()
    if language == "zh-Hant":
        text = opencc("t2s").convert(text)
    for key, texts in SECTIONS.items():
        if text == texts["en" if language == "en" else "zh"]:
            return key
    return _OTHER_HEADINGS.get(text)


def _section_headings(stream: tuple[Token, ...]) -> Iterator[tuple[int, str]]:
    """Yield the line and text of each section heading, counted from 0, that has no id yet."""
    for index, token in enumerate(stream):
        if token.type == "heading_open" and token.tag == "h2" and token.level == 0 and token.map:
            text = stream[index + 1].content
            if "id" not in token.attrs and not _ATTRIBUTES.search(text):
                yield token.map[0], text


def in_order(body: str) -> str:
    """Return a body with its sections in the order of the contract.

    A section that the contract does not know stays behind the one it follows.
    """
    stream = article_reader.parse(body)
    lines = body.split("\n")
    order = list(SECTIONS)
    starts = [
        (heading.line, str(heading.id))
        for heading in article_reader.outline(body, stream, 0).headings
        if heading.level == _SECTION_LEVEL and heading.id in SECTIONS
    ]
    ids = [key for _, key in starts]
    if len(set(ids)) < len(ids) or ids == sorted(ids, key=order.index):
        return body
    ends = [*(line for line, _ in starts[1:]), len(lines)]
    chunks = {
        key: "\n".join(lines[start:end]).strip("\n")
        for (start, key), end in zip(starts, ends, strict=True)
    }
    head = "\n".join(lines[: starts[0][0]])
    moved = head + "\n" + "\n\n".join(chunks[key] for key in order if key in chunks) + "\n"
    # A block that nobody closed would swallow what it now stands above.
    return moved if _heading_texts(moved) == _heading_texts(body) else body


def _heading_texts(body: str) -> list[str]:
    headings = article_reader.outline(body, article_reader.parse(body), 0).headings
    return sorted(heading.text for heading in headings)


def find(root: Path, wanted: Callable[[Path], bool]) -> ChangeSet:
    """Return every repair to the files below `root`.

    Args:
        root: The project folder.
        wanted: Tells whether a file, given by its absolute path, may be changed.
    """
    writes = {}
    for path, repair in _files(root / "docs"):
        if path.is_symlink() or not path.is_file() or not wanted(path):
            continue
        try:
            text = changes.read(path)
        except (OSError, UnicodeDecodeError):
            # `check` says what is wrong with such a file.
            continue
        repaired = repair(text)
        if repaired != text:
            writes[path.relative_to(root).as_posix()] = repaired
    return ChangeSet(writes)


def _files(docs: Path) -> Iterator[tuple[Path, Callable[[str], str]]]:
    records: list[tuple[str, type[BaseModel]]] = [
        ("categories.yml", Categories),
        ("homographs.yml", Homographs),
        ("terms/*/term.yml", ConceptRecord),
        ("paths/*/path.yml", ReadingPath),
    ]
    for pattern, model in records:
        for path in sorted(docs.glob(pattern)):
            yield path, lambda text, model=model: record(text, model)  # type: ignore[misc]
    for language in LANGUAGES:
        for path in sorted(docs.glob(f"terms/*/index.{language}.md")):
            yield path, lambda text, language=language: article(text, language)  # type: ignore[misc]
