"""How long books take, how much memory, how many pages; and against WeasyPrint."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pypdf import PdfReader
from selectolax.lexbor import LexborHTMLParser
from tqdm import tqdm

from llmglossary import store

from . import figures, ours
from .build import add_sentence
from .content import LANGUAGES, Content, write
from .environments import environment, versions
from .process import FailedError, Step, TimeLimitError, run
from .settings import Settings

_FEW = 40  # concepts that WeasyPrint sets too: it takes long
# The PDF from nothing, again with nothing changed, and after an edit.
_ENTRIES = ("pdf", "pdf_warm", "pdf_edit", "epub")
_PEER_STYLE = "@page { size: A4 } body { font: 10.5pt/1.6 serif } svg { max-width: 100% }"


def measure(settings: Settings, save: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    """Make the books of all languages, and a part of one with WeasyPrint as well.

    Raises:
        FailedError: A book of ours cannot be made.
    """
    content = ours.built(settings)
    output = settings.work / "books"
    # Fonts are made ready once on a machine.
    run(_ours(content, output, "zh", "pdf", content.slugs[:1]))
    results: dict[str, Any] = {"concepts": len(content.slugs), "books": {}, "contestants": {}}
    kept = _kept(content.root)
    jobs = [(language, entry) for language in LANGUAGES for entry in _ENTRIES]
    for language, entry in tqdm(jobs, desc="books", disable=None):
        format_ = entry.partition("_")[0]
        step = _ours(content, output, language, format_, ())
        costs = []
        for _ in range(settings.runs):
            with _prepared(entry, content, language, kept):
                costs.append(run(step))
        file = _newest(output, format_)
        results["books"].setdefault(language, {})[entry] = {
            **asdict(figures.median(costs)),
            "bytes": file.stat().st_size,
            "pages": _pages(file) if format_ == "pdf" else 0,
        }
        save(results)
    _restore(content.root, kept)
    results["contestants"] = _compared(settings, content, output)
    return results


def _kept(root: Path) -> bytes | None:
    """Return the results that the build of the site left."""
    file = root / ".cache" / store.FILE
    return file.read_bytes() if file.is_file() else None


def _restore(root: Path, kept: bytes | None) -> None:
    """Put them in place of those that making books has added to."""
    file = root / ".cache" / store.FILE
    for suffix in ("", "-wal", "-shm"):
        file.with_name(file.name + suffix).unlink(missing_ok=True)
    if kept is not None:
        file.write_bytes(kept)


@contextmanager
def _prepared(entry: str, content: Content, language: str, kept: bytes | None) -> Iterator[None]:
    """Let a book be made from nothing, with everything kept, or after an edit of one article."""
    if "_" not in entry:
        _restore(content.root, kept)
    if entry != "pdf_edit":
        yield
        return
    source = "en" if language == "en" else "zh"
    articles = sorted(content.root.glob(f"docs/terms/*/index.{source}.md"))
    article = articles[len(articles) // 2]
    before = article.read_bytes()
    try:
        add_sentence(article, f"Edited {time.time_ns()}.")
        yield
    finally:
        article.write_bytes(before)


def _ours(
    content: Content, output: Path, language: str, format_: str, slugs: Sequence[str]
) -> Step:
    output.mkdir(parents=True, exist_ok=True)
    cli: list[str | Path] = [sys.executable, "hooks/cli.py", "--root", content.root]
    command = [*cli, "book", "--lang", language, "--format", format_]
    only = ["--terms", ",".join(slugs)] if slugs else []
    return Step([*command, "--size", "a4", "--output", output, *only], content.root)


def _compared(settings: Settings, content: Content, output: Path) -> dict[str, Any]:
    """Set a few concepts in Chinese with ours and with WeasyPrint."""
    slugs = content.slugs[:_FEW]
    ours_ = _ours(content, output, "zh", "pdf", slugs)
    entries: dict[str, Any] = {"ours": {"concepts": len(slugs)}, "weasyprint": {}}
    entries["ours"].update(asdict(run(ours_)), pages=_pages(_newest(output, "pdf")))
    entry = entries["weasyprint"]
    try:
        programs = environment("weasyprint", settings.cache)
        entry["versions"] = versions(["weasyprint"], programs)
        source, file = output / "weasyprint.html", output / "weasyprint.pdf"
        write(source, _html(content, slugs))
        file.unlink(missing_ok=True)
        step = Step([programs / "python", "-m", "weasyprint", "-q", source, file], output)
        entry.update(asdict(run(step, settings.limit)), pages=_pages(file))
    except TimeLimitError as error:
        entry["exceeded"] = {"cpu": error.cpu, "wall": settings.limit}
    except FailedError as error:
        entry["failed"] = str(error)
    return entries


def _html(content: Content, slugs: Sequence[str]) -> str:
    """Return the articles as the site has them, in one page."""
    articles = []
    for slug in slugs:
        page = LexborHTMLParser((content.root / f"site/terms/{slug}/index.html").read_bytes())
        article = page.css_first("article")
        articles.append(article.html or "" if article else "")
    head = f'<meta charset="utf-8"><title>WeasyPrint</title><style>{_PEER_STYLE}</style>'
    return f'<!doctype html><html lang="zh-Hans"><head>{head}</head><body>{"".join(articles)}'


def _newest(folder: Path, format_: str) -> Path:
    return max(folder.glob(f"*.{format_}"), key=lambda file: file.stat().st_mtime_ns)


def _pages(file: Path) -> int:
    with PdfReader(file) as reader:
        return reader.get_num_pages()
