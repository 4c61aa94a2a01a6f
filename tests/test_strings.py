"""The site's own words are complete, and all of them are used."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from conftest import PROJECT
from llmglossary import graph, status, strings
from llmglossary.book import downloads
from llmglossary.record import LANGUAGES, LEVELS

_USED = re.compile(r"""\bt\.(?P<dot>\w+)|\bt\["(?P<key>[\w-]+)"\]""")

# Keys that templates or code put together from a prefix and a value.
COMPOSED = {
    "language_name",
    *(f"level_{level}" for level in LEVELS),
    *(f"names_{language}" for language in LANGUAGES),
    *(f"book_index_{language}" for language in LANGUAGES),
    *(f"relations_{kind}" for kind in graph.KINDS),
    *(f"edge_{kind}" for kind in graph.KINDS if kind != "related"),
    *(f"status_{kind}{suffix}" for kind in status.KINDS for suffix in ("", "_help")),
    *(f"download_{kind}{suffix}" for kind in downloads.KINDS for suffix in ("", "_for")),
    "moved",
    "neighbourhood_title",
    "neighbourhood_description",
}


def used() -> set[str]:
    library = PROJECT / "hooks" / "llmglossary"
    templates = [*(PROJECT / "overrides").rglob("*.html"), *library.rglob("*.j2")]
    texts = (path.read_text("utf-8") for path in templates)
    named = {m["dot"] or m["key"] for text in texts for m in _USED.finditer(text)} - {"format"}
    # What the PDF says stands in the modules that write it.
    modules = (path.read_text("utf-8") for path in (library / "book").glob("*.py"))
    return named.union(*(re.findall(r"""["'](book_\w+)["']""", text) for text in modules))


def test_templates_and_catalogues_agree() -> None:
    catalogue = strings.load()["en"]
    assert used() | COMPOSED == set(catalogue)
    # Jinja would find the method before the key.
    assert not set(catalogue) & set(dir(dict))


def test_catalogues_with_gaps_are_refused(tmp_path: Path) -> None:
    (tmp_path / "zh.yml").write_text("a: 甲\nb: '{count} 个'\n", "utf-8")
    (tmp_path / "zh-Hant.yml").write_text("a: 甲\nb: '{count} 個'\n", "utf-8")
    (tmp_path / "en.yml").write_text("b: '{number} terms'\n", "utf-8")
    with pytest.raises(ValueError, match=r"en\.yml lacks `a`.*placeholders of `b`"):
        strings.load(tmp_path)
