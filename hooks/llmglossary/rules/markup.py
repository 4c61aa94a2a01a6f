"""Articles are Markdown: no raw HTML, nothing that runs, nothing loaded from elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from .. import places
from ..model import Article, Place, Problem
from ..places import SourceLines
from .guide import ArticleRule, Example, RuleGuide, Words

if TYPE_CHECKING:
    from markdown_it.token import Token

ATTRIBUTES = frozenset(
    {"id", "class", "width", "height", "lang", "title", "loading", "alt", "colspan", "rowspan"}
    | {"start", "scope"}
)
# What markdown-it itself sets on links and images.
_OWN_ATTRIBUTES = ATTRIBUTES | {"href", "src"}
_IN_BRACES = re.compile(r"\{(?P<list>[^{}\n]*=[^{}\n]*)\}")
_ASSIGNED = re.compile(r"""(?P<name>[^\s=}{"']+)\s*=""")
_BLOCK_ATTRIBUTES = re.compile(
    r"^[ \t]*///[^\n]*\n(?:[ \t]+\S[^\n]*\n)*?[ \t]+attrs[ \t]*:", re.MULTILINE
)
_TAG = re.compile(r"</?[a-zA-Z][\w-]*[\s/>]|<!|<\?")
_STASHED = {"code_inline", "math_inline", "math_inline_double"}


def check(article: Article, stream: Sequence[Token]) -> Iterator[Problem]:
    """Yield a problem for raw HTML, attributes beyond the allowed ones, and remote images."""
    for found in _BLOCK_ATTRIBUTES.finditer(article.body):
        line = article.body.count("\n", 0, found.end()) + article.first_line
        yield _attribute(article, Place(line, _last_column(found.group(), "attrs")), "attrs:")
    lines = SourceLines(article.body, article.first_line)
    for token in stream:
        # Python-Markdown may read as HTML what markdown-it reads as indented code.
        if token.type == "html_block" or (
            token.type == "code_block" and _TAG.search(token.content)
        ):
            tag = _TAG.search(token.content)
            shown = token.content[tag.start() :] if tag else token.content.lstrip()
            yield _html(article, lines.find(token, shown.split("\n", 1)[0]), shown)
        elif token.type == "code_block":
            for found in _IN_BRACES.finditer(token.content):
                for name in _names(found.group()):
                    yield _attribute(article, lines.find(token, found.group()), name)
        elif token.type == "fence":
            for name in _names(token.info):
                yield _attribute(article, lines.find(token, token.info.strip()), name)
        elif token.type == "inline":
            yield from _inline(article, token, lines)


def _last_column(text: str, word: str) -> int:
    return text.rsplit("\n", 1)[-1].rfind(word) + 1


def _inline(article: Article, token: Token, lines: SourceLines) -> Iterator[Problem]:
    if "{" in token.content:
        # Python-Markdown applies a list after inline parsing, so emphasis inside it is no shield.
        text = "".join(
            "\ufffc"
            if child.type in _STASHED
            else "\n"
            if child.type in {"softbreak", "hardbreak"}
            else child.content
            for child in token.children or ()
        )
        for found in _IN_BRACES.finditer(text):
            for name in _names(found.group()):
                start = max(token.content.find(f"{name}="), 0)
                yield _attribute(article, lines.place(token, start), name)
    if not any(_set(child) or child.type == "html_inline" for child in token.children or ()):
        return
    for child, start in places.pieces(token):
        if child.type == "html_inline":
            yield _html(article, lines.place(token, start), child.content)
        elif child.type == "image" and _is_remote(str(child.attrGet("src"))):
            place = lines.place(token, start)
            yield Problem(
                article.path,
                place.line,
                place.column,
                "remote-image",
                f"the image `{str(child.attrGet('src'))[:60]}` is not a file of the project",
                "put the file into the concept's folder",
            )
        for name in _set(child):
            if name.lower() not in _OWN_ATTRIBUTES:
                found_at = token.content.find(name, start)
                yield _attribute(article, lines.place(token, max(found_at, start)), name)


def _set(child: Token) -> tuple[str, ...]:
    """Return the names of the attributes that a child has, or that markdown-it held back."""
    return (*child.attrs, *child.meta.get("insecure_attrs", ()))


def _names(attributes: str) -> Iterator[str]:
    """Yield the names in an attribute list that articles may not set."""
    if "{" in attributes:
        for found in _ASSIGNED.finditer(attributes):
            if found["name"].lower() not in ATTRIBUTES:
                yield found["name"]


def _is_remote(source: str) -> bool:
    return "//" in source or bool(re.match(r"\s*[a-zA-Z][\w+.-]*:", source))


def _attribute(article: Article, place: Place, name: str) -> Problem:
    handler = name.lower().startswith("on")
    return Problem(
        article.path,
        place.line,
        place.column,
        "event-handler" if handler else "attribute",
        f"`{name}` runs a script" if handler else f"`{name}` is not allowed in an article",
        f"delete it; an attribute list may set {', '.join(sorted(ATTRIBUTES))}",
    )


def _html(article: Article, place: Place, content: str) -> Problem:
    shown = " ".join(content.split())[:40]
    return Problem(
        article.path,
        place.line,
        place.column,
        "raw-html",
        f"raw HTML (`{shown}`) is not allowed in an article",
        "write it in Markdown; a literal `<` goes into backticks or a formula",
    )


RULE = ArticleRule(
    RuleGuide(
        slug="markup",
        codes=("raw-html", "event-handler", "attribute", "remote-image"),
        title=Words("只用 Markdown", "Markdown only"),
        what=Words(
            "文章里没有 HTML 标签、脚本、内嵌框架，属性列表 `{…}` 里没有 `onclick` 之类的事件，"
            "图片不从别的网站载入。",
            "No HTML tags, scripts or frames in an article, no events such as `onclick` in an "
            "attribute list `{…}`, no images from other sites.",
        ),
        why=Words(
            "陌生人的文字会在读者的浏览器里打开；从别处载入的图片会泄露谁在读什么，"
            "离线时也看不到。",
            "What strangers write is opened in readers' browsers; an image from elsewhere tells "
            "others who reads what, and is missing offline.",
        ),
        examples=(
            Example("raw-html", "article zh", "水是 H<sub>2</sub>O。", "水是 $H_2O$。"),
            Example(
                "raw-html",
                "article en",
                '<iframe src="https://example.org/"></iframe>',
                "See [the demonstration](https://example.org/).",
            ),
            Example(
                "event-handler",
                "article en",
                "See [the paper](https://example.org/){onclick=alert(1)}.",
                "See [the paper](https://example.org/).",
            ),
            Example(
                "event-handler",
                "article en",
                "### More {#more onmouseover=alert(1)}",
                "### More {#more}",
            ),
            Example(
                "event-handler",
                "article zh",
                '见[论文](https://example.org/){onclick="run"}。',
                "见[论文](https://example.org/)。",
            ),
            Example(
                "attribute",
                "article en",
                "See [the paper](https://example.org/){style=color:red}.",
                "See [the paper](https://example.org/){.important}.",
            ),
            Example(
                "remote-image",
                "article zh",
                "![坡](https://example.org/ball.svg){width=640 height=360}",
                "![坡](ball.svg){width=640 height=360}",
            ),
            Example(
                "remote-image",
                "article zh",
                "![坡](data:image/svg+xml;base64,AAAA){width=640 height=360}",
                "![坡](ball.svg){width=640 height=360}",
            ),
        ),
    ),
    check,
)
