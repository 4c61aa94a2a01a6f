"""Sources: ``references.bib`` parsed and formatted by pybtex."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from pybtex.database import Entry
from pybtex.database.input.bibtex import Parser
from pybtex.exceptions import PybtexError
from pybtex.plugin import find_plugin

from .model import Problem, Source
from .store import Store

_START = re.compile(r"^[ \t]*@[ \t]*(?P<type>\w*)\s*(?P<open>[{(])", re.MULTILINE)
_KEY = re.compile(r"\s*(?P<key>[^,\s{}()\"=]*)")
_GOOD_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9:._-]*", re.ASCII)
_URL = re.compile(r"^https?://[^\s<>\"']+$")
_FORMS = {
    # field: what it must look like, an example
    "url": (_URL, "https://example.org/paper"),
    "doi": (re.compile(r"10\.[0-9]{4,9}/\S+"), "10.1214/aoms/1177729586"),
    "year": (re.compile(r"[0-9]{4}"), "1951"),
}
_ARXIV = (
    re.compile(r"[0-9]{4}\.[0-9]{4,5}(v[0-9]+)?|[a-z.-]+/[0-9]{7}", re.IGNORECASE),
    "2203.02155",
)
# What the formatting of these types cannot do without; other types are formatted to see.
_REQUIRED = {
    "article": ("title", "year", "journal"),
    "inproceedings": ("title", "year", "booktitle"),
    "misc": ("title", "year"),
}
_WITH_AUTHOR = {"article", "inproceedings"}
_MAX_FIELD = 2_000
_MAX_ENTRY = 20_000
_MAX_DEPTH = 20
_BROKEN = (
    "put a comma behind each field, also at the end of the line above, and close every brace: "
    "`@article{key, title = {…}, author = {…}, year = {…}}`"
)
_EXAMPLE = "write `@article{key, title = {…}, author = {…}, year = {…}}`"


@dataclass(frozen=True)
class _Chunk:
    """The text from one ``@type{`` to the next, and the line it starts on.

    Attributes:
        end: Where in `text` the closing brace of the entry stands; None without one.
        depth: How deep its braces nest.
    """

    type: str
    key: str
    text: str
    line: int
    end: int | None
    depth: int


def _chunks(text: str) -> Iterator[_Chunk]:
    # One entry at a time, so that a mistake in one does not hide the others.
    starts = list(_START.finditer(text))
    for index, found in enumerate(starts):
        after = starts[index + 1].start() if index + 1 < len(starts) else len(text)
        chunk = text[found.start() : after]
        key = _KEY.match(text, found.end())
        end, deepest = _closing(chunk)
        yield _Chunk(
            found["type"].lower(),
            key["key"] if key else "",
            chunk,
            text.count("\n", 0, found.start()) + 1,
            end,
            deepest,
        )


def _closing(chunk: str) -> tuple[int | None, int]:
    depth = deepest = 0
    for found in re.finditer("[{}]", chunk):
        depth += 1 if found.group() == "{" else -1
        deepest = max(deepest, depth)
        if depth == 0:
            return found.end(), deepest
    return None, deepest


def address(entry: Entry) -> str | None:
    """Return where to read the work: DOI before arXiv before the given URL."""
    fields: Mapping[str, str] = entry.fields
    if fields.get("doi"):
        return "https://doi.org/" + fields["doi"]
    if fields.get("eprint") and fields.get("archiveprefix", "arXiv").lower() == "arxiv":
        return "https://arxiv.org/abs/" + fields["eprint"]
    url = fields.get("url", "")
    return url if _URL.match(url) else None


def references(sources: Collection[Source], store: Store) -> dict[str, str]:
    """Return what `format_sources` returns, from `store` where that knows a source."""
    wanted = list(sources)
    keys = [store.key("reference", repr(source.entry)) for source in wanted]

    def make(places: Sequence[int]) -> dict[int, str]:
        made = format_sources(wanted[place] for place in places)
        return {place: made[wanted[place].key] for place in places}

    texts = store.remember_each("references", keys, make)
    return {source.key: str(text) for source, text in zip(wanted, texts, strict=True)}


def format_sources(sources: Iterable[Source]) -> dict[str, str]:
    """Return each source as a formatted reference in HTML, without its number, by key."""
    style, backend = _formatter()
    entries = [_without_repeated_address(source.entry) for source in sources]
    return {
        item.key: item.text.render(backend).replace("\n", " ")
        for item in style.format_entries(entries)
    }


@cache
def _formatter() -> tuple[Any, Any]:
    """Return pybtex's style and its backend; looking for plugins takes longer than using them."""
    return find_plugin("pybtex.style.formatting", "plain")(), find_plugin(
        "pybtex.backends", "html"
    )()


def _without_repeated_address(entry: Entry) -> Entry:
    """Leave out the URL where a DOI or an arXiv number says the same."""
    if "url" not in entry.fields or not {"doi", "eprint"} & {k.lower() for k in entry.fields}:
        return entry
    fields = [(name, value) for name, value in entry.fields.items() if name.lower() != "url"]
    copy = Entry(entry.type, fields=fields, persons=entry.persons)
    copy.key = entry.key
    return copy


def load(text: str, path: str) -> tuple[dict[str, Source], list[Problem]]:
    """Parse `text` as BibTeX.

    Args:
        text: The content of references.bib.
        path: Its path relative to the project root, for problems.

    Returns:
        Sources by key, and what is wrong with the file. An entry that cannot be parsed is
        there all the same, without its fields, so that citing it is not a second problem.
    """
    chunks = list(_chunks(text))
    start = _START.search(text)
    problems = list(_stray(text[: start.start()] if start else text, 1, path))
    if not chunks and not problems:
        problems.append(_problem(path, 1, "bibtex", "the file has no entry", _EXAMPLE))
    sources: dict[str, Source] = {}
    first_lines: dict[str, int] = {}
    for chunk in chunks:
        if chunk.type == "comment":
            continue
        known = first_lines.setdefault(chunk.key.casefold(), chunk.line)
        if chunk.key and known != chunk.line:
            problems.append(
                _problem(
                    path,
                    chunk.line,
                    "duplicate-source",
                    f"the source `{chunk.key[:60]}` is entered twice (first on line {known})",
                    "delete one of the two entries, or rename one: case makes no difference",
                )
            )
            continue
        entry, found = _entry(chunk, path)
        if entry:
            found.extend(_incomplete(entry, chunk, path))
        if entry and not found:
            found.extend(_unformattable(entry, chunk, path))
        problems.extend(found)
        if chunk.key:
            entry = entry or Entry("misc")
            title = entry.fields.get("title", chunk.key).replace("{", "").replace("}", "")
            sources[chunk.key] = Source(chunk.key, title, address(entry), chunk.line, entry)
    return sources, problems


def _problem(path: str, line: int, code: str, message: str, fix: str) -> Problem:
    return Problem(path, line, 1, code, message, fix)


def _stray(text: str, first_line: int, path: str) -> Iterator[Problem]:
    """Report text between entries: BibTeX skips it, and with it an entry without its ``@``."""
    for number, line in enumerate(text.split("\n")):
        if line.strip() and not line.lstrip().startswith("%"):
            yield _problem(
                path,
                first_line + number,
                "bibtex",
                f"`{line.strip()[:40]}` stands outside any entry and would be skipped",
                f"{_EXAMPLE}, with braces in pairs; start a comment with `%`",
            )
            return


def _refusal(chunk: _Chunk) -> str | None:
    """Say why an entry is not even parsed."""
    name = chunk.key[:60]
    head = chunk.text[: chunk.end].replace(" ", "")
    refusals = (
        (not chunk.type, "the entry has no type"),
        (
            chunk.type in {"string", "preamble"},
            f"`@{chunk.type}` is not used here: write values out in the entries",
        ),
        ("{" not in chunk.text.partition("(")[0], "the entry stands in round brackets, not braces"),
        (
            not _GOOD_KEY.fullmatch(chunk.key),
            f"`{name}` is not a key: use letters without accents, and digits",
        ),
        (chunk.end is None, f"the entry `{name}` is never closed: its braces are not in pairs"),
        (chunk.depth > _MAX_DEPTH, f"braces are nested more than {_MAX_DEPTH} deep"),
        (len(chunk.text) > _MAX_ENTRY, f"the entry has more than {_MAX_ENTRY:,} characters"),
        (chunk.key + "," not in head, f"there is no comma after the key `{name}`"),
    )
    return next((message for applies, message in refusals if applies), None)


def _entry(chunk: _Chunk, path: str) -> tuple[Entry | None, list[Problem]]:
    message = _refusal(chunk)
    if message or chunk.end is None:
        line = _line_left_open(chunk) if chunk.end is None else chunk.line
        return None, [_problem(path, line, "bibtex", str(message), _EXAMPLE)]
    after = chunk.text[chunk.end :]
    problems = list(_stray(after, chunk.line + chunk.text.count("\n", 0, chunk.end), path))
    try:
        entries = Parser().parse_string(chunk.text[: chunk.end]).entries
    except PybtexError as error:
        line = chunk.line + (getattr(error, "lineno", None) or 1) - 1
        said = re.sub(r"^(?:syntax error|undefined string) in line \d+: ", "", str(error))
        if "undefined string" in str(error):
            said = f"put braces around `{said}`"
        return None, [
            *problems,
            _problem(path, line, "bibtex", f"this is not valid BibTeX: {said}", _BROKEN),
        ]
    entry = next(iter(entries.values()), None)
    if entry is None or entry.key != chunk.key:
        problems.append(
            _problem(path, chunk.line, "bibtex", "the entry has no usable key", _EXAMPLE)
        )
        return None, problems
    return entry, problems


def _line_left_open(chunk: _Chunk) -> int:
    """Return the line of the field before the first field that starts inside another."""
    depth, field_line = 0, chunk.line
    for number, line in enumerate(chunk.text.split("\n")):
        if re.match(r"\s*\w+\s*=", line):
            if depth > 1:
                return field_line
            field_line = chunk.line + number
        depth += line.count("{") - line.count("}")
    return field_line if depth > 1 else chunk.line


def _incomplete(entry: Entry, chunk: _Chunk, path: str) -> Iterator[Problem]:
    required = _REQUIRED.get(entry.type, ("title", "year"))
    missing = [field for field in required if not entry.fields.get(field, "").strip(" {}")]
    if entry.type in _WITH_AUTHOR and not entry.persons.get("author"):
        missing.append("author")
    for field in missing:
        yield _problem(
            path,
            chunk.line,
            "incomplete-source",
            f"the source `{entry.key}` has no {field}",
            f"add `{field} = {{…}}` to the entry",
        )
    forms = dict(_FORMS)
    if entry.fields.get("archiveprefix", "arXiv").lower() == "arxiv":
        forms["eprint"] = _ARXIV
    for field, value in entry.fields.items():
        line = _line_of_field(chunk, field)
        form = forms.get(field.lower())
        if len(value) > _MAX_FIELD:
            yield _problem(
                path,
                line,
                "bibtex",
                f"the {field} of `{entry.key}` has {len(value):,} characters; "
                f"the limit is {_MAX_FIELD:,}",
                "shorten it; check that its closing brace stands where it should",
            )
        elif form and value and not form[0].fullmatch(value):
            yield _problem(
                path,
                line,
                "bibtex",
                f"`{value[:60]}` cannot be the {field} of `{entry.key}`",
                f"write it as in `{field} = {{{form[1]}}}`",
            )


def _line_of_field(chunk: _Chunk, field: str) -> int:
    found = re.search(rf"\b{re.escape(field)}\s*=", chunk.text, re.IGNORECASE)
    return chunk.line + chunk.text.count("\n", 0, found.start() if found else 0)


def _unformattable(entry: Entry, chunk: _Chunk, path: str) -> Iterator[Problem]:
    # Formatting takes milliseconds an entry: only where it may fail.
    if entry.type in _REQUIRED and "\\" not in chunk.text:
        return
    style, _ = _formatter()
    message = None
    if not hasattr(style, f"get_{entry.type}_template"):
        message = f"`@{entry.type}` is not a type of entry"
    else:
        try:
            format_sources([Source(chunk.key, "", None, chunk.line, entry)])
        except (PybtexError, ValueError, LookupError, TypeError, AttributeError) as error:
            message = f"the entry `{entry.key}` cannot be formatted: {error}"
    if message:
        yield _problem(
            path,
            chunk.line,
            "bibtex",
            message,
            "use `@article`, `@inproceedings` or `@misc` with plain text in its fields",
        )
