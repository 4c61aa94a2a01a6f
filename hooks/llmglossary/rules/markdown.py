"""Markdown that every reader of it, human or machine, takes alike."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .. import markdown_lint
from ..markdown_lint import Complaint
from ..model import Article, Glossary, Problem
from ..store import Store
from .guide import Example, RuleGuide, Words

# What to write where a rule's own complaint does not say it.
_FIXES = {
    "MD046": "end the block with a line that holds nothing but ```",
    "MD055": "begin and end every row of the table with `|`",
    "MD056": (
        "give this row as many cells as the head of the table; an empty cell is `| |`, "
        "and a bar inside a formula `\\mid`"
    ),
}


def check(glossary: Glossary, store: Store) -> Iterator[Problem]:
    """Yield a problem for each complaint of the Markdown linter.

    Args:
        glossary: To check.
        store: Remembers what was found in an article.
    """
    if not markdown_lint.available():
        return
    articles = [a for concept in glossary.concepts.values() for a in concept.articles.values()]
    keys = [store.key("markdown", article.path, article.digest) for article in articles]
    failures: list[Problem] = []

    def lint(places: Sequence[int]) -> dict[int, list[Problem]]:
        found = _lint([articles[place] for place in places], failures)
        return {places[number]: problems for number, problems in found}

    for problems in store.remember_each("markdown", keys, lint):
        yield from problems or ()
    yield from failures


def check_article(article: Article) -> list[Problem]:
    """Return a problem for each complaint of the Markdown linter about one article."""
    failures: list[Problem] = []
    found = _lint([article], failures) if markdown_lint.available() else ()
    return [problem for _, problems in found for problem in problems] + failures


def _lint(
    articles: Sequence[Article], failures: list[Problem]
) -> Iterator[tuple[int, list[Problem]]]:
    """Yield number and problems of each article that the linter reads; note the others."""
    if not articles:
        return
    try:
        yield from _together(articles, 0)
    except markdown_lint.LintError as error:
        if _works():
            yield from _apart(articles, 0, failures)
        else:
            failures.append(
                _failure(articles[0], f"cannot be run, and no article was checked: {error}")
            )


def _together(articles: Sequence[Article], first: int) -> Iterator[tuple[int, list[Problem]]]:
    complaints = markdown_lint.complaints([article.body for article in articles])
    for number, (article, found) in enumerate(zip(articles, complaints, strict=True), first):
        yield number, [_problem(article, complaint) for complaint in found]


def _apart(
    articles: Sequence[Article], first: int, failures: list[Problem]
) -> Iterator[tuple[int, list[Problem]]]:
    """Halve the articles until those are found that the linter cannot read."""
    half = len(articles) // 2
    for start, part in ((0, articles[:half]), (half, articles[half:])):
        try:
            if part:
                yield from _together(part, first + start)
        except markdown_lint.LintError as error:
            if len(part) > 1:
                yield from _apart(part, first + start, failures)
            else:
                failures.append(_failure(part[0], f"could not read this article: {error}"))


def _works() -> bool:
    try:
        markdown_lint.complaints(["A text.\n"])
    except markdown_lint.LintError:
        return False
    return True


def _failure(article: Article, message: str) -> Problem:
    return Problem(
        article.path,
        article.first_line,
        1,
        "markdown-unchecked",
        f"the Markdown linter {message}",
        "write the last change more simply; if that does not help, install the linter again: "
        "`pip install --force-reinstall rumdl`",
    )


def _problem(article: Article, complaint: Complaint) -> Problem:
    return Problem(
        article.path,
        article.first_line + complaint.line - 1,
        complaint.column,
        "markdown-spacing" if complaint.is_spacing else "markdown",
        f"{complaint.message} ({complaint.rule})",
        "`python hooks/cli.py fix` mends it"
        if complaint.is_spacing
        else _FIXES.get(complaint.rule, f"https://rumdl.dev/{complaint.rule.lower()}/ explains it"),
        "warning" if complaint.is_spacing else "error",
    )


GUIDE = RuleGuide(
    slug="markdown",
    codes=("markdown", "markdown-unchecked"),
    warnings=("markdown-spacing",),
    title=Words("Markdown 写得规整", "Tidy Markdown"),
    what=Words(
        "标题、列表、表格和代码块前后各空一行；表格每一行的格数相同；行末不留空格。"
        "由 rumdl 检查，编号（如 MD022）就是它的规则。空行和空格只是提醒，`fix` 会补好。",
        "An empty line around headings, lists, tables and fences; as many cells in each row "
        "of a table as in its head; no spaces at the ends of lines. The linter is rumdl, and "
        "numbers such as MD022 are its rules. Spacing is a warning, which `fix` mends.",
    ),
    why=Words(
        "不同的程序读不规整的 Markdown，结果不同：表格少一格，整行就错位；列表前不空行，就成了"
        "一段话。",
        "Programs differ on untidy Markdown. With a cell missing a row shifts, and a list "
        "without an empty line before it becomes a paragraph.",
    ),
    examples=(
        Example(
            "markdown",
            "article zh",
            "| 批量 | 步数 |\n| --- | --- |\n| 32 |",
            "| 批量 | 步数 |\n| --- | --- |\n| 32 | 100 |",
        ),
        Example(
            "markdown-unchecked",
            "files",
            "index.zh.md  (rumdl did not finish within 20 seconds)",
            "index.zh.md  (the paragraph before it was pasted in)",
        ),
        Example(
            "markdown-spacing",
            "article zh",
            "### 步长 {#step-size}\n一步迈多大。",
            "### 步长 {#step-size}\n\n一步迈多大。",
        ),
    ),
)
