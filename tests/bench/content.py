"""The content that everybody builds: ours, and the same laid out for each of the others.

What only our own build understands is put into plain words: citations become text in brackets,
captions ordinary paragraphs. The others get every article in each of the three languages. Where
ours derives Traditional Chinese, they get the Simplified text again, so that all build as many
pages.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

LANGUAGES = ("zh", "zh-Hant", "en")
_CITATION = re.compile(r"\[(@[\w:; @-]+)\]")
_CAPTION = re.compile(r"^/// caption\n(.*?)\n///$", re.MULTILINE | re.DOTALL)
_FRONT_MATTER = re.compile(r"\A---\n(.*?)^---\n", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Article:
    """An article in one language: Markdown without front matter and title."""

    slug: str
    language: str
    category: str
    title: str
    definition: str
    body: str


@dataclass(frozen=True)
class Content:
    """The glossary of a project, as something to be built by others."""

    root: Path

    @cached_property
    def slugs(self) -> list[str]:
        return sorted(path.parent.name for path in (self.root / "docs/terms").glob("*/term.yml"))

    @cached_property
    def categories(self) -> Mapping[str, Mapping[str, str]]:
        """Key -> language -> name, in order."""
        listed = yaml.safe_load((self.root / "docs/categories.yml").read_text("utf-8"))
        return {item["key"]: item["names"] for item in listed["categories"]}

    @cached_property
    def articles(self) -> list[Article]:
        """Every article in each language."""
        return [article for slug in self.slugs for article in self._articles(slug)]

    def of(self, language: str) -> Iterator[Article]:
        return (article for article in self.articles if article.language == language)

    def _articles(self, slug: str) -> Iterator[Article]:
        folder = self.root / "docs/terms" / slug
        record = yaml.load((folder / "term.yml").read_text("utf-8"), Loader=yaml.CSafeLoader)
        for language in LANGUAGES:
            text = next(
                path.read_text("utf-8")
                for candidate in (language, "zh", "en")
                if (path := folder / f"index.{candidate}.md").is_file()
            )
            head, body = _split(text)
            yield Article(
                slug=slug,
                language=language,
                category=record["category"],
                title=str(record["names"][language]["preferred"]),
                definition=str(head.get("definition", "")),
                body=_in_plain_words(body),
            )


def _split(text: str) -> tuple[dict[str, Any], str]:
    found = _FRONT_MATTER.match(text)
    if not found:
        return {}, text
    return yaml.load(found[1], Loader=yaml.CSafeLoader) or {}, text[found.end() :]


def _in_plain_words(body: str) -> str:
    body = _CITATION.sub(lambda cited: f"({cited[1].replace('@', '')})", body)
    return _CAPTION.sub(r"\1", body)


def page(article: Article, **front_matter: object) -> str:
    """Return an article as a page: front matter, title, definition, body."""
    head = yaml.safe_dump({"title": article.title, **front_matter}, allow_unicode=True)
    return f"---\n{head}---\n\n# {article.title}\n\n{article.definition}\n\n{article.body}"


def index(content: Content, language: str, address: str = "{slug}/index.md") -> str:
    """Return a page that lists all articles of a language by category, as Markdown."""
    lines = ["# LLM Glossary", ""]
    for key, names in content.categories.items():
        listed = [article for article in content.of(language) if article.category == key]
        if listed:
            lines += [f"## {names.get(language, key)}", ""]
            lines += [
                f"- [{article.title}]({address.format(slug=article.slug)}): {article.definition}"
                for article in listed
            ]
            lines.append("")
    return "\n".join(lines)


def write(path: Path, text: str) -> None:
    """Write a file, with the folders that it is in."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
