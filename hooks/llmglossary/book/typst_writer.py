"""Article HTML -> Typst markup that calls the functions of ``layout.typ``.

Text is written as string content (``#"…";``), so that nothing in it is ever syntax. Every element
that an article may have is known here; one that is not is a problem to report, never dropped.
"""

from __future__ import annotations

import html
import re
import unicodedata
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from json.encoder import encode_basestring
from typing import Literal

from ..localize import term_url
from ..model import Article, Problem, Source
from ..record import Language
from . import typst_formula
from .content import Book, BookConcept, internal_target
from .drawing import paint
from .typst_formula import Formula, UnsupportedFormulaError

# A backslash of the text itself is written as two.
_ESCAPE = re.compile(r"(?<!\\)((?:\\\\)*)\\u([0-9a-f]{4})")
_SPACES = re.compile(r"[ \t\r\n]+")
_CJK = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\u3000-\u303f]")
# A space that Markdown's line end left between Chinese characters.
_CJK_GAP = re.compile(r"(?<=[\u2e80-\u9fff\uff00-\uffef])\n(?=[\u2e80-\u9fff\uff00-\uffef])")
# A paragraph that goes on after a displayed formula is not indented.
_CONTINUES = re.compile(
    r"(?:其中|式中|这里|這裡|于是|於是|也就是|即|where|with|here|and|so)\b|其中|式中"
)
_HEADINGS = {"h2": 3, "h3": 4, "h4": 5}
_WRAPPED = {"em": "emph", "strong": "strong", "sup": "super", "sub": "sub"}
_WRAPPED |= {"del": "strike", "s": "strike"}
# Invisible, or set as something else before it reaches a font.
_NO_GLYPH = frozenset("\n\t\u200b\u2060\ufe00\ufe01\ufe0e")
_CODE_STYLES = {"gp": "prompt", "go": "output", "k": "keyword", "ow": "keyword", "kn": "keyword"}
_CODE_STYLES |= {"kc": "keyword", "nf": "name", "nc": "name"}


@dataclass(frozen=True)
class Measure:
    """What a size of paper leaves for text.

    Attributes:
        width: In points.
        height: In points.
        text: The size of the text, in points.
    """

    width: float
    height: float
    text: float


@dataclass(frozen=True)
class Drawing:
    """A diagram for the typesetter.

    Attributes:
        svg: A file, its colours in it.
        width: In its own units.
        height: In its own units.
    """

    svg: bytes
    width: float
    height: float
    title: str
    description: str


@dataclass
class Written:
    """What writing an article found, for the rest of the book.

    Attributes:
        markup: The article.
        problems: What cannot be set.
        drawings: By the name under which the markup refers to them.
        linked: Slugs of the concepts in the book that the article links to, in order.
        characters: All characters of text.
        formulas: How many formulas it has.
    """

    markup: str = ""
    problems: list[Problem] = field(default_factory=list)
    drawings: dict[str, Drawing] = field(default_factory=dict)
    linked: list[str] = field(default_factory=list)
    characters: set[str] = field(default_factory=set)
    formulas: int = 0


def string(text: str) -> str:
    """Return `text` as a string of Typst."""
    # JSON's escapes are Typst's but for `\u`, which JSON needs for control characters only.
    escaped = encode_basestring(unicodedata.normalize("NFC", text))
    return _ESCAPE.sub(r"\1\\u{\2}", escaped) if "\\u" in escaped else escaped


def text(content: str) -> str:
    """Return `content` as markup that is just this text."""
    return f"#{string(content)};" if content else ""


def curled(content: str, before: str = "") -> str:
    """Return English text with the quotation marks and apostrophes of print.

    Args:
        content: With those of a typewriter.
        before: The character that stands before it, if any.
    """

    def mark(match: re.Match[str]) -> str:
        previous = content[match.start() - 1] if match.start() else before
        opens = not previous or previous.isspace() or previous in "([{—–/“‘"
        return {"'": "‘’", '"': "“”"}[match[0]][0 if opens else 1]

    return re.sub("['\"]", mark, content)


def array(items: Iterable[str]) -> str:
    """Return an array of Typst; the comma after the last item makes one item an array too."""
    return "(" + "".join(f"{item}, " for item in items) + ")"


def parse(fragment: str) -> ET.Element:
    """Parse HTML as Python-Markdown writes it, into elements without namespaces.

    Raises:
        ET.ParseError: It is not well-formed.
    """
    known = re.sub(
        r"&(?!(?:amp|lt|gt|quot|apos|#\d+|#x[0-9a-fA-F]+);)(\w+);",
        lambda entity: html.unescape(entity[0]),
        fragment,
    )
    root = ET.fromstring(f"<article>{known}</article>")  # noqa: S314 - our own converter's output
    for element in root.iter():
        if isinstance(element.tag, str):
            element.tag = element.tag.rpartition("}")[2]
    return root


def write_html(fragment: str) -> str:
    """Return a short piece of HTML, such as a formatted reference, as markup."""
    return _inline_markup(parse(fragment))


def _inline_markup(element: ET.Element) -> str:
    parts = [text(_SPACES.sub(" ", element.text or ""))]
    for child in element:
        inner = _inline_markup(child)
        if child.tag == "a" and child.get("href"):
            inner = f"#outside({string(child.get('href', ''))})[{inner}]"
        elif child.tag in {"em", "i"}:
            inner = f"#work[{inner}]"
        elif child.tag in {"strong", "b"}:
            inner = f"#strong[{inner}]"
        parts += [inner, text(_SPACES.sub(" ", child.tail or ""))]
    return "".join(parts)


def write(
    concept: BookConcept, book: Book, measure: Measure, short: Callable[[Source], str]
) -> Written:
    """Write one article.

    Args:
        concept: Whose article it is.
        book: That it stands in.
        measure: Of the page.
        short: Returns the markup of a source as notes name it.
    """
    writer = _Writer(concept, book, measure, short)
    try:
        root = parse(concept.html)
    except ET.ParseError as error:
        writer.report("html", f"the article is not well-formed HTML: {error}", "remove raw HTML")
    else:
        writer.written.markup = writer.blocks(root)
    return writer.written


Kind = Literal["table", "formula", "diagram", "listing", "heading"]
# How each begins in the markup.
_BEGINNINGS: Mapping[Kind, re.Pattern[str]] = {
    "table": re.compile(r"#grid-table\("),
    "formula": re.compile(r"#(?:display-)?formula\("),
    "diagram": re.compile(r"#diagram\("),
    "listing": re.compile(r"#code-block\("),
    "heading": re.compile(r"#section\("),
}


def line_of(article: Article | None, kind: Kind, number: int) -> int | None:
    """Return on which line of its file the `number`th thing of a kind begins, counted from 1."""
    if article is None:
        return None
    lines: list[int] = []
    match kind:
        case "formula":
            lines = [formula.line for formula in article.formulas]
        case "diagram":
            lines = [fence.line for fence in article.fences if fence.is_diagram]
        case "listing":
            lines = [fence.line for fence in article.fences if not fence.is_diagram]
        case "heading":
            lines = [heading.line for heading in article.headings]
        case "table":
            kinds = ["", *(block.kind for block in article.blocks)]
            lines = [
                block.line
                for before, block in zip(kinds, article.blocks, strict=False)
                if block.kind == "row" and before != "row"
            ]
    return lines[number - 1] if 0 < number <= len(lines) else None


def source_of(concept: BookConcept, markup: str) -> tuple[str, int]:
    """Return the file and the line that the end of `markup` was written from, as near as is known.

    Args:
        concept: Whose markup it is.
        markup: From the beginning of the concept to the place in question.
    """
    article = concept.article
    if article is None or "#apparatus[" in markup:
        return concept.concept.path, 1
    begun = [
        (found[-1].start(), kind, len(found))
        for kind, beginning in _BEGINNINGS.items()
        if (found := [*beginning.finditer(markup)])
    ]
    lines = (line_of(article, kind, number) for _, kind, number in sorted(begun, reverse=True))
    return article.path, next(filter(None, lines), article.first_line)


class _Writer:
    """Writes one article. Used once."""

    def __init__(
        self,
        concept: BookConcept,
        book: Book,
        measure: Measure,
        short: Callable[[Source], str],
    ) -> None:
        self.written = Written()
        self._concept = concept
        self._book = book
        self._measure = measure
        self._short = short
        self._slugs = book.slugs
        self._noted: set[str] = set()
        self._tables = 0
        self._drawn = 0
        self._before = ""  # the last character written
        self._blocks: Mapping[str, Callable[[ET.Element], str]] = {
            "p": self._paragraph,
            "ul": self._list,
            "ol": self._list,
            "table": self._table,
            "figure": self._figure,
            "div": self._division,
            "blockquote": lambda e: f"#quote(block: true)[{self.blocks(e)}]",
            "hr": lambda _: "#rule()",
            **dict.fromkeys(_HEADINGS, self._heading),
        }

    # --- problems --------------------------------------------------------------------------

    def report(self, code: str, message: str, fix: str, line: int | None = None) -> None:
        article = self._concept.article
        path = article.path if article else self._concept.concept.path
        first = article.first_line if article else 1
        self.written.problems.append(Problem(path, line or first, 1, f"book-{code}", message, fix))

    def _line_of_table(self) -> int | None:
        return line_of(self._concept.article, "table", self._tables)

    def _line_of_formula(self) -> int | None:
        return line_of(self._concept.article, "formula", self.written.formulas)

    def _line_of_diagram(self) -> int | None:
        return line_of(self._concept.article, "diagram", self._drawn)

    # --- text ------------------------------------------------------------------------------

    def _text(self, content: str | None) -> str:
        if not content:
            return ""
        shown = _SPACES.sub(" ", _CJK_GAP.sub("", content))
        if self._book.language == "en":
            shown = curled(shown, self._before)
        self._before = shown[-1:]
        self.written.characters.update(shown)
        return text(shown)

    def inline(self, element: ET.Element) -> str:
        """Return what stands inside an element, as one run of text."""
        parts = [self._text(element.text)]
        for child in element:
            inner = self._span(child)
            if child.tag == "sup" and parts:
                # A note's number follows without a space.
                parts[-1] = re.sub(r' ";$', '";', parts[-1])
            parts += [inner, self._text(child.tail)]
        return "".join(part for part in parts if part != '#"";')

    def _span(self, element: ET.Element) -> str:
        tag, kind = element.tag, element.get("class")
        special = {
            ("sup", "citation"): self._citation,
            ("span", "formula"): lambda e: "".join(map(self._formula, e.iter("math"))),
        }.get((tag, kind or "")) or {"a": self._link, "code": self._code_span}.get(tag)
        if special:
            return special(element)
        if tag == "br":
            return "#linebreak();"
        if tag in _WRAPPED:
            return f"#{_WRAPPED[tag]}[{self.inline(element)}]"
        if tag != "span":
            self.report("element", f"`<{tag}>` is not set in the book", "write it in Markdown")
        return self.inline(element)

    def _code_span(self, element: ET.Element) -> str:
        content = "".join(element.itertext())
        self.written.characters.update(content)
        return f"#code-span({string(content)});"

    def _link(self, element: ET.Element) -> str:
        inner = self.inline(element)
        href = element.get("href", "")
        target = internal_target(href)
        if target is not None and target.slug in self._slugs:
            if target.slug not in self.written.linked and target.slug != self._concept.slug:
                self.written.linked.append(target.slug)
            return f"#inside({string(label(target.slug, target.anchor))})[{inner}]"
        if target is not None:
            address = term_url(target.slug, self._book.language, target.anchor)
            return f"#outside({string(self._book.edition.address + address)})[{inner}]"
        if href.startswith("#"):
            return f"#inside({string(label(self._concept.slug, href[1:]))})[{inner}]"
        if re.match(r"https?://|mailto:", href):
            return f"#outside({string(href)})[{inner}]"
        page = re.sub(r"^(?:\.\./)+", "", href).replace("index.md", "").replace(".md", "/")
        return f"#outside({string(self._book.edition.address + page)})[{inner}]"

    def _citation(self, element: ET.Element) -> str:
        notes = []
        for link in element.iter("a"):
            number = int(link.get("href", "#ref-0").rpartition("-")[2])
            references = self._concept.page.references
            if not 0 < number <= len(references):
                continue
            source = references[number - 1]
            mark = string(f"note:{self._concept.slug}:{source.key}")
            if source.key in self._noted:
                notes.append(f"#note-again({mark})")
            else:
                self._noted.add(source.key)
                notes.append(f"#note({mark}, {string('bib:' + source.key)})[{self._short(source)}]")
        return "#note-comma".join(f"{note};" for note in notes)

    def _formula(self, math: ET.Element) -> str:
        self.written.formulas += 1
        try:
            formula = typst_formula.convert(math)
        except UnsupportedFormulaError as error:
            self.report(
                "formula", str(error), "write the formula otherwise", self._line_of_formula()
            )
            return ""
        self.written.characters.update(formula.text)
        self._check_signs(formula)
        return (
            f"#display-formula({string(formula.tex)}, $ {formula.body} $)"
            if formula.display
            else f"#formula({string(formula.tex)}, ${formula.body}$);"
        )

    def _check_signs(self, formula: Formula) -> None:
        self.written.characters.update(formula.characters - _NO_GLYPH)

    # --- blocks ----------------------------------------------------------------------------

    def blocks(self, element: ET.Element) -> str:
        """Return what stands inside an element, as paragraphs and other blocks."""
        parts: list[str] = []
        loose: list[str] = [self._text(element.text)] if (element.text or "").strip() else []
        after_formula = False
        for child in element:
            write = self._blocks.get(child.tag)
            if write is None:
                loose.append(self._span(child))
                loose.append(self._text(child.tail) if child.tail != "\n" else "")
                continue
            if "".join(loose):
                parts.append("".join(loose))
            loose = []
            block = write(child)
            if after_formula and child.tag == "p" and _CONTINUES.match(_plain(child)):
                block = f"#unindented[{block}]"
            after_formula = child.tag == "div" and child.get("class") == "formula"
            parts.append(block)
            if (child.tail or "").strip():
                loose.append(self._text(child.tail))
        if "".join(loose):
            parts.append("".join(loose))
        return "\n\n".join(part for part in parts if part)

    def _paragraph(self, element: ET.Element) -> str:
        self._before = ""
        return self.inline(element)

    def _heading(self, element: ET.Element) -> str:
        anchor = element.get("id")
        name = string(label(self._concept.slug, anchor)) if anchor else "none"
        return f"#section({_HEADINGS[element.tag]}, {name})[{self.inline(element)}]"

    def _list(self, element: ET.Element) -> str:
        items = []
        tight = True
        for item in element:
            tight = tight and item.find("p") is None
            items.append(f"[{self.blocks(item)}]")
        if element.tag == "ul":
            return f"#list(tight: {str(tight).lower()}, {', '.join(items)})"
        start = int(element.get("start", "1"))
        return f"#enum(tight: {str(tight).lower()}, start: {start}, {', '.join(items)})"

    def _division(self, element: ET.Element) -> str:
        kind = (element.get("class") or "").split()[:1]
        if kind == ["formula"]:
            return "".join(self._formula(math) for math in element.iter("math"))
        if kind == ["highlight"]:
            return self._code(element)
        if kind == ["diagram"]:
            return self._diagram(element, "")
        if kind == ["admonition"]:
            title = element.find("p[@class='admonition-title']")
            heading = "" if title is None else self.inline(title)
            if title is not None:
                element.remove(title)
            return f"#admonition[{heading}][{self.blocks(element)}]"
        if kind == ["mermaid"]:
            self._drawn += 1
            self.report(
                "diagram",
                "this diagram is drawn only in a browser, not in the book",
                "use a kind of diagram that is drawn ahead",
                self._line_of_diagram(),
            )
            return ""
        return self.blocks(element)

    def _figure(self, element: ET.Element) -> str:
        caption = element.find("figcaption")
        written = ""
        if caption is not None:
            written = "#linebreak();".join(
                self.inline(p) for p in (caption.findall("p") or [caption])
            )
        drawing = element.find(".//div[@class='diagram']")
        if drawing is not None:
            return self._diagram(drawing, written)
        if element.find(".//div[@class='mermaid']") is not None:
            return self._division(element.find(".//div[@class='mermaid']"))  # type: ignore[arg-type]
        rest = [self._blocks[c.tag](c) for c in element if c.tag in self._blocks]
        return "\n\n".join([*rest, f"#caption-line[{written}]" if written else ""])

    def _diagram(self, element: ET.Element, caption: str) -> str:
        self._drawn += 1
        svg = element.find("svg")
        line = self._line_of_diagram()
        if svg is None:
            self.report("diagram", "the diagram has no drawing", "check its source", line)
            return ""
        if any(part.tag == "foreignObject" for part in svg.iter()):
            self.report(
                "diagram",
                "the diagram holds HTML, which the book cannot set",
                "use another kind of diagram",
                line,
            )
            return ""
        drawing = read_drawing(svg, self._book.language)
        if not drawing.title:
            self.report("diagram", "the diagram has no name", "add `accTitle: …`", line)
        name = f"{self._concept.slug}-{self._drawn}"
        self.written.drawings[name] = drawing
        self.written.characters.update(c for e in svg.iter("text") for c in "".join(e.itertext()))
        return place_drawing(name, drawing, self._measure, caption)

    def _code(self, element: ET.Element) -> str:
        source = element.find(".//code")
        if source is None:
            return ""
        lines: list[list[tuple[str, str]]] = [[]]
        for style, run in _runs(source, ""):
            first, *rest = run.split("\n")
            lines[-1].append((style, first))
            lines.extend([(style, part)] for part in rest)
        while lines and not "".join(run for _, run in lines[-1]).strip():
            lines.pop()
        plain = "\n".join("".join(run for _, run in line) for line in lines)
        self.written.characters.update(plain)
        written = array(
            array(f"({string(style)}, {string(run)})" for style, run in line if run)
            for line in lines
        )
        return f"#code-block({string(plain)}, {written})"

    def _table(self, element: ET.Element) -> str:
        self._tables += 1
        rows = [
            (part.tag == "thead", [cell for cell in row if cell.tag in {"td", "th"}])
            for part in element
            for row in ([part] if part.tag == "tr" else part.findall("tr"))
        ]
        if not rows:
            return ""
        columns = max(len(cells) for _, cells in rows)
        fitted = fit_columns(
            [[_plain(cell) for cell in cells] for _, cells in rows], columns, self._measure
        )
        if fitted is None:
            self.report(
                "table",
                f"the table of {columns} columns is wider than the page of the book, even turned",
                "give it fewer columns, or shorter words in them",
                self._line_of_table(),
            )
            return ""
        head = [f"[{self.inline(c)}]" for is_head, cells in rows if is_head for c in cells]
        body = [f"[{self.inline(c)}]" for is_head, cells in rows if not is_head for c in cells]
        options = [
            array(fitted.widths),
            array(_side(cell) for cell in rows[0][1]),
            array(head),
            array(body),
            f"size: {fitted.size}em",
            f"turned: {str(fitted.turned).lower()}",
            # A head that has notes cannot stand on a second page: they would be there twice.
            f"repeats: {str('#note' not in ''.join(head)).lower()}",
        ]
        return f"#grid-table({', '.join(options)})"


@dataclass(frozen=True)
class Columns:
    """How a table is fitted to the page.

    Attributes:
        widths: Of the columns, as Typst takes them.
        size: Of its text, relative to the text around it.
        turned: Whether it stands sideways on the page.
    """

    widths: tuple[str, ...]
    size: float
    turned: bool


_TABLE_SIZES = (0.9, 0.82, 0.75)
_TABLE_GAP_EM = 1.4


def fit_columns(rows: Sequence[Sequence[str]], columns: int, measure: Measure) -> Columns | None:
    """Return how to fit a table: as it is, smaller, or turned; None where nothing helps."""
    attempts = [(size, measure.width, False) for size in _TABLE_SIZES]
    attempts += [(size, measure.height, True) for size in _TABLE_SIZES]
    for size, width, turned in attempts:
        widths = _widths(rows, columns, size * measure.text, width)
        if widths:
            return Columns(tuple(widths), size, turned)
    return None


def _widths(
    rows: Sequence[Sequence[str]], columns: int, size: float, width: float
) -> list[str] | None:
    gap = _TABLE_GAP_EM * size
    room = width - columns * gap
    least = [0.0] * columns
    wish = [0.0] * columns
    for cells in rows:
        for at, content in enumerate(cells):
            least[at] = max(least[at], max(map(_extent, _pieces(content)), default=0) * size)
            wish[at] = max(wish[at], _extent(content) * size)
    if sum(wish) <= room:
        return ["auto"] * columns
    if sum(least) > room:
        return None
    # Long columns share what is left by how much they hold, none less than its longest word.
    share = [max(low, min(want, room) ** 0.7) for low, want in zip(least, wish, strict=True)]
    spare = room - sum(least)
    total = sum(share)
    points = [low + spare * part / total for low, part in zip(least, share, strict=True)]
    return [f"{part + gap:.1f}fr" for part in points]


def label(slug: str, anchor: str | None = None) -> str:
    """Return the name under which a concept, or a heading of its article, is found."""
    return f"term:{slug}:{anchor}" if anchor else f"term:{slug}"


def read_drawing(svg: ET.Element, language: Language) -> Drawing:
    """Return a drawing with its size and its texts.

    Args:
        svg: As `llmglossary.diagrams` makes it; changed to what is set.
        language: Of the book.
    """
    width, height = (float(n) for n in svg.get("viewBox", "0 0 1 1").split()[2:])
    title, description = ((svg.findtext(name) or "").strip() for name in ("title", "desc"))
    paint(svg)
    svg.set("font-family", "Noto Sans TC" if language == "zh-Hant" else "Noto Sans SC")
    svg.set("xmlns", "http://www.w3.org/2000/svg")
    svg.set("font-size", svg.get("font-size", "15"))
    # The typesetter has it as alternative text.
    for name in ("title", "desc"):
        for element in svg.findall(name):
            svg.remove(element)
    written = ET.tostring(svg, encoding="unicode").encode()
    return Drawing(written, width, height, title, description)


_SCALE = 0.64  # points for a unit: text of 15 units is 9.6 points high
_LEAST_SCALE = 0.43
_READABLE_SCALE = 0.5
_FLOATS_FROM = 0.3  # of the height of the page
_FLOATS_FROM_TITLE = 0.5


def place_drawing(
    name: str, drawing: Drawing, measure: Measure, caption: str, *, opens: bool = False
) -> str:
    """Return the markup that shows a drawing as large as is good, turned if that is better.

    Args:
        name: Of its file.
        drawing: What to show.
        measure: Of the page.
        caption: Markup; the drawing's title where empty.
        opens: Whether the drawing stands below the title of a chapter.
    """
    room = measure.height - 6 * measure.text  # for the caption
    upright = min(_SCALE, measure.width / drawing.width, room / drawing.height)
    # A tall drawing need not fill the page, as long as it is easy to read.
    upright = min(upright, max(_READABLE_SCALE, 0.55 * room / drawing.height))
    turned = min(_SCALE, room / drawing.width, measure.width / drawing.height)
    is_turned = upright < _LEAST_SCALE and turned > upright * 1.15
    scale = turned if is_turned else upright
    height = (drawing.width if is_turned else drawing.height) * scale
    # What follows on a title stays with it, and a drawing must not come before the title.
    floats = height > (_FLOATS_FROM_TITLE if opens else _FLOATS_FROM) * measure.height
    place = "none" if not floats else "bottom" if opens else "auto"
    alternative = ". ".join(t.rstrip(".。") for t in (drawing.title, drawing.description) if t)
    return (
        f"#diagram({string(name)}, {drawing.width * scale:.1f}pt, "
        f"{string(alternative)}, {str(is_turned).lower()}, "
        f"{place})[{caption or text(drawing.title)}]"
    )


def _runs(element: ET.Element, style: str) -> Iterator[tuple[str, str]]:
    """Yield the text of a listing in runs of one style."""
    if element.text:
        yield style, element.text
    for child in element:
        name = child.get("class") or ""
        known = "comment" if name.startswith("c") else _CODE_STYLES.get(name, "")
        known = known or ("literal" if name.startswith(("s", "m")) else "")
        yield from _runs(child, known or style)
        if child.tail:
            yield style, child.tail


def _side(cell: ET.Element) -> str:
    found = re.search(r"text-align:\s*(left|center|right)", cell.get("style") or "")
    return {"right": "right", "center": "center"}.get(found[1] if found else "", "left")


def _plain(element: ET.Element) -> str:
    """Return the visible text of an element; of a formula, its signs."""
    if element.tag == "annotation":
        return ""
    parts = [element.text or ""]
    for child in element:
        parts += [_plain(child), child.tail or ""]
    return "".join(parts)


def _pieces(content: str) -> list[str]:
    """Return the parts of a text between which a line may end."""
    return [
        piece
        for word in re.split(r"[\s/–—-]+", content)
        for piece in re.split(f"({_CJK.pattern})", word)
        if piece
    ]


def _extent(content: str) -> float:
    """Return about how many times its size in points a text is wide."""
    return sum(1.0 if unicodedata.east_asian_width(c) in "WF" else 0.53 for c in content)
