"""A translation whose source has changed says so, section by section."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import ChoiceLoader, DictLoader, Environment, FileSystemLoader

from conftest import PROJECT
from llmglossary import graph, pages, status, strings, traditional, translation
from llmglossary.load import load
from llmglossary.localize import sites
from llmglossary.model import Concept, Glossary
from llmglossary.record import Language
from test_cli import run

FOLDER = "docs/terms/gradient-descent"
ZH, EN = f"{FOLDER}/index.zh.md", f"{FOLDER}/index.en.md"
TODAY = date(2026, 11, 22)


def edit(root: Path, path: str, old: str, new: str) -> None:
    file = root / path
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), "utf-8")


def concept(root: Path) -> Concept:
    return load(root)[0].concepts["gradient-descent"]


def stale(root: Path, language: Language = "en") -> list[tuple[str, str]]:
    one = concept(root)
    return [(c.section, c.kind) for c in translation.changes(one, one.articles[language])]


@pytest.fixture
def tree(tree: Path) -> Path:
    """The small project before anybody stamped its translation."""
    path = tree / EN
    bare = re.sub(r"^translated_from:\n(?: .*\n)+", "", path.read_text("utf-8"), flags=re.MULTILINE)
    path.write_text(bare, "utf-8")
    return tree


@pytest.fixture
def stamped(tree: Path) -> Path:
    """The small project, its English article accepted as a translation of the Chinese one."""
    assert run(tree, "status", "--accept", "gradient-descent", "en").returncode == 0
    return tree


def test_accepting_a_translation_stamps_it_and_changes_nothing_else(tree: Path) -> None:
    before = (tree / EN).read_text("utf-8")
    warned = [p for p in translation.check(load(tree)[0]) if p.path == EN]
    assert [(p.code, p.severity) for p in warned] == [("unstamped-translation", "warning")]
    assert "status --accept gradient-descent en" in warned[0].fix
    assert run(tree, "status", "--accept", "gradient-descent", "en").returncode == 0
    after = (tree / EN).read_text("utf-8")
    stamp = concept(tree).articles["en"].front_matter.translated_from
    assert stamp is not None
    assert stamp.language == "zh"
    assert list(stamp.sections) == [
        "summary", "plain", "definition", "how", "example", "misconceptions",
    ]  # fmt: skip
    start, end = after.index("translated_from:"), after.index("---\n", 4)
    assert after[:start] + after[end:] == before
    assert list(translation.check(load(tree)[0])) == []
    again = run(tree, "status", "--accept", "gradient-descent", "en")
    assert again.returncode == 0
    assert "up to date" in again.stderr
    assert (tree / EN).read_text("utf-8") == after


CHANGES = [
    ("脚下的坡", "脚边的坡", [("plain", "changed")]),
    ("累积过去的梯度", "累积以前的梯度", [("definition", "changed")]),
    ("0.1 * 2.0", "0.1 * 3.0", [("example", "changed")]),
    ("更新参数的优化方法", "更新参数的方法", [("summary", "changed")]),
    ("[@robbins1951stochastic]", "", [("definition", "changed")]),
    ("参数经过更新变小", "参数经过更新变大", [("how", "changed")]),
    (
        "## 常见误解 {#",
        "## 易混概念 {#confusions}\n\n无。\n\n## 常见误解 {#",
        [("confusions", "added")],
    ),
    ("\n## 工作原理 {#how}\n", "", [("definition", "changed"), ("how", "removed")]),
]


@pytest.mark.parametrize(("old", "new", "expected"), CHANGES)
def test_each_changed_section_is_found(
    stamped: Path, old: str, new: str, expected: list[tuple[str, str]]
) -> None:
    edit(stamped, ZH, old, new)
    assert stale(stamped) == expected
    found = [p for p in translation.check(load(stamped)[0]) if p.code == "stale-translation"]
    assert [p.path for p in found] == [EN] * len(expected)
    assert all(p.severity == "warning" for p in found)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("下山时看脚下的坡。学习率", "下山时，看脚下的坡。学习率"),
        ("代码 `学习率`", "代码 `损失`"),
    ],
)
def test_a_comma_more_or_other_code_is_a_change(stamped: Path, old: str, new: str) -> None:
    edit(stamped, ZH, old, new)
    assert len(stale(stamped)) == 1


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("坡。学习率", "坡。\n学习率"),
        ("看脚下的坡。学习率决定步子多大，", "看脚下的坡. 学习率 决定步子多大,"),
        ("“步子越大越快。”", '"步子越大越快。"'),
        ("\n\n累积过去", "\n\n\n\n累积过去"),
        ("## 算一算 {#example}", "## 例子 {#example}"),
        ("reviewed: 2026-01-02", "reviewed: 2026-11-02"),
    ],
)
def test_cosmetic_edits_do_not_count(stamped: Path, old: str, new: str) -> None:
    edit(stamped, ZH, old, new)
    assert stale(stamped) == []


@given(st.lists(st.sampled_from(["中文", "LoRA", "1", "2", "，", "。", "x"]), min_size=1))
def test_spacing_never_counts_but_what_words_it_parts_does(parts: list[str]) -> None:
    assert translation.fingerprint(" ".join(parts)) == translation.fingerprint("\n".join(parts))
    assert translation.fingerprint("1 1/2") != translation.fingerprint("11/2")
    assert translation.fingerprint("".join(parts)).isalpha()


def test_a_stale_section_is_reported_where_it_is_to_be_mended(stamped: Path) -> None:
    edit(stamped, ZH, "脚下的坡", "脚边的坡")
    (problem,) = translation.check(load(stamped)[0])
    line = (stamped / EN).read_text("utf-8").split("\n").index("## In plain words {#plain}") + 1
    assert (problem.path, problem.line, problem.code) == (EN, line, "stale-translation")
    assert f"{ZH}:6" in problem.message
    assert "status --accept gradient-descent en plain" in problem.fix


def test_accepting_one_section_leaves_the_others_stale(stamped: Path) -> None:
    edit(stamped, ZH, "脚下的坡", "脚边的坡")
    edit(stamped, ZH, "\n## 工作原理 {#how}\n", "")
    accept = ("status", "--accept", "gradient-descent", "en")
    assert run(stamped, *accept, "plain").returncode == 0
    assert stale(stamped) == [("definition", "changed"), ("how", "removed")]
    assert run(stamped, *accept, "how").returncode == 0
    assert stale(stamped) == [("definition", "changed")]
    assert run(stamped, *accept).returncode == 0
    assert stale(stamped) == []


def test_the_original_may_be_english(tree: Path) -> None:
    edit(tree, ZH, "reviewed:", "translated_from: {language: en, sections: {}}\nreviewed:")
    assert len(stale(tree, "zh")) == 6
    assert run(tree, "status", "--accept", "gradient-descent", "zh").returncode == 0
    assert stale(tree, "zh") == []
    text = (tree / ZH).read_text("utf-8")
    assert text.count("translated_from") == 1
    assert "reviewed: 2026-01-02\n" in text
    assert translation.original_of(concept(tree)) == concept(tree).articles["en"]
    assert list(translation.check(load(tree)[0])) == []


@pytest.mark.parametrize(
    ("path", "language", "said"),
    [
        (EN, "en", "from itself"),
        (EN, "zh-Hant", "index.zh-Hant.md, which does not exist"),
    ],
)
def test_a_stamp_that_names_no_source_is_an_error(
    tree: Path, path: str, language: str, said: str
) -> None:
    stamp = f"translated_from: {{language: {language}, sections: {{}}}}\n"
    edit(tree, path, "---\n\n", f"{stamp}---\n\n")
    found = [p for p in translation.check(load(tree)[0]) if p.severity == "error"]
    assert [p.code for p in found] == ["translation-source"]
    assert said in found[0].message


def test_two_articles_cannot_be_translations_of_each_other(stamped: Path) -> None:
    edit(stamped, ZH, "---\n\n", "translated_from: {language: en, sections: {}}\n---\n\n")
    found = [p for p in translation.check(load(stamped)[0]) if p.severity == "error"]
    assert [p.path for p in found] == [ZH, EN]


def test_a_stamp_written_by_hand_is_refused_with_its_place(stamped: Path) -> None:
    edit(stamped, EN, "    plain: ", "    plain: reviewed-")
    problems = load(stamped)[1]
    assert [(p.path, p.code) for p in problems] == [(EN, "invalid-value")]


def rendered(template: str, **context: object) -> str:
    """Render the content block of a template the way the site does, less the frame."""
    environment = Environment(  # noqa: S701 - as in MkDocs; the templates switch it on
        loader=ChoiceLoader(
            [
                DictLoader({"main.html": "{% block content %}{% endblock %}"}),
                FileSystemLoader(PROJECT / "overrides"),
            ]
        )
    )
    environment.filters["url"] = lambda address: "/" + address
    return environment.get_template(template).render(context)


def term_page(glossary: Glossary, language: Language, slug: str) -> pages.TermPage:
    site = sites(glossary, traditional.from_glossary(glossary))[language]
    around = pages.Around(site, graph.build(glossary), pages.arrange(site), pages.Repository(""))
    one = glossary.concepts[slug]
    return pages.term_page(around, one, cited=(), linked_from=(), report_title="")


def context(root: Path, language: Language) -> dict[str, object]:
    glossary = load(root)[0]
    words = strings.load()
    return {
        "t": words[language],
        "language": language,
        "home_url": "en/" if language == "en" else "",
        "language_names": {key: words[key]["language_name"] for key in words},
        "g": sites(glossary, traditional.from_glossary(glossary))[language],
        "references": {},
    }


def test_readers_see_which_sections_are_behind(stamped: Path) -> None:
    common = context(stamped, "en")
    page = rendered("term.html", term=term_page(load(stamped)[0], "en", "gradient-descent"), page={"content": ""}, **common)  # fmt: skip  # noqa: E501
    assert "admonition warning" not in page
    edit(stamped, ZH, "脚下的坡", "脚边的坡")
    edit(stamped, ZH, "更新参数的优化方法", "更新参数的方法")
    edit(stamped, ZH, "## 常见误解 {#", "## 易混概念 {#confusions}\n\n无。\n\n## 常见误解 {#")
    term = term_page(load(stamped)[0], "en", "gradient-descent")
    page = rendered("term.html", term=term, page={"content": ""}, **common)
    banner = " ".join(page[page.index("admonition warning") :].split("</div>")[0].split())
    assert (
        "since they were translated: the definition at the top, "
        '<a href="#plain">In plain words</a>, 易混概念. '
        '<a href="/terms/gradient-descent/" hreflang="zh-Hans">See the original</a>'
    ) in banner
    assert term_page(load(stamped)[0], "zh", "gradient-descent").stale == ()


def test_the_status_page_shows_the_same_list_in_every_language(stamped: Path) -> None:
    edit(stamped, ZH, "脚下的坡", "脚边的坡")
    edit(stamped, EN, "reviewed: 2026-01-02", "reviewed: 2024-01-02")
    edit(stamped, f"{FOLDER}/term.yml", "preferred: gradient descent", "preferred: <i>GD</i>")
    found = status.report(load(stamped)[0], TODAY)
    for language in ("zh", "zh-Hant", "en"):
        html = rendered(
            "status.html",
            status=found,
            repository=pages.Repository("https://forge.example/r"),
            page={"title": "T", "content": ""},
            **context(stamped, language),
        )
        for kind in ("missing", "stale", "unreviewed"):
            assert f'<h3 id="{kind}">' in html
        assert "<code>plain</code>" in html
        assert f"https://forge.example/r/edit/main/{EN}" in html
        assert "<i>" not in html
        assert "&lt;table" not in html
        assert html.count("<table>") == 2
    assert "&lt;i&gt;GD&lt;/i&gt;" in html


def dated(path: str, old: str, new: str) -> Callable[[Path], None]:
    return lambda root: edit(root, path, old, new)


CLAIM = "\nclaims:\n  - {id: best, as_of: 2024-01, review_by: %s, source: robbins1951stochastic}\n"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (dated(EN, "reviewed: 2026-01-02", "reviewed: 2025-05-22"), []),
        (dated(EN, "reviewed: 2026-01-02", "reviewed: 2025-05-21"), [("unreviewed", "en")]),
        (dated(f"{FOLDER}/term.yml", "\nsources", CLAIM % "2026-11" + "sources"), []),
        (
            dated(f"{FOLDER}/term.yml", "\nsources", CLAIM % "2026-10" + "sources"),
            [("expired", None)],
        ),
    ],
)
def test_reviews_and_claims_grow_old_on_the_right_day(
    stamped: Path, change: Callable[[Path], None], expected: list[tuple[str, str | None]]
) -> None:
    change(stamped)
    glossary, problems = load(stamped)
    assert problems == []
    found = status.report(glossary, TODAY)
    due = [(i.kind, i.language) for i in found.entries if i.slug == "gradient-descent"]
    assert due == expected


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 11, 22), 18, date(2025, 5, 22)),
        (date(2026, 1, 31), 11, date(2025, 3, 1)),
        (date(2025, 12, 31), 1, date(2025, 12, 1)),
        (date(2026, 1, 1), 12, date(2025, 1, 1)),
    ],
)
def test_months_back(day: date, months: int, expected: date) -> None:
    assert status.months_before(day, months) == expected


def test_every_real_translation_is_stamped() -> None:
    glossary, _ = load(PROJECT)
    found = [p for p in translation.check(glossary) if p.code != "stale-translation"]
    assert found == []
