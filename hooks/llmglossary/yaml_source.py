"""YAML with positions: values, and the line and column of every key.

Built from PyYAML's events rather than its nodes: they carry the marks that its loader throws
away, and a document that is too deep or uses aliases is refused where it does so, before it
can grow in memory. Scalars stay strings, so that ``no`` or ``2026-11`` mean what the
contributor typed; pydantic converts where the schema asks for a number.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from .characters import invisible
from .model import KeyPath, Place, Positions
from .yaml_faults import Complaint, explain

_MAX_DEPTH = 20
_NULLS = {"", "~", "null", "Null", "NULL"}
# Part of libyaml's complaint, and what to write instead.
_HINTS = {
    "found unknown escape": (
        "inside double quotes write a backslash twice, or use single quotes instead"
    ),
    "document start": "keep one document a file: delete the line `---` or `...`",
}
_ANYTHING = (
    "look at this line and the one above: texts with a colon, a bracket or a `#` go into quotes, "
    "quotes and brackets come in pairs, lines of one level begin with as many spaces, never a tab"
)


class YamlError(Exception):
    """A document that is not a usable YAML mapping.

    Attributes:
        place: Where, counted from 1 within the text given to `parse`.
        message: What is wrong.
        fix: What to write instead.
    """

    def __init__(self, place: Place, message: str, fix: str) -> None:
        super().__init__(message)
        self.place = place
        self.message = message
        self.fix = fix


@dataclass(frozen=True)
class YamlDocument:
    """A parsed mapping.

    Attributes:
        value: Nested dicts, lists and strings (None for an empty value).
        texts: Where the text of each top-level scalar begins, behind its quote.
        duplicates: Paths of keys that stand twice; the first value was kept.
    """

    value: dict[str, Any]
    positions: Positions
    texts: Mapping[str, Place]
    duplicates: tuple[tuple[KeyPath, Place], ...]


def parse(text: str, *, first_line: int = 1) -> YamlDocument:
    """Parse one YAML mapping.

    Args:
        text: The document.
        first_line: The line of the file on which `text` starts, added to every place.

    Raises:
        YamlError: The text is not YAML, not a mapping, or uses anchors, aliases or tags.
    """
    try:
        builder = _Builder(text, first_line)
        value = builder.document()
    except yaml.MarkedYAMLError as error:
        raise _explained(error, text, first_line) from error
    except (yaml.YAMLError, ValueError) as error:
        raise YamlError(
            Place(first_line),
            f"this is not valid YAML: {' '.join(str(error).split())}",
            "save the file as plain UTF-8 text without control characters",
        ) from error
    return YamlDocument(value, Positions(builder.keys), builder.texts, tuple(builder.duplicates))


def compose(text: str) -> yaml.Node | None:
    """Return the nodes of a YAML document that may use tags, each with its marks; None if empty.

    Raises:
        YamlError: The text is not YAML.
    """
    try:
        return yaml.compose(text, Loader=yaml.CSafeLoader)
    except yaml.MarkedYAMLError as error:
        raise _explained(error, text, 1) from error
    except (yaml.YAMLError, ValueError) as error:
        raise YamlError(
            Place(1),
            f"this is not valid YAML: {' '.join(str(error).split())}",
            "save the file as plain UTF-8 text without control characters",
        ) from error


def _explained(error: yaml.MarkedYAMLError, text: str, first_line: int) -> YamlError:
    mark = error.problem_mark or error.context_mark
    said = str(error.problem or error.context)
    lines = text.split("\n")
    opened = error.context_mark if error.problem else None
    complaint = Complaint(
        lines,
        said,
        mark.line if mark else 0,
        mark.column if mark else 0,
        (opened.line, opened.column) if opened else None,
        first_line,
    )
    # The end of the text counts as a line of its own, which the file does not have.
    last = text.rstrip("\n").count("\n")
    found = explain(complaint)
    if found:
        return YamlError(
            Place(min(found.line, last) + first_line, found.column + 1),
            f"this is not valid YAML: {found.message}",
            found.fix,
        )
    if opened and opened.line != complaint.line:
        said += f" ({error.context} on line {opened.line + first_line})"
    return YamlError(
        Place(min(complaint.line, last) + first_line, complaint.column + 1),
        f"this is not valid YAML: {said}",
        next((hint for part, hint in _HINTS.items() if part in said), _ANYTHING),
    )


class _Builder:
    """Turns events into plain values while noting where each key stands."""

    def __init__(self, text: str, first_line: int) -> None:
        self.keys: dict[KeyPath, Place] = {(): Place(first_line)}
        self.texts: dict[str, Place] = {}
        self.duplicates: list[tuple[KeyPath, Place]] = []
        self._first_line = first_line
        self._events: Iterator[yaml.Event] = iter(yaml.parse(text, Loader=yaml.CSafeLoader))

    def document(self) -> dict[str, Any]:
        value: Any = None
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                if self.keys.keys() - {()} or value is not None:
                    raise YamlError(
                        self._place(event),
                        "a second document starts here",
                        "keep one document a file: delete the line `---` or `...`",
                    )
                content = next(self._events)
                if not isinstance(content, yaml.MappingStartEvent):
                    break
                value = self._build(content, ())
        if value is None:
            raise YamlError(
                Place(self._first_line),
                "the document is not a mapping of keys to values",
                "start with `key: value` lines, as in the other files of this kind",
            )
        return dict(value)

    def _place(self, event: yaml.Event) -> Place:
        mark = event.start_mark
        return Place(mark.line + self._first_line, mark.column + 1) if mark else self.keys[()]

    def _text_place(self, event: yaml.ScalarEvent) -> Place:
        place = self._place(event)
        if event.style in {"|", ">"}:
            return Place(place.line + 1, 1)
        return Place(place.line, place.column + (1 if event.style else 0))

    def _build(self, event: yaml.Event, path: KeyPath) -> Any:  # noqa: ANN401 - YAML is untyped
        self._refuse(event, path)
        if isinstance(event, yaml.ScalarEvent):
            return None if not event.style and event.value in _NULLS else self._scalar(event)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(path)
        return self._mapping(path)

    def _refuse(self, event: yaml.Event, path: KeyPath) -> None:
        if len(path) > _MAX_DEPTH:
            raise YamlError(
                self._place(event),
                f"nested more than {_MAX_DEPTH} levels deep",
                "no record needs that; flatten it",
            )
        # An alias lets a few lines expand to gigabytes.
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise YamlError(
                self._place(event),
                "YAML anchors and aliases (`&name`, `*name`) are not used here",
                "write the value out again; quote a text that starts with `&` or `*`",
            )
        tag = getattr(event, "tag", None)
        if tag:
            raise YamlError(
                self._place(event),
                f"YAML tags (`{str(tag)[:40]}`) are not used here",
                "delete the tag; quote a text that starts with `!`",
            )

    def _scalar(self, event: yaml.ScalarEvent) -> str:
        # Escapes such as "\u200b" get past a look at the file's own characters.
        found = next(invisible(event.value), None)
        if found:
            raise YamlError(
                self._place(event), f"the text contains {found.description}", "delete its escape"
            )
        return str(event.value)

    def _sequence(self, path: KeyPath) -> list[Any]:
        items: list[Any] = []
        for event in self._events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            item_path = (*path, len(items))
            self.keys[item_path] = self._place(event)
            items.append(self._build(event, item_path))
        return items

    def _mapping(self, path: KeyPath) -> dict[str, Any]:
        mapping: dict[str, Any] = {}
        for event in self._events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            self._refuse(event, path)
            if not isinstance(event, yaml.ScalarEvent) or not event.value.strip():
                raise YamlError(
                    self._place(event), "a key must be a plain word", "write `key: value`"
                )
            key = self._scalar(event)
            key_path = (*path, key)
            place = self._place(event)
            if key in mapping:
                self.duplicates.append((key_path, place))
                known = dict(self.keys)
                self._build(next(self._events), key_path)
                self.keys = known
                continue
            self.keys[key_path] = place
            content = next(self._events)
            if not path and isinstance(content, yaml.ScalarEvent):
                self.texts[key] = self._text_place(content)
            mapping[key] = self._build(content, key_path)
        return mapping
