"""The page contract: sections, their ids and order, the definition, a diagram, an example."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ..diagrams import accessibility
from ..model import Article, Concept, Glossary, Heading, Problem
from ..record import Language
from .guide import ArticleRule, Example, Rule, RuleGuide, Words

if TYPE_CHECKING:
    from markdown_it.token import Token

MAX_HAN = 90
MAX_WORDS = 45

# id -> heading text per language; Traditional headings are derived.
SECTIONS: dict[str, dict[str, str]] = {
    "plain": {"zh": "通俗理解", "en": "In plain words"},
    "definition": {"zh": "专业解释", "en": "Definition"},
    "how": {"zh": "工作原理", "en": "How it works"},
    "example": {"zh": "算一算", "en": "Worked example"},
    "confusions": {"zh": "易混概念", "en": "Not to be confused with"},
    "misconceptions": {"zh": "常见误解", "en": "Misconceptions"},
}
_SECTION_LEVEL = 2
_OPTIONAL = {"confusions"}
# Ids of what the template adds to a page; overrides/term.html has them.
_TAKEN = re.compile(r"names|rejected|related|confusable|linked-from|sources|ref-\d+")
_ALTERNATIVES = {"算一算": {"例子", "算例"}, "Worked example": {"Example"}}
_MARKUP = re.compile(r"[*`$\[\]<>]|https?://")


def check(glossary: Glossary) -> Iterator[Problem]:
    """Yield a problem for each article, and each section of one, that a record promises."""
    for concept in glossary.concepts.values():
        if not concept.articles:
            yield Problem(
                concept.path,
                1,
                1,
                "missing-article",
                f"`{concept.slug}` has a record but no article",
                "write index.zh.md (or index.en.md) beside it",
            )
        for article in concept.articles.values():
            yield from _concept_sections(concept, article)


def check_article(article: Article, stream: Sequence[Token]) -> Iterator[Problem]:  # noqa: ARG001
    """Yield every departure of an article from the page contract."""
    yield from _definition(article)
    yield from _sections(article)
    yield from _diagrams(article)
    yield from _example(article)


def length(text: str, language: Language) -> int:
    """Return the length of a definition: Han and other wide characters, or English words."""
    if language == "en":
        return len(text.split())
    wide = sum(1 for c in text if unicodedata.east_asian_width(c) in "WF")
    return wide + len(re.findall(r"[A-Za-z0-9][\w.+-]*", text))


def _definition(article: Article) -> Iterator[Problem]:
    definition, language = article.front_matter.definition, article.language
    place = article.positions.at("definition")
    limit, unit = (MAX_WORDS, "words") if language == "en" else (MAX_HAN, "characters")
    count = length(definition, language)
    if count > limit:
        yield Problem(
            article.path,
            place.line,
            place.column,
            "definition-length",
            f"the definition has {count} {unit}; it may have {limit}",
            "keep what it is and what sets it apart; move the rest into the article",
        )
    if _MARKUP.search(definition):
        yield Problem(
            article.path,
            place.line,
            place.column,
            "definition-markup",
            "the definition contains markup",
            "write plain text: it is also shown where nothing is rendered",
        )
    ending = "." if language == "en" else "。"
    if not definition.endswith(ending):
        yield Problem(
            article.path,
            place.line,
            place.column,
            "definition-form",
            f"the definition does not end with `{ending}`",
            "write one complete sentence",
        )


def _sections(article: Article) -> Iterator[Problem]:
    top = {heading.id: heading for heading in article.headings if heading.id in SECTIONS}
    for heading in article.headings:
        yield from _heading(article, heading)
    language = "en" if article.language == "en" else "zh"
    untagged = {h.text: h.line for h in article.headings if h.id is None}
    for key, texts in SECTIONS.items():
        expected = texts[language]
        if key not in top:
            if key not in _OPTIONAL:
                yield Problem(
                    article.path,
                    article.first_line,
                    1,
                    "missing-section",
                    f"the section `{key}` is missing",
                    f"write `## {expected} {{#{key}}}` in place of line {untagged[expected]}"
                    if expected in untagged
                    else f"add `## {expected} {{#{key}}}`",
                )
        elif article.language != "zh-Hant" and top[key].text not in {
            expected,
            *_ALTERNATIVES.get(expected, ()),
        }:
            yield _at(
                article,
                top[key],
                "section-heading",
                f"the section `{key}` is headed `{top[key].text}`",
                f"write `## {expected} {{#{key}}}`",
            )
    present = [str(heading.id) for heading in article.headings if heading.id in SECTIONS]
    wanted = [key for key in SECTIONS if key in present]
    if present != wanted:
        yield Problem(
            article.path,
            article.first_line,
            1,
            "section-order",
            f"the sections stand in the order {', '.join(present)}",
            f"put them in this order, each once: {', '.join(wanted)}",
        )


def _heading(article: Article, heading: Heading) -> Iterator[Problem]:
    if heading.level == 1:
        yield _at(
            article,
            heading,
            "heading-level",
            "an article has no `#` heading; its title is the preferred name",
            "use `##` for a section of the page, `###` inside one",
        )
    if heading.id is None:
        wanted = next(
            (key for key, texts in SECTIONS.items() if heading.text in texts.values()), None
        )
        # Every page has the same sections; what else has a heading is part of one.
        level = _SECTION_LEVEL if wanted else max(heading.level, _SECTION_LEVEL + 1)
        yield _at(
            article,
            heading,
            "heading-id",
            f"the heading `{heading.text}` has no id",
            f"write `{'#' * level} {heading.text} {{#{wanted or 'english-id'}}}`",
        )
    elif _TAKEN.fullmatch(heading.id):
        yield _at(
            article,
            heading,
            "heading-id",
            f"the id `{heading.id}` is that of a part which every page gets",
            f"choose a longer one, such as `{heading.id}-of-{article.path.split('/')[-2]}`",
        )
    elif heading.level == _SECTION_LEVEL and heading.id not in SECTIONS:
        yield _at(
            article,
            heading,
            "unknown-section",
            f"`{heading.id}` is not a section of the page contract",
            f"use one of: {', '.join(SECTIONS)}; or make it a `###` subsection",
        )
    elif heading.level != _SECTION_LEVEL and heading.id in SECTIONS:
        yield _at(
            article,
            heading,
            "heading-level",
            f"the section `{heading.id}` has a heading of level {heading.level}",
            "use `##`",
        )


def _concept_sections(concept: Concept, article: Article) -> Iterator[Problem]:
    ids = {heading.id for heading in article.headings}
    for section in concept.record.sections:
        if section.id not in ids:
            yield Problem(
                article.path,
                article.first_line,
                1,
                "missing-section",
                f"the record promises a section `{section.id}` that the article lacks",
                f"add `### … {{#{section.id}}}`",
            )


def _diagrams(article: Article) -> Iterator[Problem]:
    diagrams = [fence for fence in article.fences if fence.is_diagram]
    if not any(fence.section == "how" for fence in diagrams):
        heading = next((h for h in article.headings if h.id == "how"), None)
        if heading:
            yield _at(
                article,
                heading,
                "missing-diagram",
                "the section `how` has no diagram",
                "add a ```mermaid fence that shows the mechanism",
            )
    for fence in diagrams:
        title, description = accessibility(fence.content)
        for keyword, value in (("accTitle", title), ("accDescr", description)):
            if not value:
                yield Problem(
                    article.path,
                    fence.line,
                    1,
                    "diagram-description",
                    f"the diagram has no `{keyword}`",
                    f"add a line `{keyword}: …` inside it, for readers who cannot see it",
                )
        if not fence.caption:
            yield Problem(
                article.path,
                fence.line,
                1,
                "diagram-caption",
                "the diagram has no caption",
                "add below it: `/// caption`, a line of text, `///`",
            )


def _example(article: Article) -> Iterator[Problem]:
    for fence in article.fences:
        language = fence.info.split()[:1]
        if language == ["python"] and ">>>" in fence.content:
            yield Problem(
                article.path,
                fence.line,
                1,
                "example-fence",
                "an interactive example stands in a ```python fence, so it is not run",
                "write ```pycon instead",
            )


def _at(article: Article, heading: Heading, code: str, message: str, fix: str) -> Problem:
    return Problem(article.path, heading.line, 1, code, message, fix)


_DIAGRAM = """```mermaid
flowchart TB
  accTitle: 梯度下降
  accDescr: 参数经过更新变小。
  a["参数"]:::data --> b["更新"]:::loss
```

/// caption
参数怎样更新。
///"""

GUIDE = RuleGuide(
    slug="contract",
    codes=(
        "missing-article",
        "definition-length",
        "definition-markup",
        "definition-form",
        "missing-section",
        "section-heading",
        "section-order",
        "heading-level",
        "heading-id",
        "unknown-section",
        "missing-diagram",
        "diagram-description",
        "diagram-caption",
        "example-fence",
    ),
    title=Words("页面的约定", "The page contract"),
    what=Words(
        "每篇文章的小节、id、次序都相同：`plain`、`definition`、`how`、`example`、"
        "`confusions`（可省）、`misconceptions`。开头的定义是一句纯文本，不超过 90 "
        "个汉字或 45 个英文词。"
        "工作原理里有一张图，图有标题、描述和说明。算例用 `pycon`。",
        "Every article has the same sections, ids and order: `plain`, `definition`, `how`, "
        "`example`, `confusions` (optional), `misconceptions`. The definition at its head is "
        "one sentence of plain text, at most 90 Chinese characters or 45 English words. The "
        "section `how` has a diagram with title, description and caption. Worked examples are "
        "`pycon`.",
    ),
    why=Words(
        "读者在每一页的同一处找到同一类内容；三种语言靠相同的 id 对应；定义要放进提示框和索引，"
        "太长或带标记就显示不好。",
        "Readers find the same thing in the same place on every page; equal ids keep the "
        "languages together; the definition also stands in tooltips and the index, where long "
        "or marked-up text does not work.",
    ),
    examples=(
        Example("missing-article", "files", "term.yml", "term.yml\nindex.zh.md"),
        Example(
            "definition-length",
            "article en",
            "definition: " + "An optimization method, and then a very long story about it. " * 5,
            "definition: An optimization method that follows the slope downhill.",
            "definition: An optimization method that repeatedly moves parameters against the "
            "gradient of a loss function.",
        ),
        Example(
            "definition-markup",
            "article zh",
            "definition: 沿**负梯度**方向反复更新参数的优化方法。",
            "definition: 沿负梯度方向反复更新参数的优化方法。",
            "definition: 沿损失函数的负梯度方向反复更新参数的优化方法。",
        ),
        Example(
            "definition-form",
            "article zh",
            "definition: 一种优化方法",
            "definition: 沿负梯度方向反复更新参数的优化方法。",
            "definition: 沿损失函数的负梯度方向反复更新参数的优化方法。",
        ),
        Example(
            "missing-section",
            "article zh",
            "",
            "## 常见误解 {#misconceptions}",
            "## 常见误解 {#misconceptions}",
        ),
        Example(
            "section-heading",
            "article zh",
            "## 误区 {#misconceptions}",
            "## 常见误解 {#misconceptions}",
            "## 常见误解 {#misconceptions}",
        ),
        Example(
            "section-order",
            "article zh",
            "## 常见误解 {#misconceptions}\n\n## 易混概念 {#confusions}",
            "## 易混概念 {#confusions}\n\n## 常见误解 {#misconceptions}",
            "## 常见误解 {#misconceptions}",
        ),
        Example(
            "heading-level",
            "article zh",
            "# 通俗理解 {#plain}",
            "## 通俗理解 {#plain}",
            "## 通俗理解 {#plain}",
        ),
        Example("heading-id", "article zh", "### 步长", "### 步长 {#step-size}"),
        Example(
            "heading-id",
            "article zh",
            "### 数据从哪里来 {#sources}",
            "### 数据从哪里来 {#data-sources}",
        ),
        Example(
            "unknown-section",
            "article zh",
            "## 历史 {#history}",
            "### 历史 {#history}",
        ),
        Example("missing-diagram", "article zh", "文字说明。", _DIAGRAM, _DIAGRAM),
        Example(
            "diagram-description",
            "article zh",
            _DIAGRAM.replace("  accDescr: 参数经过更新变小。\n", ""),
            _DIAGRAM,
            _DIAGRAM,
        ),
        Example(
            "diagram-caption",
            "article zh",
            _DIAGRAM.partition("\n\n")[0],
            _DIAGRAM,
            _DIAGRAM,
        ),
        Example(
            "example-fence",
            "article en",
            "```python\n>>> 1 + 1\n2\n\n```",
            "```pycon\n>>> 1 + 1\n2\n\n```",
        ),
    ),
)

RULE = Rule(GUIDE, check)
ARTICLE_RULE = ArticleRule(GUIDE, check_article)
