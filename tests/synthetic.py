"""Make glossaries to try things on: of any size from the project's own concepts, or small."""

from __future__ import annotations

import re
import shutil
from functools import partial
from pathlib import Path
from typing import Any

import yaml

PROJECT = Path(__file__).resolve().parent.parent
FIXTURE = Path(__file__).parent / "fixture"
_PARTS = ("docs", "hooks", "overrides", "mkdocs.yml", "pyproject.toml")
_IGNORED = shutil.ignore_patterns("__pycache__", "terms")


def generate(folder: Path, concepts: int) -> Path:
    """Lay out a project with `concepts` concepts.

    The project's concepts come first. Then come copies of them: names and slugs numbered, and
    relations, links and mentions kept within one round of copies, so that pages link to each
    other as real ones do.

    Args:
        folder: Made if missing; must not hold a project yet.
        concepts: How many concepts in all.

    Returns:
        `folder`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for part in _PARTS:
        source = PROJECT / part
        if source.is_dir():
            shutil.copytree(source, folder / part, ignore=_IGNORED)
        else:
            shutil.copy(source, folder / part)
    # Before any copying, so that a glossary larger than asked for is still whole.
    originals = sorted(path.parent for path in (PROJECT / "docs/terms").glob("*/term.yml"))
    (folder / "docs/terms").mkdir()
    for stub in (PROJECT / "docs/terms").glob("*.md"):
        shutil.copy(stub, folder / "docs/terms")
    for original in originals:
        shutil.copytree(original, folder / "docs/terms" / original.name)
    slugs = [path.name for path in originals]
    records = {
        path.name: yaml.safe_load((path / "term.yml").read_text("utf-8")) for path in originals
    }
    for number in range(len(originals), concepts):
        round_, index = divmod(number, len(originals))
        # The last round may be a part of one; what it lacks, the originals stand in for.
        copied = slugs[: concepts - round_ * len(slugs)]
        _copy(originals[index], folder, round_, copied, records)
    return folder


def small(target: Path) -> Path:
    """Lay out a small project below `target`: the fixture's concepts, the real pages and theme."""
    target.mkdir(parents=True, exist_ok=True)
    for name in ("mkdocs.yml", "pyproject.toml"):
        shutil.copy(PROJECT / name, target)
    for name in ("hooks", "overrides"):
        (target / name).symlink_to(PROJECT / name)
    docs = target / "docs"
    shutil.copytree(FIXTURE / "docs", docs)
    for language in ("zh", "en"):
        pages = ("index", "terms/index", "categories/index", "categories/training")
        for page in (*pages, "downloads/index"):
            source = PROJECT / "docs" / f"{page}.{language}.md"
            (docs / source.relative_to(PROJECT / "docs").parent).mkdir(parents=True, exist_ok=True)
            shutil.copy(source, docs / f"{page}.{language}.md")
    shutil.copytree(PROJECT / "docs" / "assets", docs / "assets")
    text = (target / "mkdocs.yml").read_text("utf-8")
    start, end = text.index("\nnav:"), text.index("\nvalidation:")
    nav = "\nnav: [index.md, terms/index.md, categories/index.md, categories/training.md]"
    (target / "mkdocs.yml").write_text(text[:start] + nav + text[end:], "utf-8")
    return target


def _copy(
    original: Path, folder: Path, round_: int, slugs: list[str], records: dict[str, Any]
) -> None:
    target = folder / "docs/terms" / f"{original.name}-{round_}"
    target.mkdir()
    record = _renumber(records[original.name], round_, frozenset(slugs))
    (target / "term.yml").write_text(yaml.safe_dump(record, allow_unicode=True), "utf-8")
    links = re.compile(r"\.\./(" + "|".join(slugs) + r")/index\.md")
    for article in original.glob("index.*.md"):
        text = links.sub(rf"../\1-{round_}/index.md", article.read_text("utf-8"))
        language = article.name.split(".")[1]
        for name in _long_names(records, language):
            text = re.sub(re.escape(name) + r"(?=(\w)?)", partial(_numbered, round_), text)
        (target / article.name).write_text(_without_fingerprints(text), "utf-8")


def _numbered(round_: int, name: re.Match[str]) -> str:
    return f"{name.group()} V{round_}" + (" " if name[1] else "")


def _renumber(value: Any, round_: int, slugs: frozenset[str], key: str = "") -> Any:  # noqa: ANN401
    if isinstance(value, dict):
        return {k: _renumber(v, round_, slugs, k) for k, v in value.items()}
    if isinstance(value, list):
        return [_renumber(item, round_, slugs, key) for item in value]
    if key in {"preferred", "admitted", "name"}:
        return f"{value} V{round_}"
    if key == "abbreviation":
        return f"{value}V{round_}"
    if key in {"pinyin", "zhuyin"}:
        return f"{value} V {round_}"
    return f"{value}-{round_}" if value in slugs and key != "category" else value


def _long_names(records: dict[str, Any], language: str) -> list[str]:
    names = {record["names"][language]["preferred"] for record in records.values()}
    long = {name for name in names if len(name) > 3 and (language != "en" or " " in name)}
    return sorted(long, key=len, reverse=True)


def _without_fingerprints(text: str) -> str:
    return re.sub(r"^translated_from:.*\n(?:[ \t]+.*\n)*", "", text, count=1, flags=re.MULTILINE)
