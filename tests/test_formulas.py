"""Formulas: what a glossary of this field writes converts, and what is wrong is said."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest

from conftest import PROJECT
from llmglossary import formulas
from llmglossary.formulas import FormulaError, render

FORMULAS = r"""
\mathrm{softmax}(z)_i = \frac{e^{z_i / T}}{\sum_{j=1}^{V} e^{z_j / T}}
\operatorname{Attention}(Q, K, V) = \operatorname{softmax}\!\left(\frac{QK^\top}{\sqrt{d}}\right) V
D_{\mathrm{KL}}(P \,\|\, Q) = \sum_x P(x) \log \frac{P(x)}{Q(x)}
\min\bigl(r\hat A_t,\ \operatorname{clip}(r_t(\theta), 1-\varepsilon, 1+\varepsilon)\hat A_t\bigr)
\hat{\mathbb{E}}_t\!\left[ r_t(\theta)\hat A_t \right]
-\mathbb{E}_{(x, y_w, y_l) \sim \mathcal{D}} \left[ \log \sigma \left( \beta \log r \right) \right]
\beta \log \frac{\pi_\theta(y_w \mid x)}{\pi_{\mathrm{ref}}(y_w \mid x)}
\hat A_i = \frac{r_i - \operatorname{mean}(\{r_1, \dots, r_G\})}{\operatorname{std}(\{r\})}
\operatorname{ReLU}(x) = \begin{cases} x & \text{若 } x > 0 \\ 0 & \text{否则} \end{cases}
\begin{aligned} a &= b + c \\ &= d \end{aligned}
\begin{gathered} a \\ b \end{gathered}
\begin{pmatrix} 1 & 0 \\ 0 & 1 \end{pmatrix} \begin{bmatrix} a \\ b \end{bmatrix}
\begin{array}{cc} a & b \\ c & d \end{array}
\begin{array}{l|r} a & b \\ \hline c & d \end{array}
\underbrace{W_0 x}_{\text{冻结}} + \underbrace{\frac{\alpha}{r} B A x}_{\text{训练}}
\overbrace{a + b}^{n}
\sum_{i=1}^{n} w_i x_i + b
\prod_{t=1}^{T} p(x_t \mid x_{<t})
\|w\|_2^2
\left\| x - \hat{x} \right\|_2
\left| \frac{a}{b} \right|
|\mathcal{V}|
\bigl( a + \Bigl( b \Bigr) \bigr)
\overline{x} + \bar{x} + \tilde{x} + \vec{x} + \dot{x}
\lfloor x \rfloor + \lceil y \rceil
A \odot B \otimes C \oplus D
\mathbf{W}_Q \mathbf{x}
\boldsymbol{\theta} \leftarrow \boldsymbol{\theta} - \eta \nabla_{\boldsymbol{\theta}} \mathcal{L}
r \ll \min(d, k)
\pi \approx 3.14 \neq 3 \leq 4 \geq 2 \equiv 1 \propto x
x \in \mathbb{R}^{d \times k}, \quad y \notin \emptyset
\arg\max_{y} \log p_\theta(y \mid x)
\operatorname*{arg\,max}_{\theta} J(\theta)
\max_{\pi_\theta} \mathbb{E}_{x \sim \mathcal{D},\, y \sim \pi_\theta(\cdot \mid x)} [r(x, y)]
PE_{(pos, 2i)} = \sin\left(\frac{pos}{10000^{2i/d}}\right)
\operatorname{LayerNorm}(x) = \frac{x - \mu}{\sqrt{\sigma^2 + \epsilon}} \odot \gamma + \beta
\mathrm{RMSNorm}(x) = \frac{x}{\sqrt{\frac{1}{d}\sum_{i=1}^d x_i^2 + \epsilon}} \cdot g
\mathrm{PPL} = \exp\left(-\frac{1}{N}\sum_{i=1}^N \log p(x_i \mid x_{<i})\right)
H(p, q) = -\sum_x p(x) \log q(x)
\cos\theta = \frac{u \cdot v}{\|u\| \, \|v\|}
\sqrt[3]{x} + \sqrt{2}
\frac{\partial L}{\partial w}
\int_0^\infty e^{-x^2}\, dx
\lim_{n \to \infty} \left(1 + \frac{1}{n}\right)^n
\binom{n}{k}
\text{损失} = \text{交叉熵} + \lambda \text{惩罚}
a \xrightarrow{\text{采样}} b
f \colon X \to Y, \; x \mapsto f(x)
x_{t+1} = x_t - \eta g_t'
2\,048 \times 10^{3} \approx 2\times10^{6}
50\%
\{x : x > 0\}
A^{\top} A^{-1} A^{*} A^\mathsf{T}
\hat{y} = \sigma(w^\top x + b)
\widehat{A}_t = \delta_t + \gamma\lambda \widehat{A}_{t+1}
L(N, D) = E + \frac{A}{N^{\alpha}} + \frac{B}{D^{\beta}}
\tfrac{1}{2} + \dfrac{1}{2}
p(y_w \succ y_l \mid x) = \sigma(r(x, y_w) - r(x, y_l))
\left.\frac{df}{dx}\right|_{x=0}
\underset{\theta}{\min} \overset{\text{def}}{=}
a \gets b \iff c \implies d \land e \lor \neg f \forall x \exists y
\ldots \cdots \vdots \ddots
\mathcal{O}(n^2 d), \mathfrak{g}, \mathscr{L}, \mathtt{code}, \mathsf{T}
\mathbb{1}[x > 0]
\mathbb{E}\bigl[\,X \bigm| Y\,\bigr]
\langle u, v \rangle
\textbf{粗体} \textit{it}
x\bmod n,\ x \pmod n
\operatorname{sg}[\cdot]
\frac{\pi_\theta(o_{i,t}\mid q, o_{i,<t})}{\pi_{\theta_{\text{old}}}(o_{i,t}\mid q, o_{i,<t})}
5\text{ GB} \approx 5 \times 10^9\ \mathrm{B}
""".strip().splitlines()


def parse(mathml: str) -> ET.Element:
    root = ET.fromstring(mathml)  # noqa: S314
    math = root if root.tag == "math" else root[0]
    assert math.tag == "math"
    return math


def shown(math: ET.Element) -> str:
    """Return the characters a reader sees, in order."""
    return "".join(math[0][0].itertext())


def test_there_are_enough() -> None:
    assert len(FORMULAS) >= 60


@pytest.mark.parametrize("tex", FORMULAS)
@pytest.mark.parametrize("display", [False, True])
def test_formulas_of_the_field_convert(tex: str, *, display: bool) -> None:
    math = parse(render(tex, display=display))
    assert math.get("display") == ("block" if display else None)
    assert not {e.tag for e in math.iter()} & {"merror", "mfenced", "menclose", "maction"}
    [annotation] = math.iter("annotation")
    assert annotation.text == tex
    assert annotation.get("encoding") == "application/x-tex"
    # Nothing may take the formula's place for a screen reader.
    assert not {"aria-label", "aria-hidden", "alttext"} & set(math.attrib)


@pytest.mark.parametrize(
    ("tex", "tags", "text"),
    [
        (r"\frac{a}{b}", ["mfrac", "mi", "mi"], "ab"),
        (r"\|w\|_2^2", ["mrow", "mo", "mi", "msubsup", "mo", "mn", "mn"], "‖w‖22"),
        (r"\operatorname{sg}", ["mrow", "mspace", "mi"], "sg"),
        (r"\text{中文 x}", ["mtext"], "中文\u00a0x"),
        (r"x_{<t}", ["msub", "mi", "mrow", "mo", "mi"], "x<t"),
        (r"\mathbb{E}_{x \sim D}", ["msub", "mi", "mrow", "mi", "mo", "mi"], "𝔼x∼D"),
        (r"\hat A", ["mover", "mi", "mo"], "Aˆ"),
        (r"\sqrt[3]{x}", ["mroot", "mi", "mn"], "x3"),
    ],
)
def test_structure(tex: str, tags: list[str], text: str) -> None:
    math = parse(render(tex))
    assert [e.tag for e in math[0][0].iter()] == tags
    assert shown(math) == text


def test_brackets_grow() -> None:
    mathml = render(r"\left( \frac{a}{b} \right) (c)")
    assert mathml.count('stretchy="false"') == 2


def test_rows_and_cells() -> None:
    math = parse(render(r"\begin{cases} x & y \\ 0 & 1 \end{cases}"))
    assert [len(list(row)) for row in math.iter("mtr")] == [2, 2]


def test_a_display_formula_scrolls_and_can_be_reached() -> None:
    assert render("x", display=True).startswith('<div class="formula-scroll" tabindex="0"><math ')
    assert render("x").startswith("<math>")


def test_text_is_escaped() -> None:
    assert "<script" not in render(r"\text{<script>} < \mathrm{<b>}")


@pytest.mark.parametrize(
    ("tex", "column", "message"),
    [
        ("", 1, "empty"),
        ("  ", 1, "empty"),
        (r"\frac{a}{b", 11, "come in pairs"),
        ("a}", 2, "come in pairs"),
        (r"\left( a", 9, r"\right"),
        (r"\begin{cases} a", 16, r"\end"),
        (r"a \end{cases}", 3, "come in pairs"),
        (r"\text{中文}\foo", 10, r"\operatorname"),
        (r"x + \sotfmax", 5, r'"\sotfmax"'),
        (r"\begin{foo}a\end{foo}", 7, '"foo"'),
        ("a & b", 3, r"`\&`"),
        ("x^", 3, "argument"),
        (r"\frac{a}", 9, "argument"),
        ("a_b_c", 4, "Duplicate"),
        ("$x$", 1, '"$"'),
        ("50% of x", 3, r"`\%`"),
        (r"a \\ b", 3, r"\begin{aligned}"),
        (r"\begin{cases} a \\ b \end{cases} \\ c", 34, r"\begin{aligned}"),
        (r"\begin{align} a &= b \end{align}", 1, "`aligned`"),
        (r"x + \textcolor{red}{y}", 5, "dark scheme"),
        (r"\boxed{x}", 1, "no effect"),
    ],
)
def test_what_is_wrong_and_where(tex: str, column: int, message: str) -> None:
    with pytest.raises(FormulaError) as caught:
        render(tex)
    assert message in caught.value.message
    assert "\n" not in caught.value.message
    assert caught.value.column == column


@pytest.mark.parametrize(
    ("tex", "expected"),
    [
        (r"\begin{aligned} a &= b \end{aligned}", {"right close-right", "left close-left"}),
        (r"\begin{array}{c|c} a & b \\ \hline c & d \end{array}", {"line-right", "line-top"}),
        (r"\operatorname{softmax}\!\left(x\right)", {"back-3"}),
        (r"\cfrac{a}{b}", {"below"}),
    ],
)
def test_styles_become_classes(tex: str, expected: set[str]) -> None:
    mathml = render(tex, display=True)
    assert " style=" not in mathml
    assert expected <= set(re.findall(r'class="([^"]*)"', mathml))


def test_a_style_without_a_class_is_refused() -> None:
    with pytest.raises(FormulaError, match="margin-left:-1em"):
        render(r"a\hspace{-1em}b")


def test_each_class_has_its_rule() -> None:
    rules = (PROJECT / "docs/assets/formulas.css").read_text("utf-8")
    for name in filter(None, formulas._CLASSES.values()):
        assert f"math .{name} {{" in rules
