"""Every formula can be set."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ..formulas import FormulaError, render
from ..model import Article, Problem
from .guide import ArticleRule, Example, RuleGuide, Words

if TYPE_CHECKING:
    from markdown_it.token import Token


def check(article: Article, stream: Sequence[Token]) -> Iterator[Problem]:  # noqa: ARG001
    """Yield a problem for each formula that cannot become MathML."""
    for formula in article.formulas:
        try:
            render(formula.tex, display=formula.display)
        except FormulaError as error:
            before = formula.tex[: error.column - 1]
            yield Problem(
                article.path,
                formula.line + before.count("\n"),
                len(before) - before.rfind("\n") + (0 if "\n" in before else formula.column - 1),
                "formula",
                f"the formula `{formula.tex[:60]}` cannot be set: {error.message}",
                "mend the TeX: braces in pairs, known commands only",
            )


RULE = ArticleRule(
    RuleGuide(
        slug="formulas",
        codes=("formula",),
        title=Words("公式排得出来", "Formulas can be set"),
        what=Words(
            "公式用 `$…$` 或 `$$…$$`，括号成对，只用常见的 TeX 命令。",
            "Formulas are `$…$` or `$$…$$`, with braces in pairs and common TeX commands only.",
        ),
        why=Words(
            "公式在生成网站时转成 MathML，出错的公式会以源码示人。",
            "Formulas become MathML when the site is built; a wrong one would be shown as source.",
        ),
        examples=(Example("formula", "article zh", "步长 $\\frac{1$。", "步长 $\\frac{1}{2}$。"),),
    ),
    check,
)
