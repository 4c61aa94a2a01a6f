"""Chinese typography: full-width punctuation, a space between Chinese and Latin."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from .. import typography
from ..model import Article, Place, Problem
from ..typography import Spot
from .guide import ArticleRule, Example, RuleGuide, Words

if TYPE_CHECKING:
    from markdown_it.token import Token


def check(article: Article, stream: Sequence[Token]) -> Iterator[Problem]:
    """Yield a problem for each spot of a Chinese article that `fix` would set otherwise."""
    if article.language == "en":
        return
    at, definition = article.definition_at, article.front_matter.definition
    for spot in typography.spots(definition, typography.mended_text(definition)):
        yield _problem(article, Place(at.line, at.column + spot.column), spot)
    try:
        mended = typography.mended(article.body, stream)
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
    for spot in typography.spots(article.body, mended):
        yield _problem(article, Place(article.first_line + spot.line, spot.column + 1), spot)


def _problem(article: Article, place: Place, spot: Spot) -> Problem:
    return Problem(
        article.path,
        place.line,
        place.column,
        "typography",
        f"`{spot.old}`: Chinese takes full-width punctuation, and a space beside Latin and digits",
        f"write `{spot.new}`; `python hooks/cli.py fix` mends them all",
    )


RULE = ArticleRule(
    RuleGuide(
        slug="typography",
        codes=("typography",),
        title=Words("中文排版", "Chinese typography"),
        what=Words(
            "中文用全角标点；中文与英文、数字之间空一格，数字与英文单位之间也空一格。定义一并检查。"
            "`make fix`（即 `python hooks/cli.py fix`）可自动改好。",
            "Full-width punctuation in Chinese, a space between Chinese and Latin letters or "
            "digits, and between a number and a Latin unit. The definition is checked too. `make "
            "fix` (that is, `python hooks/cli.py fix`) mends it.",
        ),
        why=Words(
            "混排不空格、半角标点夹在汉字里，读起来费眼，各页也不一致。",
            "Without them mixed text is hard on the eyes and pages differ from each other.",
        ),
        examples=(
            Example("typography", "article zh", "使用GPU训练,速度快。", "使用 GPU 训练，速度快。"),
            Example(
                "typography",
                "article zh",
                "每次读 400token(大约)。",
                "每次读 400 token（大约）。",
            ),
        ),
    ),
    check,
)
