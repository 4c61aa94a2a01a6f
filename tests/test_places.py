"""A problem names the very character at which the offending text begins."""

from __future__ import annotations

from pathlib import Path

import pytest

from conftest import documents
from llmglossary import report, rules
from llmglossary.load import load
from llmglossary.model import Problem

ZH = "docs/terms/gradient-descent/index.zh.md"
EN = "docs/terms/gradient-descent/index.en.md"


@pytest.fixture
def small(tmp_path: Path) -> Path:
    return documents(tmp_path)


def problems(root: Path) -> list[Problem]:
    glossary, found = load(root)
    return found + rules.check(glossary)


def pointed_at(root: Path, problem: Problem) -> str:
    """Return what stands where `problem` points to, up to the end of the line."""
    return (
        (root / problem.path).read_text("utf-8").split("\n")[problem.line - 1][problem.column - 1 :]
    )


# Markdown to insert into an article, the code of its problem, what the problem points to.
CASES = [
    (
        ZH,
        "- 一项\n- **二**项 `令牌` 每次生成一个令牌，[令](#plain)完。",
        "wrong-word",
        "令牌，[令]",
    ),
    (
        ZH,
        "> 引言\n> 每个 [代理人](https://example.org/代理人)与令牌。",
        "terminology",
        "代理人]",
    ),
    (ZH, "| 甲 | 乙 |\n| --- | --- |\n| `令牌` | 一个令牌 |", "wrong-word", "令牌 |"),
    (ZH, "第一行，\n第二行写着 \\<令牌\\> &lt; 一个代理人。", "terminology", "代理人。"),
    (ZH, "文本 `标记化` 之后，先做标记化。", "derived-terminology", "标记化。"),
    (
        EN,
        "The loss function, `error <function>`, is *the* error \\<function>.",
        "rejected-name",
        "error \\<",
    ),
    (ZH, "- 大约 `3000` 或 **3000 亿** 个。", "number-without-source", "3000 亿"),
    (ZH, "见[一](#plain)和[二](#plane)。", "broken-link", "[二]"),
    (ZH, "| [一](#plain) | [二](#plane) |\n| --- | --- |\n| 甲 | 乙 |", "broken-link", "[二]"),
    (ZH, "见[一](#plain)和[二](javascript:x)。", "link-scheme", "[二]"),
    (ZH, "见 ![](https://example.org/a.png)。", "remote-image", "![]("),
    (ZH, "见 `x` 和 ![](a.png){width=1 height=1}。", "image-alt", "![]("),
    (ZH, "- 先 $x$ 再 $\\foo{1}$。", "formula", "\\foo"),
    (ZH, "$$\nx = 1 \\\\\n  + \\foo\n$$", "formula", "\\\\"),
    (ZH, "$$\n\\begin{aligned}\nx &= \\foo\n\\end{aligned}\n$$", "formula", "\\foo"),
    (ZH, "> 步长 `$` 和 $x 很小。", "unclosed-formula", "$x 很小"),
    (ZH, "- 证明 [@robbins1951stochastic]，见 [@ robbins]。", "citation-syntax", "[@ robbins]"),
    (ZH, "- 证明 `[@x]` 见 [@robins1951]。", "unknown-citation", "[@robins1951]"),
    (ZH, "水是 H<sub>2</sub>O。", "raw-html", "<sub>"),
    (ZH, "水<!-- 一\n二 -->是[链](#plain){onclick=x}。", "event-handler", "onclick"),
    (ZH, "```mermaid\nflowchart TB\n  a --> b:::nope\n```", "diagram", "nope"),
    (
        ZH,
        "- 图\n\n    ```mermaid\n    flowchart TB\n      style a fill:red\n    ```",
        "diagram",
        "style a",
    ),
]


@pytest.mark.parametrize(
    ("path", "text", "code", "pointed"), CASES, ids=[f"{n}-{c[2]}" for n, c in enumerate(CASES)]
)
def test_a_problem_in_an_article_points_to_the_offending_text(
    small: Path, path: str, text: str, code: str, pointed: str
) -> None:
    file = small / path
    heading = "\n## 工作原理" if path == ZH else "\n## How it works"
    before = file.read_text("utf-8")
    file.write_text(before.replace(heading, f"\n{text}\n{heading}", 1), "utf-8")
    found = problems(small)
    mine = [pointed_at(small, problem) for problem in found if problem.code == code]
    assert any(rest.startswith(pointed) for rest in mine), f"{mine}\n{report.render(found)}"


FLOWCHART = "```mermaid\nflowchart TB\n  accDescr {{\n    说明，\n    x²。\n  }}\n{}\n```"


@pytest.mark.parametrize(
    ("line", "code", "pointed"),
    [
        ('  a["甲"] --> b["x\\ny"]', "diagram-label", '\\ny"]'),
        ('  a["$5 与 $6"] --> b["取 $W_0$"]', "diagram-label", '$W_0$"]'),
        ('  a["甲"] -- 是 --> 丙["乙"]:::data', "diagram-id", '丙["乙"]'),
        ('  a["一行\n  两行"] & c丙("乙")', "diagram-id", 'c丙("乙")'),
        ("  subgraph 组\n    a --> b\n  end", "diagram-id", "组"),
    ],
)
def test_a_problem_in_a_diagram_points_into_its_source(
    small: Path, line: str, code: str, pointed: str
) -> None:
    file = small / ZH
    diagram = FLOWCHART.format(line)
    text = file.read_text("utf-8").replace("\n## 工作原理", f"\n{diagram}\n\n## 工作原理", 1)
    file.write_text(text, "utf-8")
    found = [p for p in problems(small) if p.code in {"diagram-label", "diagram-id"}]
    assert [(p.code, pointed_at(small, p)[: len(pointed)]) for p in found] == [(code, pointed)]


@pytest.mark.parametrize("quote", ["", '"'])
def test_a_problem_in_the_definition_points_into_its_text(small: Path, quote: str) -> None:
    file = small / ZH
    text = file.read_text("utf-8")
    start = text.index("definition: ") + len("definition: ")
    end = text.index("\n", start)
    new = f"{quote}每次生成一个令牌的方法，TODO。{quote}"
    file.write_text(text[:start] + new + text[end:], "utf-8")
    places = {p.code: pointed_at(small, p) for p in problems(small)}
    assert places["wrong-word"].startswith("令牌的")
    assert places["placeholder"].startswith("TODO。")
