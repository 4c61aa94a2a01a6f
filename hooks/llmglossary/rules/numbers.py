"""A number in prose is computed on the page or stands beside a citation."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ..article import CITATION, place_of
from ..model import Article, Block, Problem
from .guide import ArticleRule, Example, RuleGuide, Words

if TYPE_CHECKING:
    from markdown_it.token import Token

_SMALL = 10
# The analogy invents its numbers, the example computes them, misconceptions quote them.
_EXEMPT = {"plain", "example"}
_QUOTED = re.compile(r"“[^”]*”|「[^」]*」|\"[^\"\n]*\"")
_NUMBER = re.compile(
    r"(?<![\w.\-/–])(?P<number>\d[\d,]*(?:\.\d+)?)(?P<after>[ \u00a0]?(?P<unit>"
    r"%|％|‰|万亿|千万|百万|万|亿|倍|美元|元|年|trillion|billion|million|thousand|percent|times|"
    r"[KMGTP]B\b|[KMBT]\b|ms\b)|(?P<name>[A-Za-z_\-]))?"
)
_DIGIT = re.compile(r"\d")
_ANY_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
# Llama 3, Figure 2, 第 11 步: a name or an ordinal, not a claim.
_NAMED = re.compile(
    r"(?:[A-Z][\w.+-]* ?|第 ?|步骤 ?|[Ss]tep |[Ff]igure |图 ?|表 ?|\N{NUMERO SIGN} ?)$"
)


def check(article: Article, stream: Sequence[Token]) -> Iterator[Problem]:  # noqa: ARG001
    """Yield a warning for each block of prose with an unsupported number."""
    found = article.blocks
    supported: set[str] | None = None  # costly, and most pages need it for no number
    for index, block in enumerate(found):
        if block.section in _EXEMPT or block.kind == "heading" or _cited(found, index):
            continue
        if not _DIGIT.search(block.text):
            continue
        text = _QUOTED.sub(lambda m: "\ufffc" * len(m.group()), block.text)
        for match in _NUMBER.finditer(text):
            if not _is_claim(text, match):
                continue
            if supported is None:
                supported = _supported(article, found)
            if _value(match["number"]) not in supported:
                place = place_of(article, block, match.start(), match.end())
                written = match.group().strip()
                yield Problem(
                    article.path,
                    place.line,
                    place.column,
                    "number-without-source",
                    f"`{written}` stands in a {block.kind} without a citation",
                    "cite where it comes from, as `[@key]`, compute it in the worked example, "
                    "or leave it out",
                    "warning",
                )
                break


def _cited(found: Sequence[Block], index: int) -> bool:
    """Tell whether a block holds a citation, or the text around its table or below its colon."""
    block = found[index]
    if block.cited:
        return True
    if block.kind == "row":
        start = end = index
        while start and found[start].kind == "row":
            start -= 1
        while end < len(found) - 1 and found[end].kind == "row":
            end += 1
        return any(found[i].cited for i in (start, end))
    if not block.text.rstrip().endswith((":", "：")):
        return False
    end = index + 1
    while end < len(found) - 1 and found[end].kind == "row":
        end += 1
    return any(b.cited for b in found[index + 1 : end + 1])


def _supported(article: Article, found: Sequence[Block]) -> set[str]:
    """Return the numbers that the page computes, uses in a formula, or cites elsewhere."""
    texts = [fence.content for fence in article.fences if not fence.info.startswith("mermaid")]
    texts += [formula.tex for formula in article.formulas]
    texts += [CITATION.sub("", b.text) for b in found if b.section == "example" or b.cited]
    exact = {_value(n) for text in texts for n in _ANY_NUMBER.findall(text)}
    # 93.4 computed and 93 said; 0.67 computed and 67% said.
    rounded = {
        f"{float(number) * scale:.{digits}f}"
        for number in exact
        if "." in number
        for scale, digits in ((1, 0), (1, 1), (100, 0), (100, 1))
    }
    return exact | rounded


def _is_claim(text: str, match: re.Match[str]) -> bool:
    if match["name"] or _NAMED.search(text, max(0, match.start() - 24), match.start()):
        return False
    number = match["number"]
    return bool(match["unit"]) or "." in number or float(number.replace(",", "")) > _SMALL


def _value(number: str) -> str:
    return number.replace(",", "").rstrip(".")


RULE = ArticleRule(
    RuleGuide(
        slug="numbers",
        codes=(),
        warnings=("number-without-source",),
        title=Words("数字有出处", "Numbers have a source"),
        what=Words(
            "正文里的数字、日期、规模，要么在同一段、同一列表项或同一表格行里有引用，"
            "要么在算例里算出来。"
            "比方（通俗理解）、算例、引号里的话、公式、代码、型号和不超过 10 的整数不在此列；"
            "同一页别处已经引用或算出的数也不必再引；表格的出处可以写在表格上下的段落里。",
            "A number, date or size in prose has a citation in the same paragraph, list item or "
            "table row, or is computed in the worked example. Not meant: the analogy, the example "
            "itself, quotations, formulas, code, model names, whole numbers up to 10, and numbers "
            "that the page cites or computes elsewhere. A table may be cited in the paragraph "
            "above or below it.",
        ),
        why=Words(
            "数字最容易记错，也最容易过时；有出处，别人才能核对。",
            "Numbers are what is misremembered first and what goes stale first; a source lets "
            "others check them.",
        ),
        examples=(
            Example(
                "number-without-source",
                "article zh",
                "这种方法在 1951 年提出。",
                "这种方法在 1951 年提出 [@robbins1951stochastic]。",
            ),
            Example(
                "number-without-source",
                "article en",
                "It cuts the error by 37%.",
                "It cuts the error by 37% [@robbins1951stochastic].",
            ),
        ),
    ),
    check,
)
