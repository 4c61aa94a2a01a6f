"""The examples of the contributors' guide do what the guide says, and every code has one."""

from __future__ import annotations

import ast
import json
import shutil
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from conftest import PROJECT, documents
from llmglossary import examples, report, rules
from llmglossary.load import load
from llmglossary.model import Problem
from llmglossary.rules import claims
from llmglossary.rules.guide import Example, FileKind, localized
from llmglossary.yaml_source import YamlError, parse

CONCEPT = Path("docs/terms/gradient-descent")
FILES: dict[FileKind, Path] = {
    "term.yml": CONCEPT / "term.yml",
    "article zh": CONCEPT / "index.zh.md",
    "article zh-Hant": CONCEPT / "index.zh-Hant.md",
    "article en": CONCEPT / "index.en.md",
    "references.bib": Path("docs/references.bib"),
    "path.yml": Path("docs/paths/first/path.yml"),
}
DOCUMENTED = [example for guide in rules.GUIDES for example in guide.examples]
# With tests of their own: those of status, new and rename, and of a linter that fails.
BY_COMMANDS = {"stale-translation", "unstamped-translation", "translation-source"} | {
    "duplicate-slug",
    "redirect",
    "markdown-unchecked",
}
EXAMPLES = [example for example in DOCUMENTED if example.code not in BY_COMMANDS]


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """The documents of the small glossary, without theme and pages."""
    documents(tmp_path)
    (tmp_path / CONCEPT / "ball.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    return tmp_path


def problems(root: Path) -> list[Problem]:
    glossary, found = load(root)
    found = found + rules.check(glossary)
    for concept in glossary.concepts.values():
        for article in concept.articles.values():
            found.extend(examples.check(article))
    return found


def put(root: Path, example: Example, snippet: str) -> None:
    """Write `snippet` where `example` belongs in the small glossary."""
    file = root / FILES[example.kind]
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(snippet, "utf-8")
        return
    text = file.read_text("utf-8")
    place = example.replaces or next(h for h in ("\n## 工作原理", "\n## How it works") if h in text)
    assert text.count(place) >= 1, f"the fixture does not hold {place!r}"
    new = snippet if example.replaces else f"\n{snippet}\n{place}"
    file.write_text(text.replace(place, new, 1), "utf-8")


def edit(path: str, old: str, new: str) -> Callable[[Path], None]:
    def change(root: Path) -> None:
        text = (root / path).read_text("utf-8")
        assert old in text
        (root / path).write_text(text.replace(old, new, 1), "utf-8")

    return change


LOSS = "docs/terms/loss-function/term.yml"
# What some examples presuppose elsewhere in the tree.
BACKGROUND: dict[str, Callable[[Path], object]] = {
    "requires-cycle": edit(LOSS, "sources:", "relations: {requires: [gradient-descent]}\nsources:"),
    "level-falls": edit(LOSS, "level: beginner", "level: advanced"),
    "few-sources": lambda root: [
        edit(path, "[robbins1951stochastic]", "[robbins1951stochastic, other]")(root)
        for path in (LOSS, LOSS.replace("loss-function", "learning-rate"))
    ],
}


def _remove(*names: str) -> Callable[[Path], None]:
    def change(root: Path) -> None:
        for name in names:
            (root / CONCEPT / name).unlink()

    return change


def _write(name: str, data: bytes) -> Callable[[Path], None]:
    def change(root: Path) -> None:
        (root / CONCEPT / name).write_bytes(data)

    return change


def _link(root: Path) -> None:
    (root / CONCEPT / "index.zh.md").unlink()
    (root / CONCEPT / "index.zh.md").symlink_to("../loss-function/index.en.md")


def _photo(size: int) -> Callable[[Path], None]:
    def change(root: Path) -> None:
        (root / CONCEPT / "photo.webp").write_bytes(b"x" * size)
        snippet = "![坡](photo.webp){width=640 height=360}"
        put(root, Example("", "article zh", "", ""), snippet)

    return change


def _folder(name: str) -> Callable[[Path], None]:
    def change(root: Path) -> None:
        (root / CONCEPT / name).unlink(missing_ok=True)
        (root / CONCEPT / name).mkdir()

    return change


def _paragraph(length: int) -> Callable[[Path], None]:
    return lambda root: put(root, Example("", "article zh", "", ""), "长" * length)


def _nothing(_: Path) -> None:
    pass


def _navigation(*entries: str) -> Callable[[Path], None]:
    def change(root: Path) -> None:
        lines = "".join(f"  - {entry}\n" for entry in entries)
        (root / "mkdocs.yml").write_text(f"site_url: !ENV [A, b]\nnav:\n{lines}", "utf-8")

    return change


def _page(name: str, *entries: str) -> Callable[[Path], None]:
    def change(root: Path) -> None:
        file = root / "docs/contribute" / name
        file.resolve().parent.mkdir(exist_ok=True)
        file.resolve().touch()
        _navigation(*entries)(root)

    return change


# Mistakes that are not in the text of a file: how to make them, and how it is done right.
FILE_EXAMPLES: dict[str, tuple[Callable[[Path], None], Callable[[Path], None]]] = {
    "missing-article": (_remove("index.zh.md", "index.en.md"), _remove("index.en.md")),
    "missing-file": (_remove("term.yml"), _nothing),
    "unexpected-file": (_write("index.zn.md", b""), _nothing),
    "not-a-file": (_folder("index.zh.md"), _nothing),
    "slug": (_folder("../Gradient Descent"), _folder("../gradient-descent-2")),
    "too-long": (_paragraph(6000), _paragraph(3000)),
    "symlink": (_link, _nothing),
    "file-size": (_write("index.zh.md", b"x" * 1_200_000), _nothing),
    "encoding": (_write("index.zh.md", "词元".encode("gbk")), _nothing),
    "control-character": (edit(str(FILES["article zh"]), "梯度下降像", "梯\u202e度像"), _nothing),
    "category-page": (
        _navigation("paths/index.md"),
        _page("../categories/training.zh.md", "categories/training.md"),
    ),
    "nav-missing": (_navigation("path/index.md"), _navigation("paths/index.md")),
    "nav-omitted": (
        _page("x.zh.md", "contribute/index.md"),
        _page("x.zh.md", "contribute/index.md", "contribute/x.md"),
    ),
    "nav-untranslated": (
        _page("x.zh.md", "contribute/x.md"),
        _page("index.en.md", "contribute/index.md"),
    ),
    "image-size": (_photo(1_800_000), _photo(120_000)),
}


@pytest.mark.parametrize(
    "example", EXAMPLES, ids=[f"{number}-{example.code}" for number, example in enumerate(EXAMPLES)]
)
def test_a_wrong_example_is_reported_and_its_right_one_is_not(
    small: Path, tmp_path_factory: pytest.TempPathFactory, example: Example
) -> None:
    other = tmp_path_factory.mktemp("right") / "tree"
    BACKGROUND.get(example.code, _nothing)(small)
    shutil.copytree(small, other)
    if example.kind == "files":
        wrong, right = FILE_EXAMPLES[example.code]
        wrong(small)
        right(other)
    else:
        put(small, example, example.wrong)
        put(other, example, example.right)
    found = problems(small)
    mine = [problem for problem in found if problem.code == example.code]
    assert mine, report.render(found)
    guide = next(guide for guide in rules.GUIDES if example.code in guide.all_codes)
    assert {problem.severity for problem in mine} == {guide.severity(example.code)}
    remaining = [problem for problem in problems(other) if problem.code == example.code]
    assert remaining == [], report.render(remaining)


def _codes(tree: ast.Module) -> Iterator[ast.expr]:
    """Yield every expression that a module passes as the code of a problem."""
    places = {"Problem": 3}
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            names = [a.arg for a in node.args.args if a.arg != "self"]
            if "code" in names and "message" in names:
                places[node.name] = names.index("code")
        elif isinstance(node, ast.ClassDef):
            fields = [
                n.target.id
                for n in node.body
                if isinstance(n, ast.AnnAssign) and isinstance(n.target, ast.Name)
            ]
            if "code" in fields and "message" in fields:
                places[node.name] = fields.index("code")
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            function = node.func
            name = function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")
            if name in places and len(node.args) > places[name]:
                yield node.args[places[name]]


def test_every_code_has_a_guide_with_an_example() -> None:
    emitted: set[str] = set()
    library = PROJECT / "hooks/llmglossary"
    for file in sorted((PROJECT / "hooks").rglob("*.py")):
        # What cannot be printed is found while a book is made, not by a rule.
        if file.is_relative_to(library / "book"):
            continue
        for code in _codes(ast.parse(file.read_text("utf-8"))):
            emitted |= {
                node.value
                for node in ast.walk(code)
                if isinstance(node, ast.Constant) and isinstance(node.value, str)
            }
    # Spelled in a table rather than in the call.
    emitted |= {"unknown-concept", "unknown-category", "unknown-source"}
    documented = [code for guide in rules.GUIDES for code in guide.all_codes]
    assert len(documented) == len(set(documented))
    assert {"number-without-source", "yaml", "bibtex", "symlink"} <= emitted
    assert emitted - set(documented) == set()
    assert set(documented) - emitted == set()
    assert set(documented) == {example.code for example in DOCUMENTED}


def test_the_guide_is_in_the_language_of_the_page() -> None:
    english = localized(rules.GUIDES, "en", str.upper)
    assert all(section.title.isascii() for section in english)
    derived = localized(rules.GUIDES, "zh-Hant", lambda text: "繁" + text)
    assert all(section.what.startswith("繁") for section in derived)
    first = derived[0].codes[0].examples[0]
    assert not first.wrong.startswith("繁")


def test_a_claim_expires_after_its_month(small: Path) -> None:
    edit(
        str(FILES["term.yml"]),
        "sources: [robbins",
        "claims:\n  - {id: a, as_of: 2026-01, review_by: 2026-06, source: robbins1951stochastic}\n"
        "sources: [robbins",
    )(small)
    glossary, _ = load(small)
    assert list(claims.check(glossary, date(2026, 6, 30))) == []
    assert [p.line for p in claims.check(glossary, date(2026, 7, 1))] == [20]


CLEAN = [
    "到第 12 步为止。",
    "用 GPT-2 和 Llama 30 各做 3 次。",
    "取 $n=4096$，写作 `4096`。",
    "“大约有 500 万人”是常见的说法。",
    "步长为 0.8，即 80%。",
]


@pytest.mark.parametrize("text", CLEAN)
def test_a_number_that_claims_nothing_needs_no_source(small: Path, text: str) -> None:
    put(small, Example("", "article zh", "", ""), text)
    assert [p for p in problems(small) if p.code == "number-without-source"] == []


def test_a_table_is_cited_below_it(small: Path) -> None:
    table = "| 年 | 数 |\n| --- | --- |\n| 1951 | 37% |\n\n"
    put(small, Example("", "article zh", "", ""), table + "数据来自 [@robbins1951stochastic]。")
    assert [p for p in problems(small) if p.code == "number-without-source"] == []


HOSTILE = [
    ("[a](../loss-function/index.md){a/onclick=alert(1)}", "attribute"),
    ("- item {: onclick=alert(1) }", "event-handler"),
    ("text *{onclick=*alert(1)}", "event-handler"),
    ("```{.python onclick=alert(1)}\nx\n```", "event-handler"),
    ("/// caption\n    attrs: {onclick: alert(1)}\ntext\n///", "attribute"),
    ("- item\n\n        <img src=x onerror=alert(1)>", "raw-html"),
    ("![a](//example.org/a.png)", "remote-image"),
    ("[a](JaVaScRiPt:alert(1))", "link-scheme"),
    ("[a](&#106;avascript:alert(1))", "link-scheme"),
    ("[a][b]\n\n[b]: vbscript:x", "link-scheme"),
    ("[a](//[x)", "link-scheme"),
    ("[a](%00)", "broken-link"),
    ("[a](../../../../../etc/passwd)", "broken-link"),
    ("[a](/absolute/*.md)", "broken-link"),
    ("[a](" + "x" * 4000 + ".md)", "broken-link"),
    ("![a](" + "x" * 4000 + ".png)", "missing-image"),
    ("![a](../../../../../etc/passwd)", "missing-image"),
    ("![a](%00)", "missing-image"),
]


@pytest.mark.parametrize(("text", "code"), HOSTILE, ids=range(len(HOSTILE)))
def test_what_would_run_or_lead_astray_is_reported(small: Path, text: str, code: str) -> None:
    put(small, Example("", "article en", "", ""), text)
    found = problems(small)
    assert code in {p.code for p in found if p.path.endswith("index.en.md")}, report.render(found)


def test_the_wording_list_is_checked(small: Path) -> None:
    file = small / "docs/terminology.yml"
    for text, code in (
        ("terminology:\n  - {wrong: a, right: b, languages: [fr]}\n", "invalid-value"),
        (
            "terminology:\n  - {wrong: a, right: b, languages: [en], concept: none}\n",
            "unknown-concept",
        ),
        ("terminology: [", "yaml"),
    ):
        file.write_text(text, "utf-8")
        assert code in {p.code for p in problems(small) if p.path == "docs/terminology.yml"}
    file.write_bytes("terminology: 词".encode("gbk"))
    assert "encoding" in {p.code for p in problems(small)}


GOOD_YAML = """\
category: training
level: beginner
names:
  zh: {preferred: 束搜索, admitted: [甲, 乙]}
  en:
    preferred: beam search
    admitted: [a, b]
confusable_with:
  - term: x
    difference:
      zh: 甲
      en: b
sources: [a2020]
"""


@pytest.mark.parametrize(
    ("good", "wrong", "place", "message", "fix"),
    [
        ("en: b", "en: A method: it works", (12, 19), "second colon", '`en: "A method: it works"`'),
        ("    admitted: [a", "   admitted: [a", (7, 4), "3 spaces", "as line 6 (4)"),
        ("    admitted: [a", "     admitted: [a", (7, 6), "5 spaces", "as line 6 (4)"),
        ("    admitted: [a", "  \tadmitted: [a", (7, 3), "a tab", "spaces"),
        ("zh: 甲", 'zh: "甲', (11, 11), "never closed", '`"` at the end'),
        ("zh: 甲", 'zh: "甲"乙', (11, 14), "before `乙`", '\\"'),
        ("en: b", "en: 'it's b'", (12, 15), "before `s b'`", "''"),
        ("[a, b]", "[a, b", (7, 15), "never closed", "`]`"),
        ("乙]}", "乙]", (4, 7), "never closed", "`}`"),
        ("[a, b]", "[a, b]]", (7, 21), "too many", "delete one"),
        ("{preferred: 束", "{preferred: a: 束", (4, 20), "within brackets", "in quotes"),
        ("level: b", "level：b", (2, 6), "full-width", "`level: beginner`"),
        ("level: b", "level:b", (2, 6), "no space behind the colon", "`level: beginner`"),
        ("level: b", "level b", (2, 1), "no key", "`key: value`"),
        ("- term", "-term", (9, 3), "behind the hyphen", "`- term: x`"),
        ("[a2020]", "[@a2020]", (13, 11), "begin with `@`", '`"@a2020"`'),
        ("en: b", "en: *b* is", (12, 11), "begin with `*`", '`"*b* is"`'),
        ("en: b", "en: [CLS] token", (12, 17), "list or a mapping", '`"[CLS] token"`'),
        ("level: b", "<<<<<<< HEAD\nlevel: b", (2, 1), "merged", "delete those"),
        ("en: b", "en: b\n  more: x", (13, 3), "2 spaces", "as line"),
    ],
)
def test_yaml_that_cannot_be_read_is_explained_where_the_mistake_is(
    good: str, wrong: str, place: tuple[int, int], message: str, fix: str
) -> None:
    assert good in GOOD_YAML
    with pytest.raises(YamlError) as caught:
        parse(GOOD_YAML.replace(good, wrong, 1), first_line=1)
    error = caught.value
    assert (error.place.line, error.place.column) == place
    assert message in error.message
    assert fix in error.fix
    # In front matter the lines count from that of the file.
    with pytest.raises(YamlError) as moved:
        parse(GOOD_YAML.replace(good, wrong, 1), first_line=3)
    assert moved.value.place.line == place[0] + 2


@pytest.mark.parametrize(
    ("text", "fix"),
    [
        ("names:\n  zh:\n   preferred: 词元\n    admitted: [a]\n", "as many spaces"),
        ("definition: A method: it works.\n", "quote a value"),
    ],
)
def test_a_colon_too_many_is_told_from_a_wrong_indent(text: str, fix: str) -> None:
    with pytest.raises(YamlError) as caught:
        parse(text)
    assert fix in caught.value.fix


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("API 按令牌计费。", 1),
        ("模型的令牌化很快。", 1),
        ("调用 API 之前先换取访问令牌。", 0),
        ("登录之后，令牌保存在本地。", 0),
        ("有人写作“令牌”，代码里是 `令牌`。", 0),
    ],
)
def test_the_word_for_a_credential_is_an_error_only_for_a_token_of_text(
    small: Path, text: str, count: int
) -> None:
    put(small, Example("", "article zh", "", ""), text)
    found = [p.severity for p in problems(small) if p.code == "wrong-word"]
    assert found == ["error"] * count


@pytest.mark.parametrize(
    ("entry", "code", "place", "fix"),
    [
        ("学习: path/index.md", "nav-missing", (4, 9), "write `paths/index.md`"),
        ("paths/index.en.md", "nav-missing", (4, 5), "write `paths/index.md`"),
        ("assets/none.pdf", "nav-missing", (4, 5), "path of a page"),
        ("外: https://example.org/", None, None, ""),
        ("[", "yaml", (4, 5), "`]`"),
    ],
)
def test_the_navigation_is_checked_where_it_is_written(
    small: Path, entry: str, code: str | None, place: tuple[int, int] | None, fix: str
) -> None:
    _navigation("contribute/index.md", entry)(small)
    found = [p for p in problems(small) if p.path == "mkdocs.yml"]
    assert [(p.code, (p.line, p.column)) for p in found] == ([(code, place)] if code else [])
    assert all(fix in p.fix for p in found)


def test_sarif_has_what_the_standard_requires(small: Path) -> None:
    put(small, Example("", "article zh", "", ""), "使用GPU训练。")
    found = [*problems(small), Problem("docs/a b%.md", 3, 2, "new-code", "m", "f", "warning")]
    log = json.loads(report.render(found, "sarif", site="https://example.org/g/"))
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    driver = run["tool"]["driver"]
    assert driver["name"]
    ids = [rule["id"] for rule in driver["rules"]]
    assert len(ids) == len(set(ids))
    for rule in driver["rules"]:
        address = urlsplit(rule["helpUri"])
        assert (address.scheme, address.path) == ("https", "/g/contribute/rules/")
        assert address.fragment == rule["id"]
    assert len(run["results"]) == len(set(found))
    for result in run["results"]:
        assert ids[result["ruleIndex"]] == result["ruleId"]
        assert result["level"] in {"error", "warning"}
        assert result["message"]["text"]
        (location,) = result["locations"]
        uri = location["physicalLocation"]["artifactLocation"]["uri"]
        assert not uri.startswith("/")
        assert " " not in uri
        region = location["physicalLocation"]["region"]
        assert region["startLine"] >= 1
        assert region["startColumn"] >= 1
    assert "helpUri" not in report.render(found, "sarif")


def test_a_link_has_to_hold_on_the_traditional_site_too(small: Path) -> None:
    text = (small / FILES["article zh"]).read_text("utf-8")
    (small / FILES["article zh-Hant"]).write_text(text.replace("{#momentum}", "{#moment}"), "utf-8")
    rate = small / "docs/terms/learning-rate/index.zh.md"
    link = "见[动量](../gradient-descent/index.md#momentum)。"
    rate.write_text(
        rate.read_text("utf-8").replace("## 工作原理", f"{link}\n\n## 工作原理"), "utf-8"
    )
    (found,) = [p for p in problems(small) if p.code == "missing-anchor"]
    assert "Traditional Chinese" in found.message
    assert found.path.endswith("learning-rate/index.zh.md")
