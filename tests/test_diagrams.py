"""Diagrams: what they hold, what they refuse, and that labels fit."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from llmglossary import diagrams
from llmglossary.diagrams import DiagramError, accessibility, fallback, render

STYLES = Path(__file__).parent.parent / "docs" / "assets" / "diagrams.css"

NAMES = "accTitle: 标题\naccDescr: 描述\n"
KINDS = {
    "flowchart": """\
subgraph 组["训练 cluster"]
A["提示词<br/>prompt"]:::data -->|采样| B(["模型"]):::model
end
B -.-> C{"判断？"} ==> D[("数据")]:::frozen
D --o E((圆)):::human --x F[[子程序]]:::loss
F <--> G{{"一段很长很长很长很长很长很长很长很长的标签，要换行 and some English too"}}:::output
G ~~~ H[/斜/] --> I>旗] --> J(((双圆))) --> K@{ shape: doc, label: "文档" }
click A "../x/"
""",
    "sequenceDiagram": """\
autonumber
actor U as 用户
participant M as 模型
U->>+M: 提问
Note over U,M: 注释
loop 直到完成
M-->>-U: 回答
end
alt 成功
M-)U: 好
else 失败
M-xU: 坏
end
""",
    "stateDiagram-v2": """\
[*] --> 空闲
空闲 --> 运行 : 开始
state 运行 {
a --> b
}
state c <<choice>>
运行 --> c
c --> [*]
note right of 空闲 : 注释
""",
    "classDiagram": """\
class A {
+int n
+run() bool
}
A <|-- B : 继承
A "1" *-- "n" C
B ..> D
""",
    "erDiagram": "A ||--o{ B : has\nA {\nstring name PK\n}\n",
    "pie": 'title 构成\n"网页" : 60\n"代码" : 25\n"书" : 15\n',
    "xychart-beta": 'title "损失"\nx-axis [1, 2]\ny-axis "损失" 0 --> 5\nbar [4, 3]\nline [4, 3]\n',
    "quadrantChart": "title 象限\nx-axis 低 --> 高\nquadrant-1 一\nA: [0.3, 0.6]\n",
    "timeline": "title 历史\n2017 : Transformer\n2018 : BERT : GPT\n",
}
SOURCES = {kind: f"{kind}\n{NAMES}{body}" for kind, body in KINDS.items()}
SMALL = f"flowchart TB\n{NAMES}A --> B\n"


def parse(markup: str) -> ET.Element:
    # The drawing names its namespace, its frame does not.
    return ET.fromstring(markup.replace(' xmlns="http://www.w3.org/2000/svg"', ""))  # noqa: S314


def classes(root: ET.Element) -> set[str]:
    return {name for e in root.iter() for name in (e.get("class") or "").split()}


@pytest.mark.parametrize("kind", SOURCES)
def test_each_kind_is_drawn_as_bare_geometry(kind: str) -> None:
    markup = render(SOURCES[kind], id="d-1")
    root = parse(markup)
    tags = {e.tag for e in root.iter()}
    assert not tags & {"foreignObject", "style", "script", "filter", "linearGradient", "image"}
    assert "mermaid" not in markup.lower()
    assert not re.search(r"url\((?!#)|@import|#[0-9a-f]{6}\b|rgb\(|hsl\(", markup)
    attributes = {name for e in root.iter() for name in e.attrib}
    assert not attributes & {"fill", "stroke", "data-id", "data-look", "onclick"}
    assert "style" not in attributes
    assert len(markup.encode()) < (8000 if kind == "flowchart" else 5000)


@pytest.mark.parametrize("kind", SOURCES)
def test_every_class_in_a_drawing_is_painted(kind: str) -> None:
    styles = STYLES.read_text("utf-8")
    structure = {"diagram", "node", "edgeTerminals", "border", "lineWrapper", "ticks"}
    # Kinds and groups that only hold what is painted.
    structure |= {"sequence", "state", "classes", "er", "pie", "quadrants", "legend"}
    structure |= {"axis-line", "axisl-line", "label-group", "title"}
    painted = set(re.findall(r"\.([A-Za-z][\w-]*)", styles))
    assert classes(parse(render(SOURCES[kind], id="d"))) <= painted | structure


def test_labels_and_roles_survive() -> None:
    root = parse(render(SOURCES["flowchart"], id="d"))
    text = ["".join(e.itertext()) for e in root.iter("text")]
    assert {"提示词prompt", "采样", "判断？", "训练 cluster", "文档"} <= set(text)
    assert classes(root) >= diagrams.ROLES
    assert {"dashed", "thick", "invisible", "cluster", "edgeLabel"} <= classes(root)


def test_outlines_are_single_lines_again() -> None:
    root = parse(render(SOURCES["classDiagram"], id="d"))
    dividers = [e.get("d", "") for e in root.iter("path") if e.get("class") == "divider"]
    assert len(dividers) == 2
    assert all(re.fullmatch(r"M[-\d.,]+L[-\d.,]+", path) for path in dividers)


def test_entities_are_the_characters_they_stand_for() -> None:
    assert '<text y="1em">a "b" (c)</text>' in render(
        'flowchart TB\nA["a #quot;b#quot; #40;c#41;"]\n', id="d"
    )


def test_ids_are_unique_on_a_page_and_all_references_lead_somewhere() -> None:
    page = render(SOURCES["flowchart"], id="a") + render(SOURCES["flowchart"], id="b")
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids)) > 4
    assert all(name.startswith(("a-", "b-")) for name in ids)
    used = set(re.findall(r'url\(#([^)]+)\)|aria-\w+="([^"]+)"', page))
    assert {a or b for a, b in used} == set(ids)


def test_accessible_names() -> None:
    root = parse(render(SMALL, id="d"))
    svg = root[0]
    assert (svg.get("role"), svg.get("aria-labelledby")) == ("img", "d-title")
    assert [(e.tag, e.get("id"), e.text) for e in svg[:2]] == [
        ("title", "d-title", "标题"),
        ("desc", "d-desc", "描述"),
    ]
    assert (root.get("tabindex"), root.get("aria-labelledby")) == ("0", "d-title")


def test_links_are_not_hidden_inside_an_image() -> None:
    source = SMALL + 'click A "../x/"\nclick B "javascript:alert(1)"\n'
    root = parse(render(source, id="d"))
    assert [a.get("href") for a in root.iter("a")] == ["../x/"]
    assert root[0].get("role") == "group"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (SMALL, ("标题", "描述")),
        ("flowchart TB\nA-->B\n", (None, None)),
        ("flowchart TB\n  accTitle:  a b \n  accDescr {\n  one\n   two\n  }\n", ("a b", "one two")),
        ("flowchart TB\naccTitle:\naccDescr:\nA-->B\n", (None, None)),
    ],
)
def test_accessibility(source: str, expected: tuple[str | None, str | None]) -> None:
    assert accessibility(source) == expected


@pytest.mark.parametrize(
    ("source", "line", "message"),
    [
        ("", 1, "empty"),
        ("%% a comment\n\nmindmap\n a\n", 3, "these are: flowchart,"),
        ("flowchart TB\nA --> B\nB --> C[x\nC --> D\n", 3, "missing `]`"),
        ("flowchart TB\nA --> B\nA[b(c)] --> B\nC --> D\n", 3, "quote it"),
        ("flowchart TB\nA --> end\nB --> C\n", 2, "unexpected end"),
        ("sequenceDiagram\nA->>B: x\nfoo bar\nA->>B: y\n", 3, "unexpected"),
        ("stateDiagram-v2\na --> b\na -- > c\nc --> d\n", 3, "Unexpected character"),
        ('flowchart TB\nA["词元"]:::data --> B\nA => B\n', 3, "`=> B`"),
        ("flowchart TB\nA --> B\nstyle A fill:#f00\n", 3, ":::data"),
        ("flowchart TB\nA --> B\n  classDef x fill:#f00\n", 3, ":::data"),
        ("flowchart TB\nA --> B\nlinkStyle 0 stroke:red\n", 3, ":::data"),
        ("%%{init: {'theme': 'dark'}}%%\nflowchart TB\nA --> B\n", 1, ":::data"),
        ("---\nconfig:\n  theme: dark\n---\nflowchart TB\nA --> B\n", 1, ":::data"),
        ("sequenceDiagram\nrect rgb(0, 0, 0)\nA->>B: x\nend\n", 2, ":::data"),
        ("flowchart TB\nA:::datum --> B\n", 2, "`datum`"),
        ("flowchart TB\nA --> B\nclass A,B datum\n", 3, "`datum`"),
        ('flowchart TB\nA["<b>x</b>"] --> B\n', 2, "only `<br/>`"),
        ('flowchart TB\nB\nA["$$x^2$$"]\n', 3, "formula"),
        ("flowchart TB\nA@{ icon: 'fa:gear' }\n", 2, "plain text"),
    ],
)
def test_what_is_wrong_and_where(source: str, line: int, message: str) -> None:
    with pytest.raises(DiagramError) as caught:
        render(source, id="d")
    assert message in caught.value.message
    assert caught.value.line == line


def test_the_cache_gives_the_same_drawing_under_any_id(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = render(SMALL, id="a", cache=tmp_path)
    assert first == render(SMALL, id="a") == render(SMALL, id="a")
    [file] = (tmp_path / "diagrams").iterdir()
    assert re.fullmatch(r"[0-9a-f]{64}\.svg", file.name)
    monkeypatch.setattr(diagrams, "_draw", lambda _: pytest.fail("drawn again"))
    assert render(SMALL, id="a", cache=tmp_path) == first
    assert render(SMALL, id="b", cache=tmp_path) == first.replace('"a-', '"b-').replace(
        "#a-", "#b-"
    )


@pytest.mark.parametrize("damage", [b"", b"<svg/>", b"\xff\xfe", None])
def test_a_damaged_cache_is_not_trusted(tmp_path: Path, damage: bytes | None) -> None:
    good = render(SMALL, id="a", cache=tmp_path)
    [file] = (tmp_path / "diagrams").iterdir()
    file.write_bytes(file.read_bytes()[:-20] if damage is None else damage)
    assert render(SMALL, id="a", cache=tmp_path) == good
    assert [file] == list((tmp_path / "diagrams").iterdir())
    assert len(file.read_bytes()) > 500


def test_a_cache_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "diagrams").write_text("a file where a folder should be")
    assert "<svg" in render(SMALL, id="a", cache=tmp_path)


def test_drawing_in_threads(tmp_path: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        made = set(pool.map(lambda _: render(SMALL, id="a", cache=tmp_path), range(12)))
    assert len(made) == 1


def test_without_merman(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(diagrams, "_merman", lambda: None)
    assert not diagrams.available()
    with pytest.raises(DiagramError, match="merman"):
        render(SMALL, id="a")


def test_fallback_is_what_the_plugin_counts() -> None:
    assert fallback("A-->B\n<x>") == '<div class="mermaid">A--&gt;B\n&lt;x&gt;</div>'


def contrast(one: str, two: str) -> float:
    def luminance(colour: str) -> float:
        digits = "".join(c * 2 for c in colour[1:]) if len(colour) == 4 else colour[1:]
        parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
        linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    dark, light = sorted((luminance(one), luminance(two)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", ["default", "slate"])
def test_text_is_legible_in_both_schemes(scheme: str) -> None:
    site = STYLES.with_name("site.css").read_text("utf-8")
    ink, paper = (
        re.findall(rf'\[data-md-color-scheme="{scheme}"\] {{[^}}]*?--{name}: (#\w+)', site)[0]
        for name in ("ink", "paper")
    )
    rule = re.compile(rf'^\[data-md-color-scheme="{scheme}"\] {{(.*?)^}}', re.MULTILINE | re.DOTALL)
    [block] = rule.findall(STYLES.read_text("utf-8"))
    colours = dict(re.findall(r"--diagram-([\w-]+): (#\w+)", block))
    for name in ("node", "cluster", *diagrams.ROLES):
        assert contrast(colours[name], ink) >= 4.5, name
        line = colours.get(f"{name}-line", "")
        assert name == "cluster" or contrast(line, paper) >= 3, name
    for series in range(1, 9):
        assert contrast(colours[str(series)], paper) >= 4.5, series


@pytest.mark.browser
@pytest.mark.parametrize("font", ["sans-serif", "Arial", "DejaVu Sans"])
def test_labels_fit_their_nodes_in_a_browser(browser: Browser, font: str) -> None:
    source = """flowchart TB
A["提示词与策略模型<br/>π_θ (trained policy)"]:::data
B["奖励模型给同一提示的每个回答打分，分数再按组归一化"]:::model
C{"KL(π‖π_ref) < 0.1？"} --> D(["全角标点，（括号）；"])
E["Direct preference optimization with WWW and MMM capitals"] --> F(["mmmm wwww"])
"""
    page_source = f"<style>{STYLES.read_text('utf-8')} body {{ font-family: {font} }}</style>"
    page = browser.new_page()
    page.set_content(page_source + render(source, id="d"))
    overflowing = page.evaluate(
        """[...document.querySelectorAll('.node')].flatMap(node => {
            const box = node.querySelector('.shape').getBoundingClientRect();
            return [...node.querySelectorAll('text')].filter(text => {
                const label = text.getBoundingClientRect();
                return label.left < box.left || label.right > box.right
                    || label.top < box.top || label.bottom > box.bottom;
            }).map(text => text.textContent);
        })"""
    )
    count = page.locator(".node text").count()
    page.close()
    assert overflowing == []
    assert count == 6
