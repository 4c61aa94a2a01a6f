"""Read an article: front matter, headings, fences, formulas and citations, with lines.

Python-Markdown renders the pages but keeps no line numbers; markdown-it does, so it is
what finds things for the checks. Both take quadratic time on some texts nobody writes by
accident, so `read` refuses those before anything else sees them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, MutableMapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain, takewhile
from typing import TYPE_CHECKING, Any

from . import places
from .model import Article, Block, Citation, Fence, Formula, Heading, Image, Link, Place
from .places import SourceLines

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_core import StateCore
    from markdown_it.token import Token

MAX_LINES = 3_000
MAX_PARAGRAPH = 5_000
MAX_FORMULA = 2_000
MAX_FENCE = 20_000
MAX_DEPTH = 12
_MAX_LEVEL = 16
_MAX_LOOSE = 50
_SECTION_LEVEL = 2  # h2 is what the page contract calls a section
_BREAKS = {"softbreak", "hardbreak"}
_NOT_PROSE = {"code_inline", "math_inline", "math_inline_double", "html_inline", "image"}

# Stands in a block's text for what is not prose.
OPAQUE = "\ufffc"

CITATION = re.compile(r"\[@(?P<keys>[^\]\s][^\]]*)\]")
_CAPTION = re.compile(r"\A/// *(?:figure-)?caption\s*\n(?P<text>.*?)\n?\s*///\s*\Z", re.DOTALL)
_HEADING_ATTRIBUTES = re.compile(r"\s*\{[^{}]*\}\s*$")
# Python-Markdown takes braces for attributes only behind a space.
_HEADING_ID = re.compile(r"(?:^|\s)\{[^{}]*#(?P<id>[\w-]+)[^{}]*\}\s*$")
_LOOSE = ("$", "`", "](")
_CITATION_ATTEMPT = re.compile(r"[\[［【]\s*[@＠]|[\[［【]?(?<![\w@＠])[@＠][\w:-]+[\]］】]")
_CITATION_KEY = re.compile(r"@?[^\s@,;\[\]]+")
_NESTING = re.compile(r"[ \t]*(?:>[ \t]*|(?:[-*+]|\d{1,9}[.)])[ \t]+)" + f"{{{MAX_DEPTH + 1}}}")
_RULE = re.compile(r"[ \t]*([-*_])(?:[ \t]*\1){2,}[ \t]*")


class ArticleError(Exception):
    """An article that is not read any further.

    Attributes:
        faults: What is wrong, and where.
    """

    def __init__(self, *faults: Fault) -> None:
        super().__init__(faults[0].message)
        self.faults = faults


@dataclass(frozen=True)
class Fault:
    """Something in the Markdown to mend; `line` and `column` are those of the file."""

    line: int
    code: str
    message: str
    fix: str
    column: int = 1


@dataclass(frozen=True)
class Split:
    """A file cut into front matter and body; lines are counted from 1.

    Attributes:
        unclosed: Where the front matter ends wrongly or not at all: the line of ``...``, or
            that of the opening ``---``.
    """

    front_matter: str | None
    body: str
    first_line: int
    unclosed: int | None = None


@dataclass(frozen=True)
class Structure:
    """What `outline` finds in a body."""

    headings: tuple[Heading, ...]
    fences: tuple[Fence, ...]
    formulas: tuple[Formula, ...]
    citations: tuple[Citation, ...]
    links: tuple[Link, ...]
    images: tuple[Image, ...]
    blocks: tuple[Block, ...]


def split(text: str) -> Split:
    """Cut `text` at its ``---`` fences; without them everything is body."""
    lines = text.split("\n")
    if lines[0].rstrip(" \t") == "---":
        for index in range(1, len(lines)):
            line = lines[index].rstrip(" \t")
            if line == "---":
                return Split("\n".join(lines[1:index]), "\n".join(lines[index + 1 :]), index + 2)
            if line == "...":
                # To MkDocs this, too, ends the front matter.
                return Split(None, text, 1, unclosed=index + 1)
        return Split(None, text, 1, unclosed=1)
    return Split(None, text, 1)


@cache
def _parser() -> MarkdownIt:
    # Articles that were read before are kept: most runs parse none.
    from markdown_it import MarkdownIt  # noqa: PLC0415
    from mdit_py_plugins.attrs import attrs_plugin  # noqa: PLC0415
    from mdit_py_plugins.dollarmath import dollarmath_plugin  # noqa: PLC0415

    parser = (
        MarkdownIt("commonmark")
        .enable(["table", "strikethrough"])
        .use(dollarmath_plugin, allow_space=False, double_inline=True)
        .use(attrs_plugin, spans=False)
    )
    # Python-Markdown renders links that markdown-it would leave as text; the checks see all.
    parser.validateLink = lambda url: True  # type: ignore[method-assign]  # noqa: ARG005
    parser.core.ruler.before("inline", "paragraph_limit", _refuse_long)
    # Here an escaped `\\$` is still told from a bare one.
    parser.core.ruler.before("text_join", "loose_marks", _note_loose_marks)
    return parser


def _refuse_long(state: StateCore) -> None:
    if "limit" not in state.env:
        return
    for token in state.tokens:
        if token.type == "inline" and len(token.content) > MAX_PARAGRAPH:
            line = (token.map[0] if token.map else 0) + state.env["limit"]
            raise ArticleError(
                Fault(
                    line,
                    "too-long",
                    f"this paragraph has {len(token.content):,} characters; "
                    f"the limit is {MAX_PARAGRAPH:,}",
                    "break it into paragraphs, with an empty line between them",
                )
            )


def _note_loose_marks(state: StateCore) -> None:
    loose: list[tuple[Place, str]] = state.env.setdefault("loose", [])
    state.env["loose_count"] = 0
    lines = SourceLines(state.src, 0)
    for token in state.tokens:
        texts = [child.content for child in token.children or () if child.type == "text"]
        if not any(mark in text for text in texts for mark in _LOOSE):
            continue
        for child, start in places.pieces(token):
            if child.type == "text":
                for mark in _LOOSE:
                    if mark in child.content:
                        place = lines.place(token, start + child.content.index(mark))
                        loose.append((place, mark))
                        state.env["loose_count"] += child.content.count(mark)


def parse(body: str) -> tuple[Token, ...]:
    """Return the markdown-it tokens of `body`."""
    return tuple(_parser().parse(body))


def read(body: str, first_line: int) -> tuple[tuple[Token, ...], Structure, tuple[Fault, ...]]:
    """Parse a body that anyone may have written.

    Args:
        body: The Markdown below the front matter.
        first_line: The line of the file on which `body` starts.

    Returns:
        The tokens, what `outline` finds in them, and the faults of the Markdown itself:
        what was opened and never closed, and citations nobody would recognize.

    Raises:
        ArticleError: The text is too long, too deeply nested or too broken for the renderers
            to finish.
    """
    _refuse_deep_lines(body, first_line)
    environment: MutableMapping[str, Any] = {"limit": first_line}
    stream = tuple(_parser().parse(body, environment))
    structure = outline(body, stream, first_line)
    _refuse_deep(stream, first_line)
    _refuse_large(structure)
    faults = [
        *_loose_marks(environment["loose"], first_line),
        *_unclosed_fences(stream, first_line),
        *_unclosed_blocks(stream, first_line),
        *_odd_citations(body, stream, first_line),
    ]
    if environment["loose_count"] > _MAX_LOOSE or len(faults) > _MAX_LOOSE:
        raise ArticleError(*faults[:_MAX_LOOSE])
    return stream, structure, tuple(faults)


def _refuse_deep_lines(body: str, first_line: int) -> None:
    lines = body.split("\n")
    if len(lines) > MAX_LINES:
        raise ArticleError(
            Fault(
                first_line + MAX_LINES,
                "too-long",
                f"the article has {len(lines):,} lines; the limit is {MAX_LINES:,}",
                "split it into several concepts",
            )
        )
    for number, line in enumerate(lines):
        if _NESTING.match(line) and not _RULE.fullmatch(line):
            raise ArticleError(_too_deep(first_line + number, "lists and quotations"))


def _too_deep(line: int, what: str) -> Fault:
    return Fault(
        line,
        "too-deep",
        f"{what} are nested too deeply",
        "flatten it; no page needs that",
    )


def _refuse_deep(stream: Sequence[Token], first_line: int) -> None:
    for token in stream:
        line = (token.map[0] if token.map else 0) + first_line
        # From level 20 on markdown-it drops what it reads; a list takes two levels.
        if token.level > _MAX_LEVEL:
            raise ArticleError(_too_deep(line, "lists and quotations"))
        depth = 0
        for child in token.children or ():
            if child.level > MAX_DEPTH:
                raise ArticleError(_too_deep(line, "emphasis and links"))
            # Most text holds none, and looking at each character takes time.
            if child.type == "text" and ("[" in child.content or depth):
                for character in child.content:
                    depth += (character == "[") - (character == "]" and depth > 0)
                    if depth > MAX_DEPTH:
                        raise ArticleError(_too_deep(line, "square brackets"))


def _refuse_large(structure: Structure) -> None:
    for formula in structure.formulas:
        if len(formula.tex) > MAX_FORMULA:
            raise ArticleError(
                Fault(
                    formula.line,
                    "too-long",
                    f"this formula has {len(formula.tex):,} characters; "
                    f"the limit is {MAX_FORMULA:,}",
                    "break it into several formulas",
                )
            )
        # The converter is recursive, and ends the whole process where it runs out of stack.
        depth = 0
        for token in re.finditer(r"\\.|[{}^_]", formula.tex):
            depth += {"{": 1, "}": -1}.get(token.group(), 0)
            if depth > MAX_DEPTH * 2:
                raise ArticleError(_too_deep(formula.line, "the braces of a formula"))
    for fence in structure.fences:
        if len(fence.content) > MAX_FENCE:
            raise ArticleError(
                Fault(
                    fence.line,
                    "too-long",
                    f"this block has {len(fence.content):,} characters; the limit is {MAX_FENCE:,}",
                    "show less of it",
                )
            )


def _loose_marks(loose: Sequence[tuple[Place, str]], first_line: int) -> Iterator[Fault]:
    # One problem a line is enough: with the first mark mended the others may be right.
    firsts = {(place.line, mark): place.column for place, mark in reversed(loose)}
    for (line, mark), column in firsts.items():
        if mark == "$":
            yield Fault(
                line + first_line,
                "unclosed-formula",
                "a `$` here neither opens nor closes a formula",
                r"put a `$` on both sides, without spaces inside; write `\$` for the sign itself",
                column,
            )
        elif mark == "](":
            yield Fault(
                line + first_line,
                "unclosed-link",
                "a link here has no closing bracket",
                "write `[text](address)`, the address without spaces",
                column,
            )
        else:
            yield Fault(
                line + first_line,
                "unclosed-code",
                "a backtick here neither opens nor closes a code span",
                r"put a backtick on both sides; write `\`` for the sign itself",
                column,
            )


def _unclosed_fences(stream: Sequence[Token], first_line: int) -> Iterator[Fault]:
    for token in stream:
        if token.type == "fence" and token.map:
            start, end = token.map
            if end - start < token.content.count("\n") + 2:
                yield Fault(
                    start + first_line,
                    "unclosed-fence",
                    "the block that starts here is never closed",
                    f"add a line that holds nothing but {token.markup} below its last line",
                )


def _unclosed_blocks(stream: Sequence[Token], first_line: int) -> Iterator[Fault]:
    """Find ``/// name`` without its ``///``; they do not nest here."""
    opened: int | None = None
    for token in stream:
        if token.type == "heading_open" and opened is not None and token.map:
            yield _unclosed_block(opened)
            opened = None
        if token.type != "inline":
            continue
        for number, line in enumerate(token.content.split("\n")):
            here = (token.map[0] if token.map else 0) + first_line + number
            if not line.startswith("///"):
                continue
            if line.strip("/ \t"):
                if opened is not None:
                    yield _unclosed_block(opened)
                opened = here
            elif opened is None:
                yield Fault(
                    here,
                    "unclosed-block",
                    "this `///` closes a block that was never opened",
                    "delete it, or open the block with `/// caption`",
                )
            else:
                opened = None
    if opened is not None:
        yield _unclosed_block(opened)


def _unclosed_block(line: int) -> Fault:
    return Fault(
        line,
        "unclosed-block",
        "the `///` block that starts here is never closed",
        "add a line `///` below its last line",
    )


def _odd_citations(body: str, stream: Sequence[Token], first_line: int) -> Iterator[Fault]:
    lines = SourceLines(body, first_line)
    for token in stream:
        if token.type != "inline" or not ("@" in token.content or "＠" in token.content):
            continue
        for child, start in places.pieces(token):
            if child.type != "text":
                continue
            for begin, shown in _odd_citations_of(child.content):
                place = lines.place(
                    token, places.characters(token.content, child.content, start)[begin]
                )
                yield Fault(
                    place.line,
                    "citation-syntax",
                    f"`{shown[:60]}` is not a citation",
                    "write `[@key]`, or `[@key; @other]` for several, with keys of references.bib",
                    place.column,
                )


def _odd_citations_of(text: str) -> Iterator[tuple[int, str]]:
    """Yield each failed attempt at a citation in a text, and where it begins."""
    good = [found.span() for found in CITATION.finditer(text) if _is_citation(found["keys"])]
    for found in _CITATION_ATTEMPT.finditer(text):
        if any(start <= found.start() < end for start, end in good):
            continue
        end = next((m.end() for m in re.finditer(r"[\]］】]", text) if m.end() >= found.end()), 0)
        yield found.start(), text[found.start() : end or found.start() + 30]


def _is_citation(keys: str) -> bool:
    return all(_CITATION_KEY.fullmatch(key.strip()) for key in ("@" + keys).split(";"))


def outline(body: str, stream: Sequence[Token], first_line: int) -> Structure:
    """Find the structure of a body.

    Args:
        body: The Markdown without front matter.
        stream: What `parse` returned for it.
        first_line: The line of the file on which `body` starts.
    """
    headings: list[Heading] = []
    fences: list[Fence] = []
    items: list[Formula | Citation | Link | Image] = []
    section: str | None = None
    lines = SourceLines(body, first_line)
    for index, token in enumerate(stream):
        line = (token.map[0] if token.map else 0) + first_line
        if token.type == "heading_open":
            raw = stream[index + 1].content
            found = _HEADING_ID.search(raw)
            heading = Heading(
                level=int(token.tag[1]),
                text=_HEADING_ATTRIBUTES.sub("", raw),
                id=found["id"] if found else None,
                line=line,
            )
            headings.append(heading)
            if heading.level <= _SECTION_LEVEL:
                section = heading.id
        elif token.type == "fence":
            fences.append(
                Fence(token.info.strip(), token.content, line, section, _caption(stream, index))
            )
        elif token.type in {"math_block", "math_block_label"}:
            items.append(_display_formula(token, lines))
        elif token.type == "inline":
            items.extend(_inline_items(token, lines))
    return Structure(
        tuple(headings),
        tuple(fences),
        tuple(item for item in items if isinstance(item, Formula)),
        tuple(item for item in items if isinstance(item, Citation)),
        tuple(item for item in items if isinstance(item, Link)),
        tuple(item for item in items if isinstance(item, Image)),
        tuple(_blocks(stream, headings, first_line)),
    )


def _display_formula(token: Token, lines: SourceLines) -> Formula:
    tex = token.content.strip()
    place = lines.find(token, tex.split("\n", maxsplit=1)[0])
    return Formula(tex, display=True, line=place.line, column=place.column)


def _inline_items(token: Token, lines: SourceLines) -> Iterator[Formula | Citation | Link | Image]:
    """Yield what an inline token holds besides text."""
    for child, start in places.pieces(token) if _has_items(token) else ():
        if child.type == "text":
            for found in CITATION.finditer(child.content):
                place = lines.place(token, start + found.start())
                for key in found["keys"].split(";"):
                    yield Citation(key.strip().removeprefix("@"), place.line, place.column)
            continue
        if child.type == "link_open":
            place = lines.place(token, start)
            yield Link(str(child.attrGet("href") or ""), place.line, place.column)
        elif child.type == "image":
            place = lines.place(token, start)
            source, width, height = (
                str(child.attrGet(name) or "") for name in ("src", "width", "height")
            )
            yield Image(source, child.content, width, height, place.line, place.column)
        elif child.type in {"math_inline", "math_inline_double"}:
            place = lines.place(token, start + len(child.markup))
            display = child.type != "math_inline"
            yield Formula(child.content, display, place.line, place.column)


def _has_items(token: Token) -> bool:
    return any(mark in token.content for mark in ("[", "$", "<"))


def _blocks(
    stream: Sequence[Token], headings: Sequence[Heading], first_line: int
) -> Iterator[Block]:
    section: str | None = None
    sections = {h.line: h.id for h in headings if h.level <= _SECTION_LEVEL}
    kind = "paragraph"
    row: list[tuple[str, bool, int, tuple[str, ...]]] | None = None
    for token in stream:
        line = (token.map[0] if token.map else 0) + first_line
        if token.type == "heading_open":
            kind = "heading"
            section = sections.get(line, section)
        elif token.type == "heading_close":
            kind = "paragraph"
        elif token.type == "tr_open":
            row = []
        elif token.type == "tr_close" and row is not None:
            if row:
                cells, citing, lines, hidden = zip(*row, strict=True)
                opaque = tuple(chain.from_iterable(hidden))
                yield Block(" | ".join(cells), lines[0], section, "row", any(citing), opaque)
            row = None
        elif token.type == "inline":
            text = "".join(
                OPAQUE
                if child.type in _NOT_PROSE
                else "\n"
                if child.type in _BREAKS
                else child.content
                for child in token.children or ()
            )
            opaque = tuple(
                child.content if child.type == "code_inline" else ""
                for child in token.children or ()
                if child.type in _NOT_PROSE
            )
            cited = CITATION.search(token.content) is not None
            if row is not None:
                row.append((text, cited, line, opaque))
            else:
                yield Block(text, line, section, kind, cited, opaque)


def _caption(stream: Sequence[Token], index: int) -> str | None:
    """Return the text of a ``/// caption`` block right after the fence at `index`."""
    following = [token.content for token in stream[index + 1 : index + 14] if token.content]
    # A caption with blank lines inside is several paragraphs to markdown-it.
    for end in range(1, len(following) + 1):
        found = _CAPTION.match("\n".join(following[:end]))
        if found:
            return found["text"].strip()
        if not following[0].startswith("///"):
            break
    return None


def place_of(article: Article, block: Block, start: int, end: int) -> Place:
    """Return where in its file a piece of an article's prose stands.

    Args:
        article: The article.
        block: One of its blocks, or its definition as one.
        start: Where the piece begins in the block's text.
        end: Where it ends.
    """
    if block.kind == "definition":
        return Place(article.definition_at.line, article.definition_at.column + start)
    word = block.text[start:end]
    lines = list(takewhile(str.strip, article.body.split("\n")[block.line - article.first_line :]))
    lines = lines[:1] if block.kind == "row" else lines
    (token,) = _parser().parseInline("\n".join(lines))
    number = places.count_before(block.text, word, start)
    line, column = places.occurrence(lines, token, word, number)
    return Place(block.line + line, column + 1)
