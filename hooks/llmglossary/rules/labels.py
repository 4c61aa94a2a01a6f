"""The words of a diagram: no escapes, no TeX; ids that a machine can keep apart."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..model import Article, Problem
from .guide import ArticleRule, Example, RuleGuide, Words

if TYPE_CHECKING:
    from markdown_it.token import Token

_ESCAPE = re.compile(r"\\n")
_TEX = re.compile(r"(?<!\$)\$(?=[^$\n]*[\\_^{}=]|[A-Za-z]\$)(?P<tex>[^$\n]+)\$(?!\$)")
# On a line of a flowchart, what is not the id of a node: texts, comments, names of classes.
_NOT_IDS = re.compile(
    r'^[ \t]*accDescr[ \t]*\{[^}]*\}|"[^"]*"|\|[^|\n]*\||%%.*|'
    r"^[ \t]*(?:acc(?:Title|Descr)|title|direction|click|linkStyle)\b.*|:::\S*|"
    r"[-=.]{2,}[ \t]+[^\s>-].*?[ \t][-=.]{2,}[>ox]?",
    re.MULTILINE,
)
_BRACKETED = re.compile(r"\[[^\[\]]*\]|\([^()]*\)|\{[^{}]*\}")
_FOREIGN_ID = re.compile(r"[\w\-]*[^\x00-\x7f\s&;>\]\)\}|]+[^\s&;>\-\[({|]*")


@dataclass(frozen=True)
class _Fault:
    """Something wrong in a diagram; `start` counts characters of its source."""

    start: int
    code: str
    message: str
    fix: str


def check(article: Article, stream: Sequence[Token]) -> Iterator[Problem]:  # noqa: ARG001
    """Yield a problem for each escape, formula and foreign id in a diagram drawn ahead."""
    lines = article.body.split("\n")
    for fence in article.fences:
        texts = fence.content.split("\n")
        for fault in _faults(fence.content) if fence.is_drawn_ahead else ():
            number = fence.content.count("\n", 0, fault.start)
            line = fence.line + 1 + number
            indent = lines[line - article.first_line].find(texts[number])
            column = indent + fault.start - fence.content.rfind("\n", 0, fault.start)
            yield Problem(article.path, line, column, fault.code, fault.message, fault.fix)


def _faults(source: str) -> Iterator[_Fault]:
    for found in _ESCAPE.finditer(source):
        yield _Fault(
            found.start(),
            "diagram-label",
            r"`\n` in a diagram is drawn as it stands",
            "write `<br/>` to break a line",
        )
    for found in _TEX.finditer(source):
        yield _Fault(
            found.start(),
            "diagram-label",
            f"the formula `{found.group()[:40]}` in a diagram is drawn as it stands",
            "write plain text with the signs themselves, such as π_θ, W₀ or x²",
        )
    if source.lstrip().startswith(("flowchart", "graph")):
        for found in _FOREIGN_ID.finditer(_without_texts(source)):
            name = found.group()[:40]
            yield _Fault(
                found.start(),
                "diagram-id",
                f"`{name}` serves as the id of a node",
                f'write an id of ASCII letters and digits, with the words as label: `a["{name}"]`',
            )


def _without_texts(source: str) -> str:
    """Return a flowchart of the same length in which only ids and arrows are left."""

    def blank(found: re.Match[str]) -> str:
        return re.sub(r"[^\n]", " ", found.group())

    rest = _NOT_IDS.sub(blank, source)
    shorter = _BRACKETED.sub(blank, rest)
    while shorter != rest:
        rest, shorter = shorter, _BRACKETED.sub(blank, shorter)
    return rest


_LINE = 'a["参数"]:::data --> b["更新"]:::loss'

RULE = ArticleRule(
    RuleGuide(
        slug="labels",
        codes=("diagram-label", "diagram-id"),
        title=Words("图里的文字", "Words in diagrams"),
        what=Words(
            "图里换行写 `<br/>`，不写 `\\n`；不写 `$…$` 公式，直接写符号，如 π_θ、W₀。"
            '方框的 id 用 ASCII 字母和数字，文字放进 `["…"]`。',
            "A line of a label breaks at `<br/>`, not at `\\n`; there are no formulas `$…$`, but "
            "the signs themselves, such as π_θ and W₀. Ids of nodes are ASCII letters and digits; "
            'words go into `["…"]`.',
        ),
        why=Words(
            "`\\n` 和 TeX 会原样画出来；繁体页面连图的源码一起转换，中文 id 转换之后可能对不上。",
            "`\\n` and TeX are drawn as they stand. The source is converted to Traditional Chinese "
            "as a whole, after which Chinese ids may no longer match.",
        ),
        examples=(
            Example(
                "diagram-label",
                "article zh",
                'a["参数\\n更新前"]:::data --> b["更新"]:::loss',
                'a["参数<br/>更新前"]:::data --> b["更新"]:::loss',
                _LINE,
            ),
            Example(
                "diagram-label",
                "article zh",
                'a["参数 $\\theta$"]:::data --> b["更新"]:::loss',
                'a["参数 θ"]:::data --> b["更新"]:::loss',
                _LINE,
            ),
            Example(
                "diagram-id",
                "article zh",
                '参数 --> b["更新"]:::loss',
                _LINE,
                _LINE,
            ),
        ),
    ),
    check,
)
