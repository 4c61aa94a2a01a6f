"""Mermaid source -> inline SVG, at build time.

The renderer is `merman`, a native port of Mermaid. Its output carries its own style sheet,
colours and a dozen unused markers; what leaves this module is bare geometry with a few class
names, which ``docs/assets/diagrams.css`` paints for both colour schemes and for print.

The site's Mermaid plugin re-parses every page on which it finds its own name. So nothing made
here holds that name; only `fallback` does, on purpose.
"""

from __future__ import annotations

import atexit
import contextlib
import hashlib
import html
import json
import math
import os
import re
import tempfile
import threading
import unicodedata
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from functools import cache as memoize
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

# From the first word of a source to the class its drawing gets.
KINDS = {
    "flowchart": "flowchart",
    "graph": "flowchart",
    "sequenceDiagram": "sequence",
    "stateDiagram-v2": "state",
    "stateDiagram": "state",
    "classDiagram": "classes",
    "erDiagram": "er",
    "pie": "pie",
    "xychart-beta": "xychart",
    "xychart": "xychart",
    "quadrantChart": "quadrants",
    "timeline": "timeline",
}
# What a node stands for; written `:::data` and coloured by the style sheet.
ROLES = frozenset({"data", "model", "loss", "human", "frozen", "output"})

_FORMAT = 2  # raise it when the output changes, so that cached drawings are made anew
_FONT_SIZE = 15
_LINE_EM = 1.3
# At this share of its natural size the smallest text (14px) is 11px high; below, it scrolls.
_SMALLEST_SCALE = 0.8
_WIDTH_STEP, _WIDEST = 20, 1000  # as the classes .min-… of docs/assets/diagrams.css
_ID = "\ue000"  # stands for the caller's id in what is cached; private use, so in no label
_MAX_SLICES = 12

_CONFIG = {
    "htmlLabels": False,
    "layout": "dagre",
    "look": "classic",
    "theme": "base",
    "fontSize": _FONT_SIZE,
    "themeVariables": {
        "fontSize": f"{_FONT_SIZE}px",
        # Colours that only serve to tell the slices of a pie apart afterwards.
        **{f"pie{n}": f"#0000{n:02x}" for n in range(1, _MAX_SLICES + 1)},
    },
    "flowchart": {
        "htmlLabels": False,
        "curve": "basis",
        "minNodeWidth": 0,
        "padding": 12,
        "nodeSpacing": 36,
        "rankSpacing": 42,
        "wrappingWidth": 210,
        "subGraphTitleMargin": {"top": 4, "bottom": 8},
    },
    "state": {"minNodeWidth": 0},
    "sequence": {
        "actorFontSize": _FONT_SIZE,
        "messageFontSize": _FONT_SIZE,
        "noteFontSize": _FONT_SIZE,
        "height": 64,
        "bottomMarginAdj": 12,
        "labelBoxWidth": 60,
        "mirrorActors": False,
    },
    "er": {"fontSize": _FONT_SIZE},
    "class": {"hideEmptyMembersBox": True},
    "xyChart": {"width": 640, "height": 400},
}


class DiagramError(Exception):
    """A source that cannot be drawn.

    Attributes:
        message: What is wrong, in one line.
        line: Where in the source, counted from 1.
    """

    def __init__(self, message: str, line: int = 1) -> None:
        super().__init__(message)
        self.message = message
        self.line = line


@memoize
def _merman() -> Any:  # noqa: ANN401 - merman is untyped
    """Return the renderer, if there is one; loading it takes long, and drawings are kept."""
    try:
        import merman  # noqa: PLC0415
    except (ImportError, OSError):  # no wheel for this platform, or one that does not load
        return None
    return merman


def available() -> bool:
    """Tell whether diagrams can be drawn here; if not, use `fallback`."""
    return _merman() is not None


def render(source: str, *, id: str, cache: Path | None = None) -> str:  # noqa: A002
    """Draw a diagram.

    Args:
        source: Mermaid, of one of `KINDS`.
        id: Unique on the page; starts every id inside the drawing.
        cache: A folder below which drawings are kept, in ``diagrams/``.

    Returns:
        HTML: a scrollable ``<div class="diagram">`` around an ``<svg>``.

    Raises:
        DiagramError: The source is malformed, of another kind, sets colours itself or uses a
            class other than `ROLES`.
    """
    if cache is None:
        drawing = _draw(source)
    else:
        key = hashlib.sha256(
            json.dumps([_FORMAT, _renderer(), _CONFIG, source]).encode()
        ).hexdigest()
        file = cache / "diagrams" / f"{key}.svg"
        drawing = _read(file) or ""
        if not drawing:
            drawing = _draw(source)
            _write(file, drawing)
    return drawing.replace(_ID, html.escape(id))


@memoize
def _renderer() -> str:
    """Return the version of merman; reading it from the package takes milliseconds."""
    try:
        return version("merman")
    except PackageNotFoundError:
        return ""


def fallback(source: str) -> str:
    """Return the element that the Mermaid plugin's script draws in the browser.

    Args:
        source: Any Mermaid.

    Returns:
        HTML; its one line is what the script looks for.
    """
    return f'<div class="mermaid">{html.escape(source)}</div>'


def accessibility(source: str) -> tuple[str | None, str | None]:
    """Return the ``accTitle`` and ``accDescr`` of a source, each `None` where missing or empty."""
    title = re.search(r"^[ \t]*accTitle[ \t]*:[ \t]*(\S.*?)[ \t]*$", source, re.MULTILINE)
    line = re.search(r"^[ \t]*accDescr[ \t]*:[ \t]*(\S.*?)[ \t]*$", source, re.MULTILINE)
    block = re.search(r"^[ \t]*accDescr[ \t]*\{([^}]*)\}", source, re.MULTILINE)
    description = line[1] if line else " ".join(block[1].split()) if block else None
    return title[1] if title else None, description or None


# --- the cache ------------------------------------------------------------------------------


def _read(file: Path) -> str | None:
    """Return a kept drawing, unless it is missing or not what was written."""
    try:
        digest, _, drawing = file.read_text("utf-8").partition("\n")
    except (OSError, UnicodeDecodeError):
        return None
    return drawing if digest == _digest(drawing) else None


def _write(file: Path, drawing: str) -> None:
    # A cache that cannot be written costs time, not the build.
    with contextlib.suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=file.parent)
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as stream:
                stream.write(f"{_digest(drawing)}\n{drawing}")
            Path(name).replace(file)
        finally:
            Path(name).unlink(missing_ok=True)


def _digest(drawing: str) -> str:
    return f"<!-- {hashlib.sha256(drawing.encode()).hexdigest()} -->"


# --- the source -----------------------------------------------------------------------------

_DIRECTIVE = re.compile(r"\s*(?:(?:classDef|style|linkStyle)\s|%%\{|(rect)\s)")
_CLASSED = re.compile(r":::(\w+(?:-\w+)*)|^\s*class\s+[\w,\s-]+?\s([\w-]+)\s*;?\s*$")


_HTML = re.compile(r"</?(?:a|b|code|div|em|font|i|img|p|script|small|span|strong|su[bp]|u)\b[^>]*>")


def _check(source: str) -> str:
    """Return the kind of a source after looking for what this site does not allow."""
    kind = ""
    for number, line in enumerate(source.splitlines(), 1):
        if not line.strip() or re.match(r"\s*%%(?!\{)", line):
            continue
        complaint = _complaint(line, kind)
        if complaint:
            raise DiagramError(complaint, number)
        kind = kind or KINDS[_first_word(line)]
    if not kind:
        raise DiagramError("the diagram is empty")
    return kind


def _complaint(line: str, kind: str) -> str:
    """Return what is not allowed on a line, or an empty text; without `kind`, it is the first."""
    directive = _DIRECTIVE.match(line)
    tag = _HTML.search(line)
    matter = not kind and line.strip() == "---"
    if matter or (directive and (not directive[1] or kind == "sequence")):
        return (
            f"`{line.strip()[:40]}` sets colours or options, which would not follow the dark "
            f"scheme; mark nodes with a class instead: {_roles()}."
        )
    if not kind and _first_word(line) not in KINDS:
        return (
            f"`{_first_word(line)}` is not a kind drawn here; these are: {', '.join(KINDS)}. "
            "Mark the fence `client` to have it drawn in the reader's browser."
        )
    if "$$" in line or re.search(r"@\{[^}]*\b(?:icon|img)\s*:", line):
        return "formulas, icons and pictures cannot be drawn in a diagram: use plain text, as π_θ"
    if tag:
        return f"`{tag[0]}` would be drawn as it stands: of HTML, labels take only `<br/>`."
    if kind in ("flowchart", "state"):
        unknown = {a or b for a, b in _CLASSED.findall(line)} - ROLES
        if unknown:
            return f"the class `{min(unknown)}` is not known; the classes are: {_roles()}."
    return ""


def _first_word(line: str) -> str:
    return re.split(r"[\s;:]", line.strip(), maxsplit=1)[0]


def _roles() -> str:
    return ", ".join(f"`:::{role}`" for role in sorted(ROLES))


# --- measuring and drawing ------------------------------------------------------------------

# Advance widths in em, a little above those of Arial: system fonts differ, and a label that is
# too narrow for its box is harmless while one that is too wide is not.
_NARROW = frozenset("fijlrtI .,:;'|!()[]{}/\\-`")
_BROAD = frozenset("mwMW@%")


@memoize
def _advance(character: str) -> float:
    if unicodedata.east_asian_width(character) in "WFA":
        return 1.0
    if unicodedata.combining(character):
        return 0.0
    if character in _NARROW:
        return 0.33
    if character in _BROAD:
        return 0.9
    return 0.7 if character.isupper() else 0.58


def _width(text: str) -> float:
    return max(sum(map(_advance, line)) for line in text.split("\n"))


@memoize
def _measurer() -> Any:  # noqa: ANN401
    """Return what tells merman how wide text will be; its own guess is too narrow for Latin."""
    merman = _merman()
    operation = merman.MermanTextMeasurementOperation
    kind = merman.MermanTextMeasurementResultKind
    lengths = {
        operation.COMPUTED_LENGTH,
        operation.SIMPLE_B_BOX_WIDTH,
        operation.RAW_B_BOX_WIDTH,
        operation.TSPAN_B_BOX_WIDTH,
        operation.WRAP_PROBE_B_BOX_WIDTH,
        operation.BOUNDING_CLIENT_RECT_WIDTH,
        operation.CANVAS_MEASURE_TEXT_WIDTH,
    }
    metrics = {
        operation.MEASURE,
        operation.WRAPPED,
        operation.MERMAID_CALCULATE_TEXT_DIMENSIONS,
    }

    class Measurer(merman.MermanTextMeasurer):  # type: ignore[misc, name-defined]
        def measure(self, request: Any) -> Any:  # noqa: ANN401
            width = _width(request.text) * request.font_size
            lines = request.text.count("\n") + 1
            fits = request.max_width is None or width <= request.max_width
            if request.operation not in lengths and not (request.operation in metrics and fits):
                return None  # merman's own answer will do
            length = request.operation in lengths
            return merman.MermanTextMeasureResult(
                result_kind=kind.LENGTH if length else kind.METRICS,
                width=0 if length else width,
                height=0 if length else lines * _LINE_EM * request.font_size,
                length=width if length else 0,
                line_count=0 if length else lines,
                bbox_left=None,
                bbox_right=None,
                raw_width=None,
            )

    return Measurer()


# An engine with a measurer works only in the thread that made it.
_engines = threading.local()
# Later its library may be gone before it.
atexit.register(vars(_engines).clear)


def _engine() -> Any:  # noqa: ANN401
    if not hasattr(_engines, "engine"):
        merman = _merman()
        _engines.engine = merman.MermanEngine(
            options_json=json.dumps({"site_config": _CONFIG, "svg": {"diagram_id": "d"}}),
            services=merman.MermanEngineServices().with_text_measurer(_measurer()),
        )
    return _engines.engine


def _draw(source: str) -> str:
    merman = _merman()
    if merman is None:
        raise DiagramError("merman, which draws diagrams, has no wheel for this platform")
    kind = _check(source)
    engine = _engine()
    try:
        svg = engine.render_svg(source, "{}")
    except merman.MermanError as error:
        raise _located(engine, source, str(getattr(error, "message", error))) from None
    if "foreignObject" in svg:
        raise DiagramError("this diagram needs HTML inside the drawing: use plain text and shapes")
    root = ET.fromstring(svg)  # noqa: S314 - made by our own renderer
    return _Cleaner(root, kind, accessibility(source)).html()


def _quoting(message: str, source: str) -> str:
    """Return merman's message with the characters themselves in place of their offset."""
    found = re.fullmatch(r"Unexpected character at (\d+)", message)
    rest = source.encode()[int(found[1]) :].decode(errors="ignore") if found else ""
    return f"Unexpected characters `{rest.splitlines()[0][:20]}`" if rest.strip() else message


def _located(engine: Any, source: str, message: str) -> DiagramError:  # noqa: ANN401
    """Return the error with its line, found by leaving lines out where merman does not know."""
    message = re.sub(r"^Diagram parse error \([^)]*\): ", "", message)
    message = _quoting(message, source)
    problems = [
        item
        for item in json.loads(engine.analyze_json(source, None))["diagnostics"]
        if item["severity"] == "error"
    ]
    lines = source.splitlines(keepends=True)
    for problem in problems:
        guessed = any("fallback location" in note["message"] for note in problem["related"])
        if problem.get("span") and not guessed:
            said = _quoting(problem["message"], source)
            return DiagramError(said, min(problem["span"]["line"], len(lines)))
    for number in range(1, len(lines)):
        rest = "".join([*lines[:number], "\n", *lines[number + 1 :]])
        if json.loads(engine.analyze_json(rest, None))["valid"]:
            return DiagramError(message, number + 1)
    return DiagramError(message)


# --- cleaning the drawing -------------------------------------------------------------------

_SVG = "{http://www.w3.org/2000/svg}"
_HREF = "{http://www.w3.org/1999/xlink}href"
_DECIMAL = r"-?(?:\d+\.?\d*|\.\d+)(?:e-?\d+)?"
_DROPPED = {"style", "filter", "linearGradient", "symbol", "marker", "title", "desc"}
_SHAPES = {"rect", "circle", "ellipse", "polygon", "path"}
_KEPT = {
    *("x", "y", "x1", "y1", "x2", "y2", "cx", "cy", "r", "rx", "ry", "width", "height"),
    *("d", "points", "transform", "dx", "dy", "text-anchor", "dominant-baseline"),
    *("viewBox", "refX", "refY", "markerWidth", "markerHeight", "markerUnits", "orient"),
}
_RADII = {"shape": "4", "cluster": "8", "actor": "6", "note": "4", "labelBox": "4"}
# Class names that the style sheet knows; all others go.
_CLASSES = {
    *ROLES,
    *("node", "cluster", "edgeLabel", "edgeTerminals", "divider"),
    *("actor", "actor-line", "actor-man", "activation0", "activation1", "activation2"),
    *("messageText", "messageLine1", "note", "noteText", "labelBox", "labelText"),
    *("loopText", "loopLine", "sectionTitle", "sequenceNumber", "rect"),
    *("outer", "inner", "title", "state-start", "label-group"),
    *("pieOuterCircle", "pieCircle", "pieTitleText", "slice", "legend"),
    *("plot", "ticks", "axis-line", "axisl-line", "chart-title"),
    *("quadrant", "border", "data-point", "lineWrapper", "node-bkg"),
}
_RENAMED = {
    "edge-thickness-thick": "thick",
    "edge-thickness-invisible": "invisible",
    "edge-pattern-dotted": "dashed",
    "edge-pattern-dashed": "dashed",
    "note-edge": "dashed",
    "statediagram-cluster": "cluster",
    "statediagram-note": "note",
}
_SERIES = re.compile(r"(?:(?:bar|line)-plot|section)-(-?\d+)")
_PIE = re.compile(r"#0000([0-9a-f]{2})|rgb\(0, 0, (\d+)\)")


def _smallest(width: int) -> str:
    """Return the class that keeps a drawing of `width` from getting illegibly small.

    A class, since the site's security policy forbids style attributes; so widths come in steps.
    """
    width = math.floor(width * _SMALLEST_SCALE / _WIDTH_STEP) * _WIDTH_STEP
    return f"min-{min(width, _WIDEST)}"


class _Cleaner:
    """Turns merman's SVG into what a page holds. Used once."""

    def __init__(self, root: ET.Element, kind: str, names: tuple[str | None, str | None]) -> None:
        self._root = root
        self._kind = kind
        self._names = names
        self._markers = {e.get("id", ""): e for e in root.iter(f"{_SVG}marker")}
        self._used: dict[str, str] = {}
        self._linked = False

    def html(self) -> str:
        """Return the drawing in its scrollable frame."""
        width, height = (math.ceil(float(n)) for n in self._root.get("viewBox", "").split()[2:])
        svg = ET.Element(
            "svg",
            {
                "xmlns": _SVG[1:-1],
                "class": f"{self._kind} {_smallest(width)}",
                "viewBox": _round(self._root.get("viewBox", "")),
                "width": str(width),
                "height": str(height),
            },
        )
        box = ET.Element("div", {"class": "diagram", "tabindex": "0"})
        box.append(svg)
        for name, tag, attribute in zip(
            self._names, ("title", "desc"), ("aria-labelledby", "aria-describedby"), strict=True
        ):
            if name:
                ET.SubElement(svg, tag, {"id": f"{_ID}-{tag}"}).text = name
                svg.set(attribute, f"{_ID}-{tag}")
        if self._names[0]:
            # What scrolls must be reachable by keyboard and have a name.
            box.set("role", "group")
            box.set("aria-labelledby", f"{_ID}-title")
        drawn = [part for child in self._root for part in self._clean(child, frozenset())]
        if self._used:
            markers = ET.SubElement(svg, "defs")
            markers.extend(self._marker(old, new) for old, new in self._used.items())
        svg.extend(drawn)
        # What is inside an image is hidden from assistive technology; links must not be.
        svg.set("role", "group" if self._linked else "img")
        return ET.tostring(box, encoding="unicode")

    def _clean(self, old: ET.Element, inside: frozenset[str]) -> Iterator[ET.Element]:
        """Yield what remains of an element: itself, its children, or nothing.

        Args:
            old: An element of merman's.
            inside: The class names of what surrounds it.
        """
        tag = old.tag.removeprefix(_SVG)
        if tag in _DROPPED or (tag == "rect" and _is_blank(old, inside)):
            return
        if tag == "text":
            if "".join(old.itertext()).strip():
                yield self._text(old, inside)
            return
        new = ET.Element(tag, self._attributes(old, inside))
        if tag == "a":
            self._link(old, new)
        inside |= frozenset(_words(old))
        outline = old[1] if _is_rough(old) else None
        for child in old:
            if child is not outline:
                new.extend(self._clean(child, inside))
        if outline is not None and len(new):
            _merge(new[0], old[0], outline)
        if tag == "g":
            self._place_labels(old, new)
        if tag not in ("g", "defs") or (tag == "g" and len(new) and new.attrib):
            yield new
        else:
            yield from new

    def _place_labels(self, old: ET.Element, new: ET.Element) -> None:
        before, after = _words(old), _words(new)
        if "edgeLabel" in after:
            _centre_edge_label(new)
        elif "cluster" in after:
            _place_cluster_label(new)
        elif self._kind == "state" and "node" in after:
            for label in new.iterfind("g"):
                _centre_label(label)
        elif {"label-group", "annotation-group"} & {*before} or (
            self._kind == "er" and before in (["label"], ["label", "name"])
        ):
            _centre_label(new)

    def _attributes(self, old: ET.Element, inside: frozenset[str]) -> dict[str, str]:
        new = {k: _round(v) for k, v in old.attrib.items() if k in _KEPT and v}
        if re.fullmatch(r"(translate\(0, ?0\)|rotate\(0\))", new.get("transform", "")):
            del new["transform"]
        if "transform" in new:
            new["transform"] = new["transform"].replace(" rotate(0)", "")
        if "d" in new and "stroke-dasharray" in old.attrib:  # drawn by rough.js
            new["d"] = _simplify(old.get("d", ""))
        for end in ("marker-start", "marker-end"):
            if end in old.attrib:
                new[end] = f"url(#{self._use(old.attrib[end][5:-1])})"
        if "text-anchor: middle" in old.get("style", ""):
            new["text-anchor"] = "middle"
        classes = list(dict.fromkeys(self._classes(old, inside)))
        if classes:
            new["class"] = " ".join(classes)
        if old.tag == f"{_SVG}rect":
            around = {*classes, *inside}
            radius = next((r for name, r in _RADII.items() if name in around), None)
            if radius and float(new.get("rx", 0)) < float(radius):
                new["rx"] = radius
        return new

    def _classes(self, old: ET.Element, inside: frozenset[str]) -> Iterator[str]:
        for name in _words(old):
            series = _SERIES.fullmatch(name)
            if series:
                yield f"s{(int(series[1]) + (1 if name.startswith('section') else 0)) % 8 + 1}"
            elif name in _RENAMED:
                yield _RENAMED[name]
            elif name in _CLASSES:
                yield name
        if "stroke-dasharray: 3" in old.get("style", ""):
            yield "dashed"
        slice_ = self._kind == "pie" and _PIE.search(old.get("fill", "") + old.get("style", ""))
        if slice_:
            number = int(slice_[1], 16) if slice_[1] else int(slice_[2])
            yield f"s{(number - 1) % 8 + 1}"
        tag = old.tag.removeprefix(_SVG)
        if (
            tag in _SHAPES
            and "node" in inside
            and not {"background", "state-start"} & {*_words(old)}
        ):
            yield "divider" if "divider" in inside else "shape"

    def _link(self, old: ET.Element, new: ET.Element) -> None:
        address = old.get(_HREF) or old.get("href") or ""
        if address:
            new.set("href", address)
            self._linked = True
        else:
            new.tag = "g"  # merman takes the address from a link that would run a script

    def _use(self, marker: str) -> str:
        return self._used.setdefault(marker, f"{_ID}-m{len(self._used) + 1}")

    def _marker(self, old: str, new: str) -> ET.Element:
        nothing: frozenset[str] = frozenset()
        source = self._markers[old]
        marker = ET.Element("marker", self._attributes(source, nothing) | {"id": new})
        for child in source:
            tag = child.tag.removeprefix(_SVG)
            part = ET.SubElement(marker, tag, self._attributes(child, nothing))
            if re.search(r"aggregation|extension|lollipop", old) or child.get("fill") == "white":
                part.set("class", "hollow")
            elif re.search(r"cross|stick|_er-", old):
                part.set("class", "stroked")
        return marker

    def _text(self, old: ET.Element, inside: frozenset[str]) -> ET.Element:
        new = ET.Element("text", self._attributes(old, inside))
        rows = list(old)
        if not rows:
            new.text = _plain(old.text)
        elif "row" not in _words(rows[0]):
            for row in rows:
                part = ET.SubElement(new, "tspan", self._attributes(row, inside))
                part.text = _plain("".join(row.itertext()))
        else:
            new.attrib.pop("y", None)
            for number, row in enumerate(rows):
                place = {"y": f"{_short(1 + number * _LINE_EM)}em"}
                if len(rows) == 1:
                    new.attrib |= place
                    _copy_runs(row, new)
                else:
                    _copy_runs(row, ET.SubElement(new, "tspan", {"x": "0", **place}))
        return new


def _words(element: ET.Element) -> list[str]:
    return (element.get("class") or "").split()


def _is_blank(rect: ET.Element, inside: frozenset[str]) -> bool:
    """Tell whether a rectangle shows nothing once the page itself is the background."""
    background = "background" in _words(rect) and "edgeLabel" not in inside
    return not rect.get("width") or background or "note-cluster" in inside


def _short(number: float) -> str:
    text = f"{number:.1f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _round(value: str) -> str:
    """Return an attribute with its numbers rounded, unless they have units."""
    return value if value.endswith(("em", "%")) else re.sub(_DECIMAL, _rounded, value)


def _rounded(match: re.Match[str]) -> str:
    return _short(float(match[0]))


def _plain(text: str | None) -> str:
    # Mermaid writes `"` as `#quot;`, which merman leaves as an entity within the text.
    return html.unescape(text or "")


def _copy_runs(row: ET.Element, target: ET.Element) -> None:
    """Copy the words of a row: plain ones as text, others in a ``tspan`` each."""
    for run in row:
        text = _plain(run.text)
        style = {
            name: value
            for name in ("font-weight", "font-style")
            if (value := run.get(name, "")) not in ("", "normal")
        }
        if style:
            ET.SubElement(target, "tspan", style).text = text
        elif len(target):
            target[-1].tail = (target[-1].tail or "") + text
        else:
            target.text = (target.text or "") + text


# --- placing labels -------------------------------------------------------------------------

_TRANSLATE = re.compile(rf"translate\(({_DECIMAL})(?:[, ]+({_DECIMAL}))?\)")


def _centre_edge_label(label: ET.Element) -> None:
    """Put the background and the text of an edge's label on the edge: merman is off by some."""
    background, text = label.find(".//rect"), label.find(".//text")
    label[:] = []
    if text is None:
        return
    rows = max(1, len(text))
    if background is not None:
        width, height = float(background.get("width", 0)) + 4, rows * _LINE_EM * _FONT_SIZE
        label.append(
            ET.Element(
                "rect",
                {
                    "x": _short(-width / 2),
                    "y": _short(-height / 2),
                    "width": _short(width),
                    "height": _short(height),
                    "rx": "4",
                },
            )
        )
    text.set("transform", f"translate(0,{_short(-rows * _LINE_EM * _FONT_SIZE / 2)})")
    text.set("text-anchor", "middle")
    label.append(text)


def _place_cluster_label(cluster: ET.Element) -> None:
    """Move a cluster's label to its corner, where no edge comes in."""
    box, label = cluster.find("rect"), cluster.find("g")
    if box is not None and label is not None:
        x, y = float(box.get("x", 0)), float(box.get("y", 0))
        label.set("transform", f"translate({_short(x + 12)},{_short(y + 4)})")


def _centre_label(label: ET.Element) -> None:
    """Anchor a label in the middle of its box, so that a font of another width stays centred."""
    for group in label.iter("g"):
        place = _TRANSLATE.match(group.get("transform", ""))
        if place:
            group.set("transform", f"translate(0,{place[2] or 0})")
    for text in label.iter("text"):
        text.set("text-anchor", "middle")


# --- shapes drawn by rough.js ---------------------------------------------------------------

_Point = tuple[float, float]


def _is_rough(group: ET.Element) -> bool:
    """Tell whether a group starts with a shape's fill and, apart, its doubled outline."""
    return len(group) > 1 and group[0].get("stroke") == "none" and group[1].get("fill") == "none"


def _merge(shape: ET.Element, fill: ET.Element, outline: ET.Element) -> None:
    """Let the fill stand for both."""
    shape.set("d", _simplify(fill.get("d", "")) + "Z")
    if fill.get("fill") == outline.get("stroke"):
        shape.set("class", "solid")  # a fork, a join, the core of the final state


def _simplify(path: str) -> str:
    """Return a path of absolute M, L and C with straight curves as lines and no doubled parts."""
    parts: list[str] = []
    points: list[_Point] = []

    def flush() -> None:
        if len(points) > 1:
            kept = _reduce(points)
            text = "M" + "L".join(f"{_short(x)},{_short(y)}" for x, y in kept)
            if text not in parts:
                parts.append(text)
        points.clear()

    for command, numbers in re.findall(r"([MLC])([^MLC]*)", path):
        values = [float(n) for n in re.findall(_DECIMAL, numbers)]
        pairs = list(zip(values[::2], values[1::2], strict=True))
        if command == "M":
            flush()
            points.extend(pairs)
        elif command == "L":
            points.extend(pairs)
        else:
            points.extend(_flatten(points[-1], *pairs))
    flush()
    return _join(parts)


def _join(parts: list[str]) -> str:
    """Return subpaths as one path, without a move to where the pen is already."""
    path = ""
    for part in parts:
        start, _, rest = part[1:].partition("L")
        path += f"L{rest}" if path.endswith(f"L{start}") else part
    return path


def _flatten(a: _Point, b: _Point, c: _Point, d: _Point) -> list[_Point]:
    """Return points on a Bézier curve; only its end where it is straight or short."""
    if max(_distance(b, a, d), _distance(c, a, d)) < _TOLERANCE:
        return [d]
    steps = (n / _STEPS for n in range(1, _STEPS + 1))
    return [
        (
            (1 - t) ** 3 * a[0]
            + 3 * (1 - t) ** 2 * t * b[0]
            + 3 * (1 - t) * t * t * c[0]
            + t**3 * d[0],
            (1 - t) ** 3 * a[1]
            + 3 * (1 - t) ** 2 * t * b[1]
            + 3 * (1 - t) * t * t * c[1]
            + t**3 * d[1],
        )
        for t in steps
    ]


_TOLERANCE = 0.1  # of a pixel: not to be seen
_STEPS = 8


def _distance(p: _Point, a: _Point, b: _Point) -> float:
    """Return how far `p` lies from the segment `a`-`b`."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    length = dx * dx + dy * dy
    t = max(0.0, min(1.0, ((p[0] - a[0]) * dx + (p[1] - a[1]) * dy) / length)) if length else 0.0
    return math.hypot(p[0] - a[0] - t * dx, p[1] - a[1] - t * dy)


def _reduce(points: list[_Point]) -> list[_Point]:
    """Return the points that matter to a line (Ramer-Douglas-Peucker)."""
    if len(points) < 3:  # noqa: PLR2004 - a line has two ends
        return points
    far = max(range(1, len(points) - 1), key=lambda i: _distance(points[i], points[0], points[-1]))
    if _distance(points[far], points[0], points[-1]) < _TOLERANCE:
        return [points[0], points[-1]]
    return _reduce(points[: far + 1])[:-1] + _reduce(points[far:])
