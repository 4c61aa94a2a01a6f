"""Nothing of the template is left over."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ..model import Article, Problem
from .guide import ArticleRule, Example, RuleGuide, Words

if TYPE_CHECKING:
    from markdown_it.token import Token

_PLACEHOLDER = re.compile(r"\bTODO\b")


def check(article: Article, stream: Sequence[Token]) -> Iterator[Problem]:  # noqa: ARG001
    """Yield a problem for each line of an article on which ``TODO`` stands."""
    at = article.definition_at
    found = [(at.line, at.column, article.front_matter.definition)]
    found += [
        (line, 1, text) for line, text in enumerate(article.body.split("\n"), article.first_line)
    ]
    for line, column, text in found:
        mark = _PLACEHOLDER.search(text)
        if mark:
            yield Problem(
                article.path,
                line,
                column + mark.start(),
                "placeholder",
                f"this is still to be written: `{' '.join(text.split())[:60]}`",
                "write it, and delete the `TODO`",
            )


RULE = ArticleRule(
    RuleGuide(
        slug="placeholders",
        codes=("placeholder",),
        title=Words("模板里的空都填上", "The template is filled in"),
        what=Words(
            "`cli.py new` 写出的文件里，凡是要你写的地方都标着 TODO。写好一处，删掉一处。",
            "In the files that `cli.py new` writes, TODO marks what is yours to write. Write it "
            "and delete the mark.",
        ),
        why=Words("读者不该看到半成品。", "Readers should not meet a half-written page."),
        examples=(
            Example(
                "placeholder",
                "article en",
                "TODO Explain it to someone outside the field.",
                "It is like looking at the slope underfoot.",
            ),
        ),
    ),
    check,
)
