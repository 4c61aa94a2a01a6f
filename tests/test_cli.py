"""The tool contributors run: starting, renaming and repairing pages, without losing anything."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import cli
from conftest import PROJECT
from llmglossary import rename, repair, rules, strings, typography, yaml_edit
from llmglossary.characters import invisible
from llmglossary.commands import new as new_command
from llmglossary.load import load
from llmglossary.model import Problem
from llmglossary.record import ConceptRecord

TERMS = "docs/terms"
RECORD = f"{TERMS}/gradient-descent/term.yml"
ZH = f"{TERMS}/gradient-descent/index.zh.md"
EN = f"{TERMS}/gradient-descent/index.en.md"
BLANKS = {
    "definition": {
        "zh": "每次只保留得分最高的几个候选序列的解码方法。",
        "en": "A decoding method that keeps only the few best partial sequences at each step.",
    }
}


@contextlib.contextmanager
def inside(folder: Path) -> Iterator[None]:
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def run(root: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the tool in this process, which spares its start; there is no terminal."""
    out, err, code = io.StringIO(), io.StringIO(), 0
    with (
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        mock.patch.object(sys, "argv", ["cli.py", "--root", str(root), *words]),
        mock.patch.object(sys, "stdin", io.StringIO()),
        inside(root),
    ):
        try:
            code = cli.main()
        except SystemExit as exit_:
            code = int(exit_.code or 0)
    return subprocess.CompletedProcess(words, code, out.getvalue(), err.getvalue())


def errors(root: Path) -> list[Problem]:
    glossary, found = load(root)
    return [p for p in found + rules.check(glossary) if p.severity == "error"]


def texts(root: Path) -> dict[str, bytes]:
    docs = root / "docs"
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(docs.rglob("*"))
        if path.is_file() and "assets" not in path.parts
    }


def change(path: Path, edit: Callable[[str], str]) -> None:
    before = path.read_text("utf-8")
    after = edit(before)
    assert after != before
    path.write_text(after, "utf-8")


def new(root: Path, *more: str, slug: str = "beam-search") -> subprocess.CompletedProcess[str]:
    options = {"--zh": "束搜索", "--en": "beam search", "--category": "training"}
    words = [word for pair in options.items() for word in pair if pair[0] not in more]
    return run(root, "new", slug, *words, "--level", "intermediate", *more)


def fill(root: Path, slug: str, source: str = "robbins1951stochastic") -> None:
    """Replace the blanks as a contributor would, and nothing else."""
    folder = root / TERMS / slug
    change(folder / "term.yml", lambda text: text.replace("TODO", source))
    for language, words in BLANKS["definition"].items():
        path = folder / f"index.{language}.md"
        change(path, lambda text: text.replace("[@TODO]", f"[@{source}]"))
        change(path, lambda text, w=words: re.sub("definition: TODO.*", f"definition: {w}", text))  # type: ignore[misc]
        change(path, lambda text: re.sub(" *TODO$|TODO ?", "", text, flags=re.MULTILINE))


def test_new_leads_to_a_green_check_and_the_messages_name_each_blank(tree: Path) -> None:
    made = new(tree, "--abbreviation", "BS", "--requires", "loss-function")
    assert made.returncode == 0, made.stderr
    listed = run(tree, "check", f"{TERMS}/beam-search")
    assert listed.returncode == 1
    assert "`sources.0`: there is no source `TODO`" in listed.stdout
    assert "index.zh.md:2:1 definition-form" in listed.stdout
    assert "index.en.md:2:1 definition-form" in listed.stdout
    fill(tree, "beam-search")
    assert errors(tree) == []
    record = load(tree)[0].concepts["beam-search"].record
    assert record.names.en.abbreviation == "BS"
    assert record.relations.requires == ("loss-function",)


def test_new_suggests_the_traditional_name(tree: Path) -> None:
    assert "學習率衰減" in new(tree, "--zh", "学习率衰减").stderr


@pytest.mark.parametrize(
    "name", ['a "quoted" name', "it's: <b>{bold}</b> & $x$, [y] # z", "- no", "1e5", "null", "a\\b"]
)
def test_names_with_quotes_and_markup_survive(tree: Path, name: str) -> None:
    made = new(tree, "--en", name, "--zh", name, "--zh-hant", name, "--abbreviation", name + "!")
    assert made.returncode == 0, made.stderr
    names = load(tree)[0].concepts["beam-search"].record.names
    assert (names.zh.preferred, names.zh_hant.preferred, names.en.preferred) == (name,) * 3
    assert names.en.abbreviation == name + "!"


@given(
    st.text(st.characters(exclude_categories=["C", "Z", "M"], include_characters=" "), min_size=1)
)
@settings(max_examples=300, deadline=None)
def test_any_text_can_be_written_into_a_record(text: str) -> None:
    text = text.strip() or "x"
    assume(not any(invisible(text)))  # no name may hold one, nor any file
    for document in (f"a: {yaml_edit.quoted(text)}", f"a: [b, {yaml_edit.quoted(text)}]"):
        assert yaml_edit.scalars(document)[-1].value == text


@pytest.mark.parametrize(
    ("arguments", "where"),
    [
        (("--en", "Learning Rate"), f"{TERMS}/learning-rate/term.yml:6:8"),
        (("--zh", "动量"), f"{RECORD}:15:12"),
        (("--abbreviation", "GD"), f"{RECORD}:6:"),
        (("--en", "error <function>"), f"{TERMS}/loss-function/term.yml:9:5"),
    ],
)
def test_new_says_where_a_name_stands_already(
    tree: Path, arguments: tuple[str, ...], where: str
) -> None:
    before = texts(tree)
    refused = new(tree, *arguments)
    assert refused.returncode == 1
    assert where in refused.stderr, refused.stderr
    assert texts(tree) == before


def test_new_refuses_a_slug_that_exists(tree: Path) -> None:
    before = texts(tree)
    refused = run(tree, "new", "learning-rate")
    assert refused.returncode == 1
    assert f"{TERMS}/learning-rate/term.yml:1:1" in refused.stderr
    assert texts(tree) == before


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("new", "Beam Search"), "such as `beam-search`"),
        (("new", "../../escape"), "cannot be a slug"),
        (("new", "beam", "--zh", "束\u200b", "--en", "beam"), "--category is missing"),
        (
            (
                "new",
                "b",
                "--zh",
                "束\u200b",
                *["--en", "b", "--category", "training", "--level", "beginner"],
            ),
            "a zero-width space",
        ),
        (("new", "beam-search"), "--zh is missing"),
        (("new", "x", "--zh", "甲", "--en", "x", "--category", "trainning"), "one of: training"),
        (("rename", "no-such", "other"), "there is no concept `no-such`"),
        (("rename", "loss-function", "Loss"), "cannot be a slug"),
        (("check", "docs/terms/nowhere"), "there is no file or folder"),
        (("fix", "docs/terms/nowhere"), "there is no file or folder"),
        (("status", "--accept", "los-function", "en"), "write `loss-function`"),
        (("status", "--accept", "gradient-descent", "fr"), "zh, en"),
        (("status", "--accept", "gradient-descent"), "zh, en"),
        (("status", "--accept", "gradient-descent", "zh"), "is the original"),
        (("status", "--accept", "gradient-descent", "en", "hwo"), "no section `hwo`"),
        (("status", "--accept", "gradient-descent", "en", "plan"), "write `plain`"),
        (("frobnicate",), "invalid choice"),
    ],
)
def test_wrong_usage_exits_with_2_and_says_what_to_write(
    tree: Path, words: tuple[str, ...], said: str
) -> None:
    before = texts(tree)
    result = run(tree, *words)
    assert result.returncode == 2
    assert said in result.stderr, result.stderr
    assert "Traceback" not in result.stderr
    assert texts(tree) == before


def test_new_reports_all_that_is_wrong_with_its_options(tree: Path) -> None:
    words = ["--zh", "束\u200b", "--category", "trainning", "--level", "begginer"]
    words += ["--requires", "los-function,learning-rate", "--source", "robins1951"]
    result = run(tree, "new", "Beam Search", *words)
    assert result.returncode == 2
    for said in (
        "such as `beam-search`",
        "--zh: ",
        "--en is missing",
        "write `training`",
        "write `beginner`",
        "write `loss-function`",
        "write `robbins1951stochastic`",
    ):
        assert said in result.stderr
    # And what stands elsewhere already, in the same run.
    taken = run(tree, "new", "learning-rate", "--zh", "动量", "--level", "begginer")
    assert taken.returncode == 1
    for said in (f"{TERMS}/learning-rate/term.yml:1:1", f"{RECORD}:15:12", "write `beginner`"):
        assert said in taken.stderr


def test_a_file_of_redirects_without_any_is_fine(tree: Path) -> None:
    path = tree / "docs/redirects.yml"
    path.write_text("# Former slugs.\n\n# None yet.\n", "utf-8")
    assert list(rename.check(load(tree)[0])) == []
    assert run(tree, "rename", "loss-function", "objective").returncode == 0
    assert rename.redirects(tree) == {"loss-function": "objective"}


def test_redirects_that_cannot_be_read_are_not_written_anew(tree: Path) -> None:
    path = tree / "docs/redirects.yml"
    path.write_text("old: learning-rate\nother: [\n", "utf-8")
    before = texts(tree)
    result = run(tree, "rename", "loss-function", "objective")
    assert result.returncode == 1
    assert "docs/redirects.yml:2:8 yaml" in result.stderr
    assert texts(tree) == before


def test_the_tool_starts_by_itself_and_explains_every_command() -> None:
    for words in ([], ["new"]):
        result = subprocess.run(
            [sys.executable, str(PROJECT / "hooks" / "cli.py"), *words, "--help"],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert result.returncode == 0, result.stderr
        assert "usage: cli.py" in result.stdout
        if not words:
            assert "0 all is well, 1 there are problems, 2 wrong usage" in result.stdout


def test_new_asks_at_a_terminal_for_what_is_missing(
    tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter(["束搜索", "", "", "BS", "training", "expert", "advanced"])
    monkeypatch.setattr("builtins.input", lambda: next(answers))
    monkeypatch.setattr(new_command, "_at_terminal", lambda: True)
    # The level is asked again after an answer that will not do.
    assert run(tree, "new", "beam-search").returncode == 0
    record = load(tree)[0].concepts["beam-search"].record
    assert record.names.en.accepted == ("beam search", "BS")
    assert (record.names.zh_hant.preferred, record.level) == ("束搜尋", "advanced")


def test_rename_rewrites_every_reference(tree: Path) -> None:
    change(
        tree / EN,
        lambda text: (
            text.rstrip()
            + "\n\nSee [it](../loss-function/index.md#how), [here](../loss-function/), [r].\n\n"
            "[r]: ../loss-function/index.md\n\n"
            "Not [this](https://example.org/terms/loss-function/) nor [that](#loss-function-x).\n"
        ),
    )
    change(
        tree / "docs/index.en.md",
        lambda text: (
            text + "\n[Loss](terms/loss-function/index.md)\n"
            "\n```text\n[Loss](terms/loss-function/index.md)\n```\n"
        ),
    )
    (tree / TERMS / "loss-function" / "curve.png").write_bytes(b"png")
    before = errors(tree)
    result = run(tree, "rename", "loss-function", "objective")
    assert result.returncode == 0, result.stderr
    glossary, _ = load(tree)
    assert {p.code for p in errors(tree)} <= {p.code for p in before}
    assert "objective" in glossary.concepts
    assert "loss-function" not in glossary.concepts
    assert glossary.concepts["gradient-descent"].record.relations.requires[0] == "objective"
    assert glossary.concepts["learning-rate"].record.relations.related == ("objective",)
    assert glossary.homographs[0].term == "objective"
    article = (tree / EN).read_text("utf-8")
    for link in ("(../objective/index.md#how)", "(../objective/)", "[r]: ../objective/index.md"):
        assert link in article
    assert "(https://example.org/terms/loss-function/)" in article
    assert "(#loss-function-x)" in article
    home = (tree / "docs/index.en.md").read_text("utf-8")
    assert "\n[Loss](terms/objective/index.md)" in home
    assert "```text\n[Loss](terms/loss-function/index.md)" in home
    assert (tree / TERMS / "objective" / "curve.png").exists()
    assert not (tree / TERMS / "loss-function").exists()
    assert rename.redirects(tree) == {"loss-function": "objective"}


def test_rename_leaves_a_green_tree_and_redirects_without_chains(tree: Path) -> None:
    assert run(tree, "rename", "loss-function", "objective").returncode == 0
    assert errors(tree) == []
    assert run(tree, "rename", "objective", "cost").returncode == 0
    assert rename.redirects(tree) == {"loss-function": "cost", "objective": "cost"}
    assert list(rename.check(load(tree)[0])) == []
    # And back: the page cannot redirect to itself.
    assert run(tree, "rename", "cost", "loss-function").returncode == 0
    assert rename.redirects(tree) == {"cost": "loss-function", "objective": "loss-function"}
    assert errors(tree) == []


def test_a_slug_in_use_is_neither_renamed_to_nor_given_again(tree: Path) -> None:
    refused = run(tree, "rename", "loss-function", "learning-rate")
    assert refused.returncode == 1
    assert f"{TERMS}/learning-rate/term.yml:1:1" in refused.stderr
    assert run(tree, "rename", "loss-function", "objective").returncode == 0
    for words in (
        ("rename", "learning-rate", "loss-function"),
        ("new", "loss-function"),
    ):
        again = run(tree, *words)
        assert again.returncode == 1
        assert "former slug of `objective`" in again.stderr


def test_a_redirect_that_leads_nowhere_is_a_problem(tree: Path) -> None:
    path = tree / "docs/redirects.yml"
    path.write_text("old: gone\nlearning-rate: loss-function\n", "utf-8")
    found = list(rename.check(load(tree)[0]))
    assert [(p.line, p.code) for p in found] == [(1, "unknown-concept"), (2, "redirect")]
    path.write_text("- a\n", "utf-8")
    assert [p.code for p in rename.check(load(tree)[0])] == ["yaml"]


def test_redirect_pages_in_every_language_escape_the_name(tree: Path) -> None:
    new(tree, "--en", 'a <b>"beam"</b>', "--zh", "束搜索")
    glossary = load(tree)[0]
    words = strings.load()
    moved = {"beam": "beam-search", "gone": "nowhere"}
    pages = {
        language: rename.redirect_pages(glossary, moved, language, words[language])
        for language in ("zh", "zh-Hant", "en")
    }
    assert [list(found) for found in pages.values()] == [
        ["terms/beam/index.html"],
        ["zh-Hant/terms/beam/index.html"],
        ["en/terms/beam/index.html"],
    ]
    html = pages["en"]["en/terms/beam/index.html"]
    assert 'url=../beam-search/"' in html
    assert "&lt;b&gt;&quot;beam&quot;" in html
    assert "<b>" not in html


DISORDER = """\
# the schema is known by this line
level: intermediate   # so far
# chosen after debate
category: training
names:
  en: {abbreviation: GD, preferred: gradient descent}
  zh: {preferred: 梯度下降, admitted: [梯度下降法]}
  zh-Hant: {preferred: 梯度下降, admitted: [梯度下降法]}
sources: [robbins1951stochastic]
sections:
  - names:
      zh: {preferred: 动量}
      zh-Hant: {preferred: 動量}
      en: {preferred: momentum}
    # the anchor
    id: momentum
    definition:
      en: An update that accumulates past gradients.
      zh: 用SGD累积过去梯度的更新方式。
relations:
  requires: [loss-function, learning-rate]

confusable_with:
  - term: learning-rate
    difference: {zh: 学习率是它的一个参数。, en: The learning rate is one of its parameters.}
"""
ORDER = """\
# the schema is known by this line
# chosen after debate
category: training
level: intermediate   # so far
names:
  zh: {preferred: 梯度下降, admitted: [梯度下降法]}
  zh-Hant: {preferred: 梯度下降, admitted: [梯度下降法]}
  en: {preferred: gradient descent, abbreviation: GD}
relations:
  requires: [loss-function, learning-rate]

confusable_with:
  - term: learning-rate
    difference: {zh: 学习率是它的一个参数。, en: The learning rate is one of its parameters.}
sections:
  # the anchor
  - id: momentum
    names:
      zh: {preferred: 动量}
      zh-Hant: {preferred: 動量}
      en: {preferred: momentum}
    definition:
      zh: 用 SGD 累积过去梯度的更新方式。
      en: An update that accumulates past gradients.
sources: [robbins1951stochastic]
"""


def test_fix_orders_a_record_and_keeps_its_comments() -> None:
    fixed = repair.record(DISORDER, ConceptRecord)
    assert fixed.split("\n") == ORDER.split("\n")
    assert repair.record(fixed, ConceptRecord) == fixed


def test_fix_mends_an_article_and_the_check_is_green_again(tree: Path) -> None:
    def spoil(text: str) -> str:
        head, plain, rest = re.split(r"(?=^## 通俗理解)|(?=^## 专业解释)", text, flags=re.MULTILINE)
        plain = plain.replace(" {#plain}", "").replace("梯度下降像", "SGD像`a,b学习`,") + "\n"
        plain = plain.replace("学习率决定", "取$\\eta=1$时,学习率[@robbins1951stochastic]决定")
        return head.replace("的优化", "的SGD优化") + rest.rstrip() + "\n\n" + plain

    change(tree / ZH, spoil)
    assert {p.code for p in errors(tree)} >= {"heading-id", "missing-section", "typography"}
    spoiled = texts(tree)

    checked = run(tree, "fix", "--check")
    assert checked.returncode == 1
    assert f"--- a/{ZH}" in checked.stdout
    assert "+## 通俗理解 {#plain}" in checked.stdout
    assert texts(tree) == spoiled, "--check wrote"

    fixed = run(tree, "fix", f"{TERMS}/gradient-descent")
    assert fixed.returncode == 0, fixed.stderr
    assert fixed.stdout == checked.stdout
    text = (tree / ZH).read_text("utf-8")
    for kept in ("`a,b学习`", "$\\eta=1$", "[@robbins1951stochastic]"):
        assert kept in text
    assert "方向反复更新参数的 SGD 优化方法。" in text
    assert errors(tree) == []
    assert run(tree, "fix", "--check").returncode == 0


@pytest.mark.parametrize(
    "body",
    [
        "取$x,中y$时，SGD好",
        "取 $\\text{学习rate}$ 时SGD",
        "$$\nx,y中a\n$$",
        "引[@a中b]文A",
        "```pycon\n>>> x = 1  # 学习rate,好\n```",
        "见[链](../a中b/index.md)",
    ],
)
def test_code_formulas_citations_and_targets_are_never_touched(body: str) -> None:
    assert typography.mended(body) == body
    # A line that may not be touched does not keep the others from repair.
    assert typography.mended(f"用SGD\n\n{body}\n\n用SGD") == f"用 SGD\n\n{body}\n\n用 SGD"


def test_fix_touches_only_the_paths_given(tree: Path) -> None:
    change(
        tree / RECORD,
        lambda text: text.replace("category: training\n", "") + "category: training\n",
    )
    other = tree / TERMS / "learning-rate" / "term.yml"
    change(other, lambda text: text.replace("category: training\n", "") + "category: training\n")
    spoiled = other.read_bytes()
    assert run(tree, "fix", RECORD).returncode == 0
    assert (tree / RECORD).read_text("utf-8").startswith("category")
    assert other.read_bytes() == spoiled


def test_a_repair_that_would_add_a_problem_is_not_written(
    tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repair, "article", lambda text, language: text.replace("[@r", "[@x"))  # noqa: ARG005
    before = texts(tree)
    refused = run(tree, "fix")
    assert "unknown-citation" in refused.stderr
    assert texts(tree) == before


def test_what_cannot_be_read_is_left_alone(tree: Path) -> None:
    for name, data in (
        (RECORD, b"category: [\n"),
        (ZH, "---\ndefinition: x\n".encode("gbk") + b"\xff\xfe"),
    ):
        (tree / name).write_bytes(data)
    before = texts(tree)
    for words in (("fix",), ("fix", "--check"), ("status",), ("check",)):
        result = run(tree, *words)
        assert result.returncode in {0, 1}
        assert "Traceback" not in result.stderr
    assert texts(tree) == before


def test_nothing_on_the_real_pages_is_left_to_repair() -> None:
    assert dict(repair.find(PROJECT, lambda _: True).writes) == {}


PIECES = [
    "## 工作原理",
    "## 通俗理解 {#plain}",
    "## 专业解释 {#definition}",
    "### 小节 {#a}",
    "## 其他",
]
PIECES += [
    "正文SGD,正文。",
    "`a,b` 中$x，y$文",
    "```pycon\n>>> 1,2 # 中文,x\n```",
    "[@a;@b]文A",
    "$$\nx,y中a\n$$",
]
PIECES += [
    "| 甲A | b |\n| --- | --- |\n| 1,2 | 中 |",
    "[链A接](../a/index.md#b)",
    "```",
    "> ## 引用",
    "\t",
    "---",
]


@given(st.lists(st.sampled_from(PIECES), max_size=9))
@settings(max_examples=150, deadline=None)
def test_repairs_are_idempotent_and_lose_no_line(pieces: list[str]) -> None:
    text = "---\ndefinition: 甲A,乙。\nreviewed: 2026-01-01\n---\n\n" + "\n\n".join(pieces) + "\n"
    once = repair.article(text, "zh")
    assert repair.article(once, "zh") == once

    def words(body: str) -> list[str]:
        bare = re.sub(r"\{#\w+\}", "", body).translate(str.maketrans("，。；：（）", ",.;:()"))
        return sorted(re.sub(r"\s", "", line) for line in bare.split("\n") if line.strip())

    assert words(once) == words(text)


def test_status_lists_what_is_missing_in_both_formats(tree: Path) -> None:
    text = run(tree, "status")
    assert text.returncode == 0
    assert f"{TERMS}/learning-rate/index.en.md:1 to be written" in text.stdout
    data = json.loads(run(tree, "status", "--format", "json").stdout)
    missing = [(e["slug"], e["language"]) for e in data["entries"] if e["kind"] == "missing"]
    assert missing == [("learning-rate", "en"), ("loss-function", "zh")]
