"""What each rule asks for and why, with examples: the contributor guide and the tests in one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from ..model import Article, Glossary, Problem
from ..record import Language

if TYPE_CHECKING:
    from markdown_it.token import Token

FileKind = Literal[
    "term.yml",
    "article zh",
    "article zh-Hant",
    "article en",
    "references.bib",
    "path.yml",
    "homographs.yml",
    "terminology.yml",
    "files",
]
Severity = Literal["error", "warning"]

_KINDS: dict[FileKind, tuple[str, str]] = {
    "term.yml": ("概念记录 term.yml", "concept record term.yml"),
    "article zh": ("中文文章 index.zh.md", "Chinese article index.zh.md"),
    "article zh-Hant": ("繁体文章 index.zh-Hant.md", "Traditional article index.zh-Hant.md"),
    "article en": ("英文文章 index.en.md", "English article index.en.md"),
    "references.bib": ("文献 references.bib", "sources references.bib"),
    "path.yml": ("学习路径 path.yml", "reading path path.yml"),
    "homographs.yml": ("多义名称 homographs.yml", "names with several senses homographs.yml"),
    "terminology.yml": ("用词表 terminology.yml", "wording list terminology.yml"),
    "files": ("文件", "files"),
}


@dataclass(frozen=True)
class Words:
    """A text for contributors in Simplified Chinese and English."""

    zh: str
    en: str


@dataclass(frozen=True)
class Example:
    """A mistake and its remedy.

    Attributes:
        code: The problem that `wrong` gives and `right` does not.
        kind: The file both belong to; ``files`` where it is not the text that is wrong.
        wrong: What a contributor might write.
        right: What to write instead.
        replaces: Text of the small glossary in tests/fixture that both take the place of; where
            it is empty they become a paragraph of the section `definition`.
    """

    code: str
    kind: FileKind
    wrong: str
    right: str
    replaces: str = ""


@dataclass(frozen=True)
class RuleGuide:
    """One section of the contributors' page on rules.

    Attributes:
        slug: The anchor of the section.
        codes: Of the problems that belong here, errors.
        what: What the rule asks for.
        why: What goes wrong for readers otherwise.
        warnings: Codes that belong here too but do not stop the build.
    """

    slug: str
    codes: tuple[str, ...]
    title: Words
    what: Words
    why: Words
    examples: tuple[Example, ...]
    warnings: tuple[str, ...] = ()

    def severity(self, code: str) -> Severity:
        """Return how serious a problem with `code` is."""
        return "warning" if code in self.warnings else "error"

    @property
    def all_codes(self) -> tuple[str, ...]:
        """Errors first, then warnings."""
        return (*self.codes, *self.warnings)


@dataclass(frozen=True)
class Rule:
    """A check of the whole glossary, and what to tell contributors about it."""

    guide: RuleGuide
    find: Callable[[Glossary], Iterator[Problem]]

    def __call__(self, glossary: Glossary) -> Iterator[Problem]:
        """Yield the problems that the rule finds."""
        return self.find(glossary)


@dataclass(frozen=True)
class ArticleRule:
    """A check of one article by itself, and what to tell contributors about it.

    What it finds is kept with the article, so it must depend on nothing else.
    """

    guide: RuleGuide
    find: Callable[[Article, Sequence[Token]], Iterator[Problem]]

    def __call__(self, article: Article, stream: Sequence[Token]) -> Iterator[Problem]:
        """Yield the problems that the rule finds.

        Args:
            article: To check.
            stream: Its body as markdown-it parsed it; lines count from 0 at the body's first.
        """
        return self.find(article, stream)


@dataclass(frozen=True)
class GuideExample:
    """An example as a page shows it; `file` names the kind of file."""

    file: str
    language: str
    wrong: str
    right: str


@dataclass(frozen=True)
class GuideCode:
    """One problem code as a page shows it; the code is its anchor."""

    code: str
    severity: Severity
    examples: tuple[GuideExample, ...]


@dataclass(frozen=True)
class GuideSection:
    """One rule as a page shows it, in the page's language."""

    slug: str
    title: str
    what: str
    why: str
    codes: tuple[GuideCode, ...]


def localized(
    guides: Iterable[RuleGuide], language: Language, chinese: Callable[[str], str]
) -> list[GuideSection]:
    """Return the guides as the page in `language` shows them.

    Args:
        guides: In the order of the page.
        language: Of the site being built.
        chinese: Turns Simplified Chinese into what that site writes; `Localized.chinese`.

    Returns:
        One section for each guide, the texts in `language`; the snippets stay as they are.
    """

    def text(words: Words) -> str:
        return words.en if language == "en" else chinese(words.zh)

    return [
        GuideSection(
            slug=guide.slug,
            title=text(guide.title),
            what=text(guide.what),
            why=text(guide.why),
            codes=tuple(
                GuideCode(
                    code,
                    guide.severity(code),
                    tuple(
                        GuideExample(
                            text(Words(*_KINDS[example.kind])),
                            _highlighting(example.kind),
                            example.wrong,
                            example.right,
                        )
                        for example in guide.examples
                        if example.code == code
                    ),
                )
                for code in guide.all_codes
            ),
        )
        for guide in guides
    ]


def _highlighting(kind: FileKind) -> str:
    if kind.startswith("article"):
        return "markdown"
    return {"references.bib": "bibtex", "files": "text"}.get(kind, "yaml")
