"""Rename a concept: move its folder, rewrite what refers to it, leave a redirect."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from html import escape
from pathlib import Path

from . import article as article_reader
from . import changes, content_security, yaml_edit
from .changes import ChangeSet
from .localize import HTML_LANG, URL_PREFIX
from .model import Glossary, KeyPath, Positions, Problem
from .record import Language
from .spelling import suggestion
from .yaml_source import YamlDocument, YamlError, parse

REDIRECTS = "docs/redirects.yml"
# The refresh by `<meta>` is for browsers without scripts: it forgets the section asked for.
_KEEP_FRAGMENT = "location.replace(document.querySelector('link').href + location.hash)"
_HEAD = """\
# Former slugs of concepts and where they went. Written by `python hooks/cli.py rename`; the
# site keeps a page at each old address. An entry stays for good.
"""
_RECORDS = {"term.yml", "path.yml", "homographs.yml", "terminology.yml"}
_LISTS = {"requires", "kind_of", "part_of", "contrasts_with", "related"}


def redirects(root: Path) -> dict[str, str]:
    """Return former slug -> present slug, as docs/redirects.yml has them; empty without it."""
    path = root / REDIRECTS
    try:
        document = _entries(changes.read(path))
    except (OSError, UnicodeDecodeError, YamlError):
        return {}
    return {key: value for key, value in document.value.items() if isinstance(value, str)}


def _entries(text: str) -> YamlDocument:
    """Parse the file of redirects, which may hold none."""
    empty = all(not line.strip() or line.lstrip().startswith("#") for line in text.split("\n"))
    return YamlDocument({}, Positions(), {}, ()) if empty else parse(text)


def plan(glossary: Glossary, old: str, new: str) -> ChangeSet:
    """Return what renaming the concept `old` to `new` changes.

    Args:
        glossary: As it is now.
        old: Slug of a concept.
        new: A slug that no concept has.
    """
    root = glossary.root
    folder, target = f"docs/terms/{old}", f"docs/terms/{new}"
    writes = {}
    for path in _text_files(root / "docs"):
        try:
            text = changes.read(path)
        except (OSError, UnicodeDecodeError):
            continue
        name = path.relative_to(root).as_posix()
        renamed = (
            in_article(text, name.removeprefix("docs/"), old, new)
            if path.suffix == ".md"
            else in_record(text, name.removeprefix("docs/"), old, new)
        )
        if renamed != text:
            if name.startswith(f"{folder}/"):
                name = f"{target}/{name.removeprefix(f'{folder}/')}"
            writes[name] = renamed
    entries = {key: new if value == old else value for key, value in redirects(root).items()}
    entries[old] = new
    entries.pop(new, None)
    writes[REDIRECTS] = _HEAD + "".join(
        f"{yaml_edit.quoted(key)}: {yaml_edit.quoted(value)}\n"
        for key, value in sorted(entries.items())
    )
    return ChangeSet(writes, ((folder, target),))


def _text_files(docs: Path) -> Iterator[Path]:
    for path in sorted(docs.rglob("*")):
        known = path.suffix == ".md" or path.name in _RECORDS
        if known and path.is_file() and not path.is_symlink():
            yield path


def in_record(text: str, name: str, old: str, new: str) -> str:
    """Return a YAML file with its references to the concept `old` rewritten.

    Args:
        text: The file.
        name: Its path below ``docs/``, which says what kind it is.
        old: Former slug.
        new: Present slug.
    """
    return yaml_edit.replace(
        text,
        [
            (scalar.start, scalar.end, yaml_edit.quoted(new))
            for scalar in yaml_edit.scalars(text)
            if scalar.value == old and _is_reference(name, scalar.path)
        ],
    )


def _is_reference(name: str, path: KeyPath) -> bool:
    match path:
        case ("relations", str() as kind, int()):
            return kind in _LISTS
        case ("confusable_with", int(), "term"):
            return True
        case ("steps", int(), "term") | ("homographs", int(), "term"):
            return not name.startswith("terms/")
        case ("terminology", int(), "concept"):
            return name == "terminology.yml"
    return False


def in_article(text: str, name: str, old: str, new: str) -> str:
    """Return a Markdown file with its hand-written links to the concept `old` rewritten.

    Args:
        text: The file.
        name: Its path below ``docs/``, from which its links are reckoned.
        old: Former slug.
        new: Present slug.
    """
    link = re.compile(
        r"(?P<before>\]\(\s*<?|^ {0,3}\[[^\]\n]+\]:\s*<?)"
        rf"(?P<folder>(?:[^()\s<>#?:]*/)?){re.escape(old)}(?=[/#?)>\s]|$)",
        re.MULTILINE,
    )

    def moved(found: re.Match[str]) -> str:
        target = posixpath.join(posixpath.dirname(name), found["folder"])
        if posixpath.normpath(target) != "terms":
            return found.group()
        return found["before"] + found["folder"] + new

    code = _code_lines(text)
    return "\n".join(
        line if index in code else link.sub(moved, line)
        for index, line in enumerate(text.split("\n"))
    )


def _code_lines(text: str) -> set[int]:
    cut = article_reader.split(text)
    first = cut.first_line - 1
    return {
        line + first
        for token in article_reader.parse(cut.body)
        if token.type in {"fence", "code_block"} and token.map
        for line in range(*token.map)
    }


def check(glossary: Glossary) -> Iterator[Problem]:
    """Yield a problem for each redirect that leads nowhere or hides a concept."""
    path = glossary.root / REDIRECTS
    if not path.exists():
        return
    try:
        document = _entries(changes.read(path))
    except UnicodeDecodeError:
        yield Problem(REDIRECTS, 1, 1, "encoding", "the file is not UTF-8", "save it as UTF-8")
        return
    except YamlError as error:
        place = error.place
        yield Problem(REDIRECTS, place.line, place.column, "yaml", error.message, error.fix)
        return
    for old, new in document.value.items():
        place = document.positions.at(old)
        if new not in glossary.concepts:
            yield Problem(
                REDIRECTS,
                place.line,
                place.column,
                "unknown-concept",
                f"`{old}` redirects to `{new}`, which is no concept",
                suggestion(str(new), glossary.concepts, "concept"),
            )
        if old in glossary.concepts:
            yield Problem(
                REDIRECTS,
                place.line,
                place.column,
                "redirect",
                f"`{old}` redirects to `{new}`, but there is a concept `{old}`",
                "delete the redirect, or choose another slug for the concept",
            )


def redirect_pages(
    glossary: Glossary,
    moved: Mapping[str, str],
    language: Language,
    words: Mapping[str, str],
) -> dict[str, str]:
    """Return the pages that stand at the old addresses of one language's site.

    Args:
        glossary: Knows the names.
        moved: Former slug -> present slug.
        language: Of the site.
        words: The site's own words in that language.

    Returns:
        Path relative to the root of the whole site -> HTML.
    """
    return {
        f"{URL_PREFIX[language]}terms/{old}/index.html": redirect_page(
            f"../{new}/", glossary.concepts[new].name(language), language, words
        )
        for old, new in moved.items()
        if new in glossary.concepts and old not in glossary.concepts
    }


def redirect_page(url: str, name: str, language: Language, words: Mapping[str, str]) -> str:
    """Return a page that sends the reader on to `url`, with or without scripts.

    Args:
        url: Of the concept's page, relative to this one.
        name: Of the concept.
        language: Of both pages.
        words: The site's own words in that language.
    """
    href, shown = escape(url), escape(name)
    policy = f"default-src 'none'; script-src {content_security.source(_KEEP_FRAGMENT)}"
    return (
        f'<!doctype html>\n<html lang="{HTML_LANG[language]}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        f"<title>{shown}</title>\n"
        f'<meta name="robots" content="noindex">\n<link rel="canonical" href="{href}">\n'
        f"<script>{_KEEP_FRAGMENT}</script>\n"
        f'<meta http-equiv="refresh" content="1; url={href}">\n</head>\n<body>\n'
        f'<p>{escape(words["moved"])} <a href="{href}">{shown}</a></p>\n</body>\n</html>\n'
    )
