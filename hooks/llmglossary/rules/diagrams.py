"""Every diagram can be drawn."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from ..diagrams import DiagramError, available, render
from ..model import Article, Fence, Glossary, Problem
from ..store import Store
from .guide import Example, RuleGuide, Words

# Part of the complaint about a flowchart, and what to write instead; the first that fits counts.
_FIXES = {
    'expected "end"': "close the subgraph with a line `end`",
    "unexpected end;": "call the node something else: `end` closes a subgraph",
    "unexpected end of input": "write what the arrow at the end of this line points to",
    "arrow": "put an arrow between two nodes, `a --> b`, or each on a line of its own",
    "edge": 'write the arrow as `a --> b`, with words on it `a -->|"words"| b`',
    "label": (
        'write the label as `["…"]`, with both quotation marks, both brackets and no straight '
        "quotation mark inside"
    ),
    "Unexpected char": 'write nodes, classes and arrows as in `a["words"]:::data --> b`',
}

# What a complaint quotes from the source.
_QUOTED = re.compile(r"`:*([^`]+)`")


def check(glossary: Glossary, store: Store) -> Iterator[Problem]:
    """Yield a problem for each Mermaid fence that does not render.

    Args:
        glossary: To check.
        store: Remembers what was found in an article.
    """
    if not available():
        return
    articles = [
        article
        for concept in glossary.concepts.values()
        for article in concept.articles.values()
        if any(fence.is_drawn_ahead for fence in article.fences)
    ]
    keys = [store.key("diagrams", article.path, article.digest) for article in articles]

    def draw(places: Sequence[int]) -> dict[int, list[Problem]]:
        cache = glossary.root / ".cache"
        return {place: list(_article(articles[place], cache)) for place in places}

    for problems in store.remember_each("diagrams", keys, draw):
        yield from problems or ()


def _article(article: Article, cache: Path) -> Iterator[Problem]:
    for fence in article.fences:
        if not fence.is_drawn_ahead:
            continue
        try:
            render(fence.content, id="check", cache=cache)
        except DiagramError as error:
            line, column = _place(article, fence, error)
            yield Problem(
                article.path,
                line,
                column,
                "diagram",
                f"the diagram cannot be drawn: {error.message}",
                _fix(fence.content, error.message),
            )


def _place(article: Article, fence: Fence, error: DiagramError) -> tuple[int, int]:
    """Return line and column of what the renderer complains about."""
    number = fence.line + error.line
    line = article.body.split("\n")[number - article.first_line]
    quoted = _QUOTED.search(error.message)
    column = line.find(quoted[1]) if quoted else -1
    return number, (column if column >= 0 else len(line) - len(line.lstrip())) + 1


def _fix(source: str, message: str) -> str:
    fixes = _FIXES.items() if source.lstrip().startswith(("flowchart", "graph")) else ()
    return next(
        (fix for part, fix in fixes if part in message), "mend the Mermaid source on this line"
    )


GUIDE = RuleGuide(
    slug="diagrams",
    codes=("diagram",),
    title=Words("图画得出来", "Diagrams can be drawn"),
    what=Words(
        "Mermaid 代码没有语法错误。带空格、括号或标点的文字放进双引号。",
        "The Mermaid source has no syntax error. Text with spaces, brackets or punctuation "
        "goes into double quotes.",
    ),
    why=Words("图在生成网站时画好，画不出来就没有图。", "Diagrams are drawn ahead, or not at all."),
    examples=(
        Example(
            "diagram",
            "article zh",
            'a["参数"]:::data --> b["更新',
            'a["参数"]:::data --> b["更新"]:::loss',
            'a["参数"]:::data --> b["更新"]:::loss',
        ),
    ),
)
