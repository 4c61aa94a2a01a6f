"""Every way a contributor goes wrong is named with its place and what to write instead."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import PROJECT, build, make_tree
from llmglossary import report, rules
from llmglossary.load import load
from llmglossary.model import Problem

RECORD = "docs/terms/gradient-descent/term.yml"
ZH = "docs/terms/gradient-descent/index.zh.md"
EN = "docs/terms/gradient-descent/index.en.md"
BIB = "docs/references.bib"


def problems(root: Path) -> list[Problem]:
    glossary, found = load(root)
    return found + rules.check(glossary)


def replace(path: str, old: str, new: str) -> Callable[[Path], None]:
    def change(root: Path) -> None:
        file = root / path
        text = file.read_text("utf-8")
        assert old in text
        file.write_text(text.replace(old, new, 1), "utf-8")

    return change


def write(path: str, data: bytes) -> Callable[[Path], None]:
    def change(root: Path) -> None:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(data)

    return change


def test_the_fixture_is_clean(tree: Path) -> None:
    found = problems(tree)
    # Each of its concepts rests on the one source of the small bibliography.
    assert [p.code for p in found] == ["few-sources"] * 3


def test_retold_sources_do_not_count_as_primary(tree: Path) -> None:
    for key, address in (
        ("wiki2026", "https://en.wikipedia.org/wiki/Gradient"),
        ("zhihu2026", "https://zhuanlan.zhihu.com/p/1"),
        ("notzhihu2026", "https://notzhihu.com/paper.pdf"),
    ):
        entry = f"\n@misc{{{key}, title = {{T}}, year = {{2026}}, url = {{{address}}}}}\n"
        with (tree / BIB).open("a", encoding="utf-8") as file:
            file.write(entry)
    for keys, count in (("wiki2026, zhihu2026", 1), ("wiki2026, notzhihu2026", 0)):
        text = (tree / RECORD).read_text("utf-8")
        listed = text.split("sources: [", 1)[1].split("]", 1)[0]
        replace(RECORD, f"sources: [{listed}]", f"sources: [robbins1951stochastic, {keys}]")(tree)
        found = [p for p in problems(tree) if p.code == "few-sources" and p.path == RECORD]
        assert [(p.line, p.column, p.severity) for p in found] == [(19, 1, "warning")] * count


CASES = [
    (
        replace(RECORD, "level: intermediate", "level: intermedate"),
        (RECORD, 2),
        "invalid-value",
        "write `intermediate`",
    ),
    (
        replace(RECORD, "[loss-function, learning-rate]", "Loss_Function"),
        (RECORD, 8),
        "invalid-value",
        "write `[Loss_Function]`",
    ),
    (
        replace(RECORD, "[loss-function, learning-rate]", "[Loss_Function]"),
        (RECORD, 8),
        "invalid-value",
        "write `loss-function`",
    ),
    (
        replace(
            RECORD, "zh-Hant: {preferred: 梯度下降, admitted: [梯度下降法]}", "zh-Hant: 梯度下降"
        ),
        (RECORD, 5),
        "invalid-value",
        "write `{preferred: 梯度下降}`",
    ),
    (
        replace(RECORD, "  zh-Hant: {preferred: 梯度下降, admitted: [梯度下降法]}\n", ""),
        (RECORD, 3),
        "missing-key",
        "add `zh-Hant: {preferred: …}`",
    ),
    (
        replace(ZH, "reviewed: 2026-01-02", "reviewed: 2026/1/2"),
        (ZH, 3),
        "invalid-value",
        "write `2026-01-02`",
    ),
    (
        replace(ZH, "## 通俗理解 {#plain}", "## 通俗理解{#plain}"),
        (ZH, 6),
        "heading-id",
        "`## 通俗理解 {#plain}`",
    ),
    (
        replace(ZH, "[@robbins1951stochastic]", "[robbins1951stochastic]"),
        (ZH, 12),
        "citation-syntax",
        "`[@robbins1951stochastic]`",
    ),
    (
        replace(ZH, "过大会发散", "[见](../learning-rates/index.md)"),
        (ZH, 41),
        "broken-link",
        "`../learning-rate/index.md`",
    ),
    (
        replace(ZH, "过大会发散", "[见](../learning-rate.md)"),
        (ZH, 41),
        "broken-link",
        "`../learning-rate/index.md`",
    ),
    (
        replace(ZH, "过大会发散", "[见](../learning-rate/index.zh.md#how)"),
        (ZH, 41),
        "broken-link",
        "`../learning-rate/index.md#how`",
    ),
    (replace(BIB, "year = {1951},\n", "year = {1951}\n"), (BIB, 6), "bibtex", "comma"),
    # what the contributor did, where the problem is, its code, words of the remedy
    (
        replace(RECORD, "level: intermediate", "level: medium"),
        (RECORD, 2),
        "invalid-value",
        "medium",
    ),
    (replace(RECORD, "category:", "categroy:"), (RECORD, 1), "unknown-key", "`category`"),
    (replace(RECORD, "category: training\n", ""), (RECORD, 1), "missing-key", "category"),
    (
        replace(RECORD, "category: training", "category: trainning"),
        (RECORD, 1),
        "unknown-category",
        "training",
    ),
    (
        replace(RECORD, "requires: [loss-function,", "requires: [los-function,"),
        (RECORD, 8),
        "unknown-concept",
        "loss-function",
    ),
    (
        replace(RECORD, "requires: [loss-function,", "requires: [gradient-descent,"),
        (RECORD, 8),
        "self-relation",
        "delete",
    ),
    (
        replace(RECORD, "  - term: learning-rate", "  - term: learn-rate"),
        (RECORD, 10),
        "unknown-concept",
        "learning-rate",
    ),
    (
        replace(RECORD, "sources: [robbins1951stochastic]", "sources: [robins1951]"),
        (RECORD, 19),
        "unknown-source",
        "robbins1951stochastic",
    ),
    (
        replace(RECORD, "sources: [robbins1951stochastic]", "sources: []"),
        (RECORD, 19),
        "invalid-value",
        "",
    ),
    (
        replace(RECORD, "level:", "category: training\nlevel:"),
        (RECORD, 2),
        "duplicate-key",
        "keep one",
    ),
    (replace(RECORD, "names:", "names: {"), (RECORD, 3), "yaml", "`}`"),
    (replace(RECORD, "  zh:", "\tzh:"), (RECORD, 4), "yaml", "tabs"),
    (write(RECORD, b"- a\n- b\n"), (RECORD, 1), "yaml", "key: value"),
    (write(RECORD, b""), (RECORD, 1), "yaml", "key: value"),
    (write(RECORD, b"names: &a {zh: *a}\n"), (RECORD, 1), "yaml", ""),
    (write(RECORD, b"a: &a [x]\nb: *a\n"), (RECORD, 1), "yaml", "write the value out"),
    (write(RECORD, "category: 训练".encode("gbk")), (RECORD, 1), "encoding", "UTF-8"),
    (
        write(RECORD, b"category: training\nlevel: a\x00b\n"),
        (RECORD, 2),
        "control-character",
        "delete",
    ),
    (write(ZH, b"\xef\xbb\xbf---\ndefinition: a\n---\n"), (ZH, 1), "control-character", "delete"),
    (write(ZH, b"x" * 1_000_001), (ZH, 1), "file-size", ""),
    (write(ZH, "没有开头".encode()), (ZH, 1), "front-matter", "---"),
    (
        replace(ZH, "reviewed: 2026-01-02", "reviewed: yesterday"),
        (ZH, 3),
        "invalid-value",
        "yesterday",
    ),
    (
        replace(ZH, "definition: ", "definition: " + "长" * 90),
        (ZH, 2),
        "definition-length",
        "move the rest",
    ),
    (
        replace(EN, "definition: ", "definition: " + "very " * 40),
        (EN, 2),
        "definition-length",
        "move the rest",
    ),
    (replace(ZH, "优化方法。", "优化方法"), (ZH, 2), "definition-form", "sentence"),
    (
        replace(ZH, "definition: 沿", "definition: 沿**着**"),
        (ZH, 2),
        "definition-markup",
        "plain text",
    ),
    (
        replace(ZH, "## 常见误解 {#misconceptions}", "## 常见误解"),
        (ZH, 39),
        "heading-id",
        "{#misconceptions}",
    ),
    (
        replace(ZH, "## 常见误解 {#misconceptions}", ""),
        (ZH, 5),
        "missing-section",
        "{#misconceptions}",
    ),
    (replace(ZH, "## 常见误解", "## 误解"), (ZH, 39), "section-heading", "常见误解"),
    (
        replace(ZH, "## 常见误解 {#misconceptions}", "## 其他 {#other}"),
        (ZH, 39),
        "unknown-section",
        "plain",
    ),
    (replace(ZH, "## 通俗理解", "# 通俗理解"), (ZH, 6), "heading-level", "##"),
    (
        replace(ZH, "### 动量 {#momentum}", "### 动量 {#moment}"),
        (ZH, 5),
        "missing-section",
        "momentum",
    ),
    (replace(ZH, "  accTitle: 梯度下降\n", ""), (ZH, 20), "diagram-description", "accTitle"),
    (
        replace(ZH, "/// caption\n参数怎样更新。\n///\n", ""),
        (ZH, 20),
        "diagram-caption",
        "/// caption",
    ),
    (replace(ZH, '--> b["更新"]', '--> b["更新'), (ZH, 24), "diagram", "both quotation marks"),
    (replace(ZH, "$\\eta$", "$\\frac{1$"), (ZH, 12), "formula", "TeX"),
    (replace(ZH, "[@robbins1951stochastic]", "[@robins]"), (ZH, 12), "unknown-citation", ""),
    (replace(ZH, "学习率决定", "使用GPU决定"), (ZH, 8), "typography", "使用 GPU"),
    (replace(ZH, "过大会发散", "<b onclick=x>过</b>"), (ZH, 41), "raw-html", "Markdown"),
    (
        replace(ZH, "过大会发散", "![图](https://example.org/a.png)"),
        (ZH, 41),
        "remote-image",
        "folder",
    ),
    (
        replace(ZH, "过大会发散", "[见](../los-function/index.md)"),
        (ZH, 41),
        "broken-link",
        "loss-function",
    ),
    (replace(ZH, "过大会发散", "[见](#plane)"), (ZH, 41), "broken-link", "plain"),
    (replace(ZH, "过大会发散", "[见](javascript:alert)"), (ZH, 41), "link-scheme", "https"),
    (replace(EN, "```pycon", "```python"), (EN, 42), "example-fence", "pycon"),
    (
        write("docs/terms/gradient-descent/index.zn.md", b""),
        ("docs/terms/gradient-descent/index.zn.md", 1),
        "unexpected-file",
        "index.zh.md",
    ),
    (
        write("docs/terms/empty/notes.svg", b""),
        ("docs/terms/empty", 1),
        "missing-file",
        "concept record",
    ),
    (replace(BIB, "year = {1951}", "pages = {1}"), (BIB, 1), "incomplete-source", "year"),
    (replace(BIB, "title = {A", "title = {{A"), (BIB, 3), "bibtex", ""),
    (
        replace("docs/categories.yml", "key: training", "key: Training Stuff"),
        ("docs/categories.yml", 2),
        "invalid-value",
        "",
    ),
    (
        replace("docs/homographs.yml", "term: loss-function", "term: lost"),
        ("docs/homographs.yml", 4),
        "unknown-concept",
        "existing concept",
    ),
]


@pytest.mark.parametrize(
    ("change", "place", "code", "fix"), CASES, ids=[f"{n}-{c[2]}" for n, c in enumerate(CASES)]
)
def test_a_mistake_is_reported_where_it_is(
    tree: Path, change: Callable[[Path], None], place: tuple[str, int], code: str, fix: str
) -> None:
    change(tree)
    found = problems(tree)
    matching = [p for p in found if (p.path, p.line, p.code) == (*place, code)]
    assert matching, report.render(found)
    assert any(fix in p.fix for p in matching), report.render(matching)


def test_all_problems_are_reported_in_one_go(tree: Path) -> None:
    replace(RECORD, "level: intermediate", "levle: intermediate")(tree)
    replace(ZH, "$\\eta$", "$\\frac{1$")(tree)
    replace(EN, "## Misconceptions {#misconceptions}", "")(tree)
    codes = {p.code for p in problems(tree)}
    # The articles of a concept whose record is broken are read all the same.
    assert {"unknown-key", "missing-key", "formula", "missing-section"} <= codes


def test_what_cannot_be_read_is_not_held_against_others(tree: Path) -> None:
    for name in ("learning-rate", "loss-function"):
        folder = tree / "docs/terms" / name / "term.yml"
        folder.write_text(folder.read_text("utf-8").replace("level:", "levle:"), "utf-8")
    replace(RECORD, "level:", "levle:")(tree)
    # The one source is cited by articles whose records are broken.
    assert "unused-source" not in {p.code for p in problems(tree)}


def test_a_translation_of_an_article_that_cannot_be_read_is_no_problem(tree: Path) -> None:
    assert "translated_from" in (tree / EN).read_text("utf-8")
    replace(ZH, "reviewed: 2026-01-02", "reviewed: someday")(tree)
    assert "translation-source" not in {p.code for p in problems(tree)}


def test_a_category_without_a_page_is_reported_with_what_to_write(tree: Path) -> None:
    (tree / "docs/categories/training.zh.md").unlink()
    found = [p for p in problems(tree) if p.code == "category-page"]
    assert (RECORD, 1, 1) in [(p.path, p.line, p.column) for p in found]
    assert "`title: 训练`" in found[0].fix


def test_cycles_are_named_in_full(tree: Path) -> None:
    replace(
        "docs/terms/loss-function/term.yml",
        "sources:",
        "relations: {requires: [gradient-descent]}\nsources:",
    )(tree)
    found = [p for p in problems(tree) if p.code == "requires-cycle"]
    assert len(found) == 1
    assert "gradient-descent → loss-function → gradient-descent" in found[0].message


def test_levels_do_not_fall_along_requirements(tree: Path) -> None:
    replace("docs/terms/loss-function/term.yml", "level: beginner", "level: advanced")(tree)
    found = [p for p in problems(tree) if p.code == "level-falls"]
    assert [(p.path, p.line) for p in found] == [(RECORD, 8)]


def test_a_name_belongs_to_one_concept(tree: Path) -> None:
    replace(RECORD, "admitted: [梯度下降法]", "admitted: [学习率]")(tree)
    found = [p for p in problems(tree) if p.code == "duplicate-name"]
    other = next(p.path for p in found if p.path != RECORD)
    # Which came first nothing tells, so each record names the other.
    assert {p.path: p.fix.partition("; ")[2] for p in found} == {
        RECORD: f"see {other}",
        other: f"see {RECORD}",
    }


def test_a_path_follows_the_requirements(tree: Path) -> None:
    write(
        "docs/paths/first/path.yml",
        b"title: {zh: a, zh-Hant: a, en: a}\naudience: {zh: a, en: a}\nminutes: 5\nsteps:\n"
        b"  - {term: gradient-descent, why: {zh: a, en: a}}\n"
        b"  - {term: loss-function, why: {zh: a, en: a}}\n",
    )(tree)
    found = [p for p in problems(tree) if p.code == "path-order"]
    assert [(p.path, p.line) for p in found] == [("docs/paths/first/path.yml", 5)]


def test_symbolic_links_are_refused(tree: Path) -> None:
    (tree / "docs/terms/other").symlink_to(tree / "docs/terms/gradient-descent")
    (tree / ZH).unlink()
    (tree / ZH).symlink_to("/etc/passwd")
    found = [p for p in problems(tree) if p.code == "symlink"]
    assert {p.path for p in found} == {"docs/terms/other", ZH}


def test_nothing_is_built_with_errors(tree: Path) -> None:
    replace(ZH, "$\\eta$", "$\\frac{1$")(tree)
    result = build(tree)
    assert result.returncode != 0
    assert f"{ZH}:12:59 formula" in result.stderr
    assert "Traceback" not in result.stdout + result.stderr
    assert not (tree / "site" / "index.html").exists()


def _run(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(PROJECT / "hooks" / "cli.py"), "--root", str(root), *arguments],
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_command_tells_by_its_exit_code(tree: Path) -> None:
    assert _run(tree, "check").returncode == 0
    replace(ZH, "优化方法。", "优化方法")(tree)
    assert _run(tree, "check").returncode == 1
    assert _run(tree, "check", str(tree / "docs/terms/loss-function")).returncode == 0
    assert _run(tree, "check", "--format", "nonsense").returncode == 2
    assert "check" in _run(tree, "--help").stdout


def test_the_command_speaks_json_and_github(tree: Path) -> None:
    replace(ZH, "优化方法。", "优化方法")(tree)
    found = json.loads(_run(tree, "check", "--format", "json").stdout)
    errors = [p for p in found if p["severity"] == "error"]
    assert [(p["path"], p["line"], p["code"]) for p in errors] == [(ZH, 2, "definition-form")]
    annotations = _run(tree, "check", "--format", "github").stdout.splitlines()
    expected = f"::error file={ZH},line=2,col=1,title=definition-form::"
    assert any(line.startswith(expected) for line in annotations)


def test_wrong_examples_are_reported(tree: Path) -> None:
    assert _run(tree, "check", "--examples").returncode == 0
    replace(EN, "0.8\n", "0.9\n")(tree)
    replace(ZH, ">>> round(1.0 - 0.1 * 2.0, 2)", ">>> 1 / 0")(tree)
    result = _run(tree, "check", "--examples")
    assert result.returncode == 1
    assert f"{EN}:43:1 example" in result.stdout
    assert "ZeroDivisionError" in result.stdout


def test_the_schemas_are_current() -> None:
    assert _run(PROJECT, "schema", "--check").returncode == 0


def test_the_project_itself_is_clean() -> None:
    errors = [p for p in problems(PROJECT) if p.severity == "error"]
    assert errors == [], report.render(errors)


def test_a_tree_without_docs_is_an_error_not_a_crash(tmp_path: Path) -> None:
    assert {p.code for p in problems(tmp_path)} == {"missing-file"}
    (tmp_path / "mkdocs.yml").write_text("nav:\n  - index.md\n", "utf-8")
    assert {p.code for p in problems(tmp_path)} == {"missing-file", "nav-missing"}


def test_make_tree_leaves_the_project_alone(tmp_path: Path) -> None:
    root = make_tree(tmp_path / "x")
    assert not (root / "docs" / "references.bib").is_symlink()
