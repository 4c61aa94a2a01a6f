"""Markdown that every reader of it, human or machine, takes alike."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from .. import markdown_lint
from ..model import Article, Problem
from .guide import ArticleRule, Example, RuleGuide, Words

if TYPE_CHECKING:
    from markdown_it.token import Token

# What to write where a rule's own complaint does not say it.
_FIXES = {
    "MD055": "begin and end every row of the table with `|`",
    "MD056": (
        "give this row as many cells as the head of the table; an empty cell is `| |`, "
        "and a bar inside a formula `\\mid`"
    ),
}


def check(article: Article, stream: Sequence[Token]) -> Iterator[Problem]:  # noqa: ARG001
    """Yield a problem for each complaint of the Markdown linter."""
    for complaint in markdown_lint.complaints(article.body):
        yield Problem(
            article.path,
            article.first_line + complaint.line - 1,
            complaint.column,
            "markdown-spacing" if complaint.is_spacing else "markdown",
            f"{complaint.message} ({complaint.rule})",
            "`python hooks/cli.py fix` mends it"
            if complaint.is_spacing
            else _FIXES.get(
                complaint.rule, f"https://rumdl.dev/{complaint.rule.lower()}/ explains it"
            ),
            "warning" if complaint.is_spacing else "error",
        )


RULE = ArticleRule(
    RuleGuide(
        slug="markdown",
        codes=("markdown",),
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
                "markdown-spacing",
                "article zh",
                "### 步长 {#step-size}\n一步迈多大。",
                "### 步长 {#step-size}\n\n一步迈多大。",
            ),
        ),
    ),
    check,
)
