"""TeX -> MathML, at build time: a page needs no formula script and no web font.

Browsers and screen readers read MathML natively, so it carries no `aria-label`, which would
replace a formula that can be explored by a string of TeX read letter by letter. The TeX is kept
as an annotation, which is neither shown nor read, for tools that copy or convert formulas.
"""

from __future__ import annotations

import html
import re

from math_core import LatexError, LatexToMathML


class FormulaError(Exception):
    """A formula that cannot be set.

    Attributes:
        message: What is wrong, in one line.
        column: Where in the TeX, in characters counted from 1.
    """

    def __init__(self, message: str, column: int = 1) -> None:
        super().__init__(message)
        self.message = message
        self.column = column


# What converts without a complaint and then is not what its author meant.
_TRAPS = (
    (r"(?<!\\)(?:\\\\)*(%)", r"`%` starts a comment in TeX: write `\%`"),
    (r"\\(?:text|f)?color(?:box)?\b", "colours would not follow the dark scheme: leave them out"),
    (r"\\(?:boxed|[bx]?cancel|href|url)\b", "this command has no effect in MathML: leave it out"),
    (
        r"\\begin\{(?:align|alignat|equation|gather|multline)\*?\}",
        "equations are not numbered here: use `aligned` or `gathered`",
    ),
)


# What math-core writes as style attributes, which the site's security policy forbids, and the
# classes of docs/assets/formulas.css that stand for it.
_CLASSES = {
    "text-align: left": "left",
    "text-align: right": "right",
    "justify-items: start": "",  # goes with text-align
    "justify-items: end": "",
    "padding-left: 0": "close-left",
    "padding-right: 0": "close-right",
    "padding-top: 0": "close-top",
    "padding-bottom: 0": "close-bottom",
    "padding-left:1em": "apart",
    "border-top: 0.05em solid currentcolor": "line-top",
    "border-top: 0.05em dashed currentcolor": "dashes-top",
    "border-left: 0.05em solid currentcolor": "line-left",
    "border-left: 0.05em dashed currentcolor": "dashes-left",
    "border-right: 0.05em solid currentcolor": "line-right",
    "border-right: 0.05em dashed currentcolor": "dashes-right",
    "margin-left:-0.16666667em": "back-3",  # of 18 to the em, as TeX counts
    "margin-left:-0.22222222em": "back-4",
    "margin-left:-0.2777778em": "back-5",
    "padding-top: 0.1667em": "below",
    "font-variant-caps: small-caps": "small-caps",
}


def render(tex: str, display: bool = False) -> str:  # noqa: FBT001, FBT002
    """Set a formula.

    Args:
        tex: TeX without its dollar signs.
        display: Whether it stands on a line of its own, rather than in the text.

    Returns:
        A ``<math>`` element; in a frame that scrolls where it is too wide if `display`.

    Raises:
        FormulaError: The TeX is malformed, or uses what MathML in browsers does not do.
    """
    if not tex.strip():
        raise FormulaError("the formula is empty")
    for pattern, message in _TRAPS:
        trap = re.search(pattern, tex)
        if trap:
            raise FormulaError(message, trap.start(trap.lastindex or 0) + 1)
    _refuse_loose_breaks(tex)
    try:
        mathml = LatexToMathML(fancy_error=False, annotation=True).convert_with_local_state(
            tex, displaystyle=display
        )
    except LatexError as error:
        raise _located(str(error)) from None
    # Entities such as `&ApplyFunction;` are HTML's alone, and pages also become XML.
    mathml = re.sub(r' style="([^"]*)"', _classes, mathml)
    mathml = re.sub(r"&(?!(?:amp|lt|gt|quot);)\w+;", lambda name: html.unescape(name[0]), mathml)
    # What scrolls must be reachable by keyboard.
    return f'<div class="formula-scroll" tabindex="0">{mathml}</div>' if display else mathml


def _classes(style: re.Match[str]) -> str:
    """Return a style attribute as classes."""
    declarations = [part for part in style[1].split(";") if part]
    unknown = [part for part in declarations if part not in _CLASSES]
    if unknown:
        raise FormulaError(
            f"a command here needs the style `{unknown[0]}`, which pages may not set on elements: "
            "write the formula another way"
        )
    names = " ".join(filter(None, map(_CLASSES.__getitem__, declarations)))
    return f' class="{names}"'


def _refuse_loose_breaks(tex: str) -> None:
    r"""Refuse ``\\`` outside an environment, which would be dropped."""
    depth = 0
    for token in re.finditer(r"\\begin\b|\\end\b|\\\\|\\.", tex):
        if token[0] == r"\begin":
            depth += 1
        elif token[0] == r"\end":
            depth -= 1
        elif token[0] == r"\\" and depth == 0:
            raise FormulaError(
                r"`\\` breaks lines only within an environment: use `\begin{aligned}`",
                token.start() + 1,
            )


def _located(said: str) -> FormulaError:
    r"""Return math-core's complaint, such as ``4: Unknown command "\\foo".``, as ours."""
    offset, _, message = said.partition(": ")
    message = message.rstrip(".")
    if "table-like environment" in message:
        message += r"; for the character write `\&`"
    elif message.startswith("Unknown command"):
        message += r"; for a name of several letters write `\operatorname{…}`"
    elif "closing token" in message or message.startswith("Unmatched"):
        message += r"; braces, `\left`/`\right` and `\begin`/`\end` come in pairs"
    return FormulaError(message, int(offset) + 1 if offset.isdigit() else 1)
