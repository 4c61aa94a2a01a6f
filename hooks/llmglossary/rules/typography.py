"""Chinese typography: full-width punctuation, a space between Chinese and Latin."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import autocorrect_py

from ..model import Article, Problem
from .guide import ArticleRule, Example, RuleGuide, Words

if TYPE_CHECKING:
    from markdown_it.token import Token


def check(article: Article, stream: Sequence[Token]) -> Iterator[Problem]:  # noqa: ARG001
    """Yield a problem for each line of a Chinese article that autocorrect would change."""
    if article.language == "en":
        return
    try:
        result = autocorrect_py.lint_for(article.body, "markdown")
    except ValueError:
        yield Problem(
            article.path,
            article.first_line,
            1,
            "typography",
            "autocorrect cannot read this text: something in it is nested too deeply",
            "simplify or shorten the longest paragraph",
        )
        return
    for line in result.lines:
        yield Problem(
            article.path,
            line.line + article.first_line - 1,
            line.col,
            "typography",
            f"`{_clip(line.old)}`",
            f"write `{_clip(line.new)}`",
        )


def _clip(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= 120 else flat[:119] + "…"  # noqa: PLR2004


RULE = ArticleRule(
    RuleGuide(
        slug="typography",
        codes=("typography",),
        title=Words("中文排版", "Chinese typography"),
        what=Words(
            "中文用全角标点；中文与英文、数字之间空一格。由 autocorrect 检查，`make fix` "
            "可自动改好。",
            "Full-width punctuation in Chinese, a space between Chinese and Latin letters or "
            "digits. Checked by autocorrect; `make fix` mends it.",
        ),
        why=Words(
            "混排不空格、半角标点夹在汉字里，读起来费眼，各页也不一致。",
            "Without them mixed text is hard on the eyes and pages differ from each other.",
        ),
        examples=(
            Example("typography", "article zh", "使用GPU训练,速度快。", "使用 GPU 训练，速度快。"),
        ),
    ),
    check,
)
