"""Which names in prose become links."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markdown import Markdown
from markdown.util import AtomicString

from llmglossary.link import PRIORITY, Linker, LinkTreeprocessor, Target, differences
from llmglossary.model import Concept, Glossary, Positions
from llmglossary.record import (
    LANGUAGES,
    Bilingual,
    ConceptRecord,
    Homograph,
    Language,
    LanguageNames,
    Names,
    RejectedName,
    SectionConcept,
)

BOTH = Bilingual(zh="定义", en="definition")


def designations(preferred: str, *admitted: str, abbr: str = "", no: str = "") -> LanguageNames:
    rejected = (RejectedName(name=no, reason=BOTH, source=None),) if no else ()
    return LanguageNames(
        preferred=preferred,
        admitted=admitted,
        abbreviation=abbr or None,
        rejected=rejected,
        pinyin=None,
    )


def names(zh: LanguageNames | str, hant: LanguageNames | str, en: LanguageNames | str) -> Names:
    each = [designations(n) if isinstance(n, str) else n for n in (zh, hant, en)]
    return Names.model_validate(dict(zip(LANGUAGES, each, strict=True)))


def section(anchor: str, names: Names) -> SectionConcept:
    return SectionConcept(id=anchor, names=names, definition=BOTH)


def concept(slug: str, names: Names, *sections: SectionConcept) -> Concept:
    record = ConceptRecord(
        category="any", level="beginner", names=names, sections=sections, sources=("x",)
    )
    return Concept(slug, f"docs/terms/{slug}/term.yml", record, Positions(), {}, b"")


def glossary(*concepts: Concept, homographs: tuple[Homograph, ...] = ()) -> Glossary:
    return Glossary(
        root=Path(),
        concepts={c.slug: c for c in sorted(concepts, key=lambda c: c.slug)},
        categories={},
        sources={},
        homographs=homographs,
        longer_words={},
        phrases={},
        paths={},
    )


GLOSSARY = glossary(
    concept("adam", names("Adam", "Adam", designations("Adam", no="rmsprop model"))),
    concept("agent", names("智能体", "智慧代理", "agent")),
    concept(
        "fine-tuning",
        names("微调", "微調", "fine-tuning"),
        section("full", names("全参微调", "全參微調", designations("full tuning", abbr="FFT"))),
    ),
    concept("instruction-tuning", names("指令微调", "指令微調", "instruction tuning")),
    concept("kv-cache", names("KV 缓存", "KV 快取", "KV cache")),
    concept("llm", names("大模型", "大型模型", designations("large model", abbr="LLM"))),
    concept("lora", names("低秩适配", "低秩適配", designations("low-rank", "LoRA"))),
    concept(
        "mamba",
        names("Mamba", "Mamba", designations("Mamba", "boa", no="mamba")),
        section("boa", names("蟒", "蟒", designations("constrictor", no="Boa"))),
    ),
    concept("model", names(designations("模型", no="模型机"), "模型", "model")),
    concept("gpt", names("GPT", "GPT", designations("GPT", "GPT family"))),
    concept("llama", names("Llama 3", "Llama 3", "Llama 3")),
    concept(
        "loss", names("损失", "損失", designations("loss", "policy", "array", "batch", "epoch"))
    ),
    concept(
        "rag",
        names(
            "检索增强生成",
            "檢索增強生成",
            designations("retrieval-augmented generation", abbr="RAG"),
        ),
    ),
    concept("reward-model", names("奖励模型", "獎勵模型", designations("reward model", abbr="RM"))),
    concept(
        "rlhf",
        names(
            designations("基于人类反馈的强化学习", "人类反馈强化学习"),
            "基於人類回饋的強化學習",
            designations("reinforcement learning from human feedback", abbr="RLHF"),
        ),
    ),
    concept("token", names("词元", "詞元", "token")),
    concept("top-k", names("Top-k 采样", "Top-k 取樣", "top-k sampling")),
    concept("twin-a", names("孪生", "孿生", "twin")),
    concept("twin-b", names("孪生", "孿生", "twin")),
    concept("inference", names("推理", "推論", "inference")),
    concept("reasoning", names("推理能力", "推理", "reasoning")),
    homographs=(
        Homograph(name="推理", languages=("zh",), term="inference", near=("延迟", "GPU")),
        Homograph(name="推理", languages=("zh",), term="reasoning", near=("逻辑", "思维链")),
        Homograph(name="agent", languages=("en",), term="agent", near=("tool", "LLM")),
        Homograph(name="head", languages=("en",), term="no-such-term", near=("attention",)),
        Homograph(name="孿生", languages=("zh-Hant",), term="no-such-term", near=("塔",)),
        Homograph(name="全參微調", languages=("zh-Hant",), term="fine-tuning", near=("參數",)),
        Homograph(name="full tuning", languages=("en",), term="fine-tuning", near=("weight",)),
    ),
)
BLOCKERS = ("词元化", "模型库", "token ring")
LINKERS = {language: Linker(GLOSSARY, language, BLOCKERS) for language in LANGUAGES}


def plain(marked: str) -> str:
    """A text without its ``[name](target)``."""
    return re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", marked)


def marked(text: str, language: Language = "en", own: str | None = None) -> str:
    """`text` with what the linker finds written as ``[name](target)``."""
    for mention in reversed(LINKERS[language].find(text, own=own)):
        name = text[mention.start : mention.end]
        anchor = f"#{mention.anchor}" if mention.anchor else ""
        text = f"{text[: mention.start]}[{name}]({mention.slug}{anchor}){text[mention.end :]}"
    return text


def href(slug: str, anchor: str | None) -> str:
    return f"../{slug}/index.md" + (f"#{anchor}" if anchor else "")


def definition(slug: str, section_id: str | None) -> str | None:
    return None if slug == "llm" else f'"{slug}" & <{section_id}>'


def processor(md: Markdown, language: Language = "en", own: str | None = None) -> LinkTreeprocessor:
    linker = LINKERS[language]
    by_address = {href(*t): t for t in linker.targets if t.slug != own}
    return LinkTreeprocessor(
        md,
        find=lambda text: linker.find(text, own=own),
        href=href,
        target=lambda a: by_address.get(a) or by_address.get(a.partition("#")[0]),
        definition=definition,
    )


def links_as_marks(html: str) -> str:
    return re.sub(
        r'<a (?=[^>]*class="term")[^>]*href="\.\./([^"/]*)/index\.md([^"]*)"[^>]*>([^<]*)</a>',
        r"[\3](\1\2)",
        html,
    )


# What the linker finds in a text. Each case is the expected result: the text without its marks
# is what goes in.

ENGLISH = {
    "accepted names": [
        "[RLHF](rlhf), [reinforcement learning from human feedback](rlhf)",
        "[LoRA](lora) or [low-rank](lora)",
    ],
    "names of sections": ["[FFT](fine-tuning#full)"],
    "longest of those that begin leftmost": [
        "a [reward model](reward-model)",
        "[large model](llm) [token](token)",
    ],
    "a long name that fails does not hide a shorter one": [
        "reward [Model](model)",
        "[large model](llm), a large modelled [model](model)",
    ],
    "plurals": [
        "[reward models](reward-model) [Reward Models](reward-model)",
        "[LLMs](llm), [RMs](reward-model)",
        "[losses](loss), [policies](loss), [arrays](loss), [batches](loss), [epochs](loss)",
        "LLMS LLMes lossies losss policys",
    ],
    "capitals of a name are kept": [
        "rag Rag rAG [RAGs](rag) [RAG](rag)",
        "adam ADAM [Adam](adam)",
        "lora LORA [LoRA](lora)",
        "[KV cache](kv-cache), [KV Cache](kv-cache), kv cache, Kv cache, KV CACHE",
    ],
    "a lowercase name begins a sentence or stands in a title": [
        "[Reward model](reward-model)",
        "[Reward Model](reward-model)",
        "[Instruction tuning](instruction-tuning)",
        "instruction Tuning, INSTRUCTION TUNING, iNSTRUCTION tuning",
        "[Reinforcement Learning from Human Feedback](rlhf)",
        "[Reinforcement Learning From Human Feedback](rlhf)",
        "Reinforcement learning from Human feedback",
        "[Fine-tuning](fine-tuning), [Fine-Tuning](fine-tuning), fine-Tuning",
        "[Retrieval-augmented Generation](rag)",
    ],
    "no part of a longer word": [
        "tokenizer subtoken token2 3token tokené",
        "token-id pre-token token_id _token token\u2011id",
        "GPT-3 GPT4 GPT_x",
        "token- and word-level, RLHF-训练",
        "Llama 3.1, v2.token",
    ],
    "word boundaries": [
        "It uses [Llama 3](llama).",
        "([token](token)), [token](token)/s “[token](token)”",
        "[token](token)--the unit—[token](token)—",
        "[token](token)’s [token](token)'s",
        "用[RLHF](rlhf)训练，用 [RLHF](rlhf) 训练。",
    ],
    "white space": [
        "[reward\nmodel](reward-model)",
        "[reward  \t model](reward-model)",
        "[reward\u00a0model](reward-model)",
        "[reward \n model](reward-model)",
        "reward\n\n[model](model)",
        "rewardmodel",
    ],
    "hyphens look alike": ["[fine\u2011tuning](fine-tuning) [fine\u2010tuning](fine-tuning)"],
    "escaped characters count as themselves": [
        "[fine\x0245\x03tuning](fine-tuning)",
        "token\x0295\x03id",
    ],
    "placeholders belong to no name": [
        "reward \x02wzxhzdk:3\x03[model](model)",
        "\x02token\x03 \x02amp\x03",
        "\x0299999999\x03",
    ],
    "two concepts with one name": ["[twin](twin-a)"],
    "of forms that differ in case the exact one": ["[Mamba](mamba), mamba, Boa, [boa](mamba)"],
    "rejected names stay whole and plain": ["rmsprop model"],
    "blockers": ["a token ring, Token Rings, a [token](token) ringing"],
    "homographs": [
        "an agent at the bureau",
        "an [agent](agent) with a tool",
        "[Agents](agent) have tools",
        "an [agent](agent) with a toolbox, or Tooling",
        "an [agent](agent) with a multi-tool",
        "an agent on a footstool",
        "[LLM](llm) [agent](agent)",
        "attention head",
        "full tuning of an engine",
        "[full tuning](fine-tuning#full) of weights",
    ],
    "nothing": ["", " ", "\n"],
}

CHINESE = {
    "no boundaries": ["训练[奖励模型](reward-model)时", "把[词元](token)当作字"],
    "a longer name wins": [
        "[指令微调](instruction-tuning)",
        "[微调](fine-tuning)[奖励模型](reward-model)",
        "[全参微调](fine-tuning#full)",
        "[人类反馈强化学习](rlhf)",
    ],
    "English abbreviations": ["[RLHF](rlhf)与[LLMs](llm)", "用 [RM](reward-model) 打分"],
    "other English names only block": ["large model 与 GPT family", "[GPT](gpt)"],
    "rejected names": ["模型机与[模型](model)"],
    "blockers": ["词元化与[词元](token)", "模型库"],
    "a space between Chinese and Latin is optional": [
        "[Top-k 采样](top-k)",
        "[Top-k采样](top-k)",
        "[Top-k\n采样](top-k)",
        "[KV缓存](kv-cache)和 [KV  缓存](kv-cache)",
        "xTop-k 采样",
    ],
    "a space between Chinese characters is not": ["奖励 [模型](model)"],
    "a line may be broken between Chinese characters": ["[奖励\n模型](reward-model)"],
    "capitals": ["top-k 采样", "[Top-K 采样](top-k)"],
    "homographs": [
        "推理",
        "[推理](inference)的延迟",
        "逻辑[推理](reasoning)",
        "用 GPU 做[推理](inference)，有逻辑",
        "用 gpus 做[推理](inference)",
        "用 xGPU 做推理",
        "[推理](inference)的p50延迟",
        "[推理能力](reasoning)与推理",
    ],
    "two concepts with one name": ["[孪生](twin-a)"],
}

TRADITIONAL = {
    "its own names": ["用[獎勵模型](reward-model)訓練，[微調](fine-tuning)、[大型模型](llm)"],
    "not the Simplified ones": ["奖励[模型](model)"],
    "English abbreviations": ["用[RLHF](rlhf)訓練"],
    "homographs apply to their languages": ["[推論](inference)與[推理](reasoning)"],
    "a homograph of unknown concepts": ["孿生塔"],
    "a homograph of a section": ["全參微調", "[全參微調](fine-tuning#full)所有參數"],
}


def cases(language: Language, table: dict[str, list[str]]) -> Iterator[object]:
    for rule, texts in table.items():
        for text in texts:
            yield pytest.param(language, text, id=f"{language}: {rule}: {text!r}")


@pytest.mark.parametrize(
    ("language", "expected"),
    [*cases("en", ENGLISH), *cases("zh", CHINESE), *cases("zh-Hant", TRADITIONAL)],
)
def test_found(language: Language, expected: str) -> None:
    assert marked(plain(expected), language) == expected


@pytest.mark.parametrize(
    ("own", "language", "expected"),
    [
        ("reward-model", "zh", "奖励模型与[模型](model)"),
        ("reward-model", "zh", "RM 与 [RLHF](rlhf)"),
        ("reward-model", "en", "reward models and [models](model)"),
        ("fine-tuning", "zh", "微调、全参微调、FFT 与[指令微调](instruction-tuning)"),
        ("inference", "zh", "推理的延迟，逻辑"),
        ("reasoning", "zh", "推理的延迟"),
        ("twin-a", "en", "twin"),
        ("twin-b", "en", "twin"),
    ],
)
def test_own_names_are_plain_and_whole(own: str, language: Language, expected: str) -> None:
    assert marked(plain(expected), language, own) == expected


def test_a_linker_of_nothing() -> None:
    assert Linker(glossary(), "zh").find("模型") == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_targets_exist(language: Language) -> None:
    anchors = {
        slug: {None, *(s.id for s in c.record.sections)} for slug, c in GLOSSARY.concepts.items()
    }
    assert LINKERS[language].targets
    assert all(t.anchor in anchors[t.slug] for t in LINKERS[language].targets)


HAN = st.text("模型奖励微", min_size=1, max_size=4)


@given(
    accepted=st.lists(HAN, max_size=5),
    blockers=st.lists(HAN, max_size=3),
    text=st.text("模型奖励微，", max_size=20),
)
def test_leftmost_longest(accepted: list[str], blockers: list[str], text: str) -> None:
    concepts = [concept(f"c{i}", names(name, name, "x")) for i, name in enumerate(accepted)]
    expected = []
    position = 0
    while position < len(text):
        here = [name for name in (*accepted, *blockers) if text.startswith(name, position)]
        longest = max(here, key=len, default="，")
        if longest in accepted:
            slug = f"c{accepted.index(longest)}"
            expected.append((position, position + len(longest), slug, None))
        position += len(longest)
    assert Linker(glossary(*concepts), "zh", blockers).find(text) == expected


NAME = st.lists(st.sampled_from(["模型", "奖励", "RAG", "top", "k", "_", "-", " "]), min_size=1)
TEXT = st.lists(
    st.sampled_from(
        ["模型", "奖励", "RAG", "rags", "top", "k", "_", "-", " ", "\n", "\u00a0", "，"]
    )
    | st.sampled_from(["\x0295\x03", "\x02wzxhzdk:1\x03"]),
    max_size=12,
)


@given(before=st.lists(NAME, max_size=4), after=st.lists(NAME, max_size=4), text=TEXT)
def test_a_text_mentions_the_same_unless_it_may_differ(
    before: list[list[str]], after: list[list[str]], text: list[str]
) -> None:
    then, now = (
        Linker(
            glossary(
                *(
                    concept(f"c{number}", names("".join(name).strip() or "x", "x", "x"))
                    for number, name in enumerate(each)
                )
            ),
            "zh",
        )
        for each in (before, after)
    )
    written = "".join(text)
    if not differences(then.forms, now.forms)(written):
        assert now.find(written) == then.find(written)


def test_only_texts_with_a_changed_name_may_differ() -> None:
    then = Linker(glossary(concept("a", names("模型", "x", "x"))), "zh")
    now = Linker(
        glossary(
            concept("a", names("模型", "x", "x")), concept("b", names("top_k 采样", "x", "x"))
        ),
        "zh",
    )
    differs = differences(then.forms, now.forms)
    assert not differs("一个模型的采样")
    assert differs("用 Top\x0295\x03k\n采样")
    assert not differences(now.forms, now.forms)("用 top_k 采样")


@given(st.text(), st.sampled_from(LANGUAGES))
def test_any_text_will_do(text: str, language: Language) -> None:
    end = 0
    for mention in LINKERS[language].find(text):
        assert end <= mention.start < mention.end <= len(text)
        end = mention.end


LONGER = st.text("aZé3_-.", max_size=2).map(lambda text: text.strip("-.") + "x")


@given(LONGER, LONGER)
def test_no_latin_name_inside_a_word(before: str, after: str) -> None:
    assert marked(f"{before}RLHF") == f"{before}RLHF"
    assert marked(f"RLHF{after[::-1]}") == f"RLHF{after[::-1]}"


def test_time_is_linear() -> None:
    text = "训练奖励模型时用 RLHF 微调大模型的词元。the reward models of a large model " * 50

    def seconds(repeat: int) -> float:
        start = time.perf_counter()
        LINKERS["zh"].find(text * repeat)
        return time.perf_counter() - start

    once = min(seconds(1) for _ in range(5))
    assert min(seconds(16) for _ in range(3)) < 64 * once


# What becomes of a page. Again each case is the expected result, new links being marked.

PAGES = {
    "text, tails, inline elements": [
        "<p>a [token](token)</p>",
        "<p>[token](token) <em>[model](model) token</em> [RM](reward-model) <b />[LLM](llm)</p>",
        "<p><em><b>[token](token)</b></em></p>",
        "<p>[FFT](fine-tuning#full)</p>",
        "<p>x <em>y</em> [token](token), [model](model) and tokens: <b>z</b> [LLM](llm)</p>",
    ],
    "blocks": [
        "<ul><li>[token](token)<ul><li>[model](model) token</li></ul>[RM](reward-model)</li></ul>",
        "<table><tr><th>token</th></tr><tr><td>[token](token)</td></tr></table>",
        "<figure><svg><text>token</text></svg><figcaption>[token](token)</figcaption></figure>",
        "<dl><dt>[token](token)</dt><dd>[model](model)</dd></dl>",
        "<blockquote><p>[token](token)</p></blockquote>",
    ],
    "one link a section": [
        "<p>[token](token)</p><h1>x</h1><p>[token](token)</p><p>tokens</p>",
        "<p>[token](token)</p><h2>x</h2><p>[token](token)</p><h3>y</h3><p>token</p>",
        "<div><p>[token](token)</p><section><h2>x</h2><p>[token](token)</p></section></div>token",
        "<p>[RLHF](rlhf), reinforcement learning from human feedback</p>",
        "<p>[FFT](fine-tuning#full) [fine-tuning](fine-tuning)</p>",
    ],
    "never in": [
        *(f"<h{n}>token <em>token</em></h{n}>" for n in range(1, 7)),
        "<p><code>token</code><kbd>token</kbd><samp>token</samp><var>token</var></p>",
        "<pre>token <span>token</span></pre>",
        "<p><math><mi>token</mi></math><sup>token</sup></p>",
        '<p><span class="x arithmatex">token</span><span class="formula">token</span></p>',
        "<script>token</script><style>token</style>",
        "<p><button>token</button><label>token</label></p>",
        "<p><select><option>token</option></select><textarea>token</textarea></p>",
        "<details><summary>token</summary></details>",
        '<p class="admonition-title">token</p>',
        '<p><a href="x">a <em>token</em></a><a id="y">token</a></p>',
        '<p><img alt="token" title="token" /></p>',
    ],
    "text after those is text": [
        "<p><code>x</code> [token](token) <a>y</a> [model](model)</p>",
        "<p><code>x</code>[token](token)<br />[RM](reward-model)<sup>2</sup></p>",
    ],
    "words go on where an element ends": [
        "<p><em>token</em>-id, <b>GPT</b>3, pre<i>token</i> x<a>y</a>model</p>",
    ],
    "no link crosses elements, nor cuts a name that does": [
        "<p>reward <em>model</em></p>",
        "<p><em>reward model</em>s <a>reward</a> model</p>",
    ],
    "neighbours of homographs are those in the block": [
        "<p>agent</p><p>tool</p>",
        "<p>[agent](agent) <em>tool</em></p>",
        "<p>[agent](agent) <a>tool</a></p>",
        "<p>agent <code>tool</code></p>",
        "<ul><li>agent</li><li>[agent](agent) tool</li></ul>",
        "<table><tr><td>agent</td><td>tool</td></tr></table>",
        "<ul><li>agent<p>tool</p></li></ul>",
    ],
    "links that are there count": [
        '<p><a href="../token/index.md">it</a> token</p>',
        '<p><a href="../token/index.md#how">it</a> token</p>',
        '<p><a href="../fine-tuning/index.md#full">it</a> FFT [fine-tuning](fine-tuning)</p>',
        '<p>[token](token) <a href="../token/index.md">it</a> token</p>',
        '<h2>See <a href="../token/index.md">it</a></h2><p>token</p>',
        '<p><a href="../token/index.md">it</a></p><h2>x</h2><p>[token](token)</p>',
        '<p><a href="../nothing/index.md">it</a> [token](token)</p>',
    ],
}


def parsed(page: str) -> ET.Element:
    return ET.fromstring(page)  # noqa: S314 (the pages above)


def linked(root: ET.Element, language: Language = "en", own: str | None = None) -> ET.Element:
    """A copy of `root` with links."""
    root = deepcopy(root)
    processor(Markdown(), language, own).run(root)
    return root


def serialised(root: ET.Element) -> str:
    return ET.tostring(root, encoding="unicode")


def unlinked(root: ET.Element) -> ET.Element:
    """A copy of `root` without the new links."""
    root = deepcopy(root)
    for parent in list(root.iter()):
        for i, link in reversed(list(enumerate(parent))):
            if link.get("class") == "term":
                text = (link.text or "") + (link.tail or "")
                del parent[i]
                if i:
                    parent[i - 1].tail = (parent[i - 1].tail or "") + text
                else:
                    parent.text = (parent.text or "") + text
    return root


@pytest.mark.parametrize(
    "expected",
    [pytest.param(page, id=f"{rule}: {page}") for rule, pages in PAGES.items() for page in pages],
)
def test_page(expected: str) -> None:
    page = linked(parsed(f"<div>{plain(expected)}</div>"))
    assert links_as_marks(serialised(page)) == f"<div>{expected}</div>"


@pytest.mark.parametrize(
    ("language", "own", "expected"),
    [
        ("zh", None, "<p>用[RLHF](rlhf)训练<em>[奖励模型](reward-model)</em>，微<em>调</em></p>"),
        ("zh", None, "<p><em>奖励</em>模型，<em>指令</em>微调</p>"),
        ("zh", "reward-model", "<p>奖励模型是<em>[模型](model)</em></p>"),
        ("zh-Hant", None, "<p>[微調](fine-tuning)[詞元](token)</p>"),
        ("en", "token", '<p>token <a href="../token/index.md">it</a> [model](model)</p>'),
    ],
)
def test_page_of_a_language(language: Language, own: str | None, expected: str) -> None:
    page = linked(parsed(f"<div>{plain(expected)}</div>"), language, own)
    assert links_as_marks(serialised(page)) == f"<div>{expected}</div>"


def test_the_link_element() -> None:
    page = linked(parsed("<p>a tokens, LLM</p>"))
    token, llm = page
    assert token.attrib == {
        "class": "term",
        "href": "../token/index.md",
        "data-definition": '"token" & <None>',
        "aria-description": '"token" & <None>',
    }
    assert (page.text, token.text, token.tail) == ("a ", "tokens", ", ")
    assert llm.attrib == {"class": "term", "href": "../llm/index.md"}


def test_atomic_strings_and_comments_stay() -> None:
    page = ET.Element("p")
    page.text = AtomicString("token")
    comment = ET.Comment("token")
    comment.tail = AtomicString("token")
    page.append(comment)
    assert serialised(linked(page)) == "<p>token<!--token-->token</p>"


def test_reports_what_the_page_links_to() -> None:
    link = processor(Markdown(), own="gpt")
    link.run(
        parsed(
            '<div><p>model, FFT, models <a href="../adam/index.md">it</a> GPT</p><h2>x</h2>'
            '<p>token, model <a href="../gpt/index.md">it</a> <a href="elsewhere">x</a></p></div>'
        )
    )
    assert link.targets == (
        Target("model"),
        Target("fine-tuning", "full"),
        Target("adam"),
        Target("token"),
    )


def test_reports_each_page_on_its_own() -> None:
    link = processor(Markdown())
    link.run(parsed("<p>token</p>"))
    link.run(parsed("<p>LLM</p>"))
    assert link.targets == (Target("llm"),)


# With Python-Markdown around it.


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("A\ntoken.", "<p>A\n[token](token).</p>"),
        ("`token` token", "<p><code>token</code> [token](token)</p>"),
        ("```\ntoken\n```", "<pre><code>token\n</code></pre>"),
        ("$token$ x", '<p><span class="arithmatex">\\(token\\)</span> x</p>'),
        ("$$\ntoken\n$$", '<div class="arithmatex">\\[\ntoken\n\\]</div>'),
        ("![token](x.png)", '<p><img alt="token" src="x.png" /></p>'),
        ("[a *token*](x.md)", '<p><a href="x.md">a <em>token</em></a></p>'),
        ("<https://x.org/token>", '<p><a href="https://x.org/token">https://x.org/token</a></p>'),
        (r"\*token\* & fine\-tuning", "<p>*[token](token)* &amp; [fine-tuning](fine-tuning)</p>"),
        (r"token\_id", "<p>token_id</p>"),
        ("token&nbsp;x", "<p>[token](token)&nbsp;x</p>"),
        ("*token*{.x} RM", '<p><em class="x">[token](token)</em> [RM](reward-model)</p>'),
        ("a *b*{.x}token", '<p>a <em class="x">b</em>token</p>'),
        # raw HTML
        ("<div>token</div>", "<div>token</div>"),
        ("<kbd>token</kbd> token", "<p><kbd>token</kbd> [token](token)</p>"),
        (
            '<a title="a>b">a *token*</a> RM',
            '<p><a title="a>b">a <em>token</em></a> [RM](reward-model)</p>',
        ),
        ("<b>a<br><i>RM</b> token", "<p><b>a<br><i>RM</b> [token](token)</p>"),
        ("<b><i>x</i> RM</b> x<br>token", "<p><b><i>x</i> RM</b> x<br>[token](token)</p>"),
        ("</b> token<!-- RM -->", "<p></b> [token](token)<!-- RM --></p>"),
        ("<b>token\n\ntoken", "<p><b>token</p>\n<p>[token](token)</p>"),
        ('<div markdown="1">token</div>', "<div>\n<p>[token](token)</p>\n</div>"),
        # headings and their permanent links
        ("# Token {#t}\n\ntoken", '<h1 id="t">Token</h1>\n<p>[token](token)</p>'),
        ('!!! note "A token"\n    RM', "A token</p>\n<p>[RM](reward-model)</p>"),
        (
            "|token|\n|-|\n|token|",
            "<th>token</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n<td>[token](token)</td>",
        ),
    ],
)
def test_markdown(source: str, expected: str) -> None:
    md = Markdown(
        extensions=[
            *("admonition", "attr_list", "fenced_code", "md_in_html", "tables"),
            *("toc", "pymdownx.arithmatex"),
        ],
        extension_configs={
            "pymdownx.arithmatex": {"generic": True},
        },
    )
    md.treeprocessors.register(processor(md), "links", PRIORITY)
    assert expected in links_as_marks(md.convert(source))


def test_attributes_are_escaped() -> None:
    md = Markdown()
    md.treeprocessors.register(processor(md), "links", PRIORITY)
    assert 'data-definition="&quot;token&quot; &amp; &lt;None&gt;"' in md.convert("token")


# Any page.

WORDS = st.sampled_from(
    [
        *("token", "reward model", "RLHF", "agent", "tool", "FFT", "Top-k", "KV", "reward"),
        *("奖励模型", "指令微调", "模型", "推理", "逻辑", "采样", "缓存", "微", "调"),
        *(" ", "\n", "-", "s", "，"),
        *("\x02wzxhzdk:0\x03", "\x02wzxhzdk:1\x03", "\x02wzxhzdk:2\x03", "\x0245\x03"),
    ]
)
TEXTS = st.lists(WORDS, max_size=6).map("".join)
SEALED = ("code", "pre", "math", "h1", "h2", "h3", "th", "button", "summary", "a")
TAGS = st.sampled_from(["p", "em", "ul", "li", "td", "div", "figcaption", "br", *SEALED])


@st.composite
def elements(draw: st.DrawFn, depth: int = 2) -> ET.Element:
    element = ET.Element(draw(TAGS))
    if element.tag == "a":
        element.set("href", draw(st.sampled_from(["x", "../token/index.md", "../model/index.md"])))
    element.text = draw(TEXTS | st.just(AtomicString("token")))
    element.tail = draw(TEXTS)
    if depth:
        element.extend(draw(st.lists(elements(depth - 1), max_size=2)))
    return element


@st.composite
def pages(draw: st.DrawFn) -> ET.Element:
    page = ET.Element("div")
    page.extend(draw(st.lists(elements(), max_size=4)))
    return page


on_a_busy_machine_too = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

STASHED = Markdown()
for raw_html in ("<b>", "</b>", "<span>token</span>"):
    STASHED.htmlStash.store(raw_html)


def link_page(page: ET.Element, language: Language) -> tuple[ET.Element, tuple[Target, ...]]:
    link = processor(STASHED, language, "model")
    page = deepcopy(page)
    link.run(page)
    return page, link.targets


@on_a_busy_machine_too
@given(pages(), st.sampled_from(LANGUAGES))
def test_linking_again_changes_nothing(page: ET.Element, language: Language) -> None:
    once, targets = link_page(page, language)
    twice, targets_again = link_page(once, language)
    assert serialised(twice) == serialised(once)
    assert targets_again == targets


@on_a_busy_machine_too
@given(pages(), st.sampled_from(LANGUAGES))
def test_without_its_links_the_page_is_as_before(page: ET.Element, language: Language) -> None:
    after, _ = link_page(page, language)
    assert serialised(unlinked(after)) == serialised(page)


@on_a_busy_machine_too
@given(pages(), st.sampled_from(LANGUAGES))
def test_sealed_elements_stay_as_they_are(page: ET.Element, language: Language) -> None:
    def sealed(root: ET.Element) -> list[str]:
        found = [e for e in root.iter() if e.tag in SEALED and e.get("class") != "term"]
        return [ET.tostring(e, encoding="unicode").rpartition(">")[0] for e in found]

    assert sealed(link_page(page, language)[0]) == sealed(page)


@on_a_busy_machine_too
@given(pages(), st.sampled_from(LANGUAGES))
def test_links_of_a_page(page: ET.Element, language: Language) -> None:
    after, targets = link_page(page, language)
    seen: set[str] = set()
    known = {href(*target) for target in LINKERS[language].targets}
    for element in after.iter():
        if element.tag in {"h1", "h2"}:
            seen.clear()
        if element.get("class") == "term":
            to = element.get("href", "")
            assert to in known
            assert not to.startswith("../model/")
            assert to not in seen
            assert len(element) == 0
            assert "\x02wzxhzdk" not in (element.text or "")
        seen.add(element.get("href", ""))
    linked_to = {element.get("href") for element in after.iter("a")}
    assert {href(*target) for target in targets} <= linked_to


@given(st.sampled_from(["奖励模型", "指令微调", "人类反馈强化学习"]), st.data())
def test_a_name_cut_by_an_element_is_plain(name: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(1, len(name) - 1))
    page = parsed(f"<p>{name[:at]}<em>{name[at:]}</em></p>")
    assert serialised(linked(page, "zh")) == serialised(page)
