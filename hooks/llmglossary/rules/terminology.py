"""Words that are wrong in the sense meant here; the list is docs/terminology.yml."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from hashlib import sha256

from ahocorasick_rs import AhoCorasick, MatchKind

from ..article import OPAQUE, place_of
from ..model import Article, Block, Glossary, Problem
from ..record import LANGUAGES, Language, Wording
from ..spelling import suggestion
from ..store import Store
from ..traditional import TraditionalConverter, from_glossary
from .guide import Example, Rule, RuleGuide, Words
from .prose import stands_alone

_SHOWN = 5
FILE = "docs/terminology.yml"
_PAIRS = {"“”", "「」", "『』", '""'}
_QUOTED = re.compile(r"“[^”]*”|「[^」]*」|『[^』]*』|\"[^\"\n]*\"")


def check(glossary: Glossary) -> Iterator[Problem]:
    """Yield a problem for each word of the list in an article, and what the list says amiss."""
    words, positions = glossary.wordings, glossary.wording_positions
    for index, word in enumerate(words):
        if word.concept and word.concept not in glossary.concepts:
            place = positions.at("terminology", index, "concept")
            yield Problem(
                FILE,
                place.line,
                place.column,
                "unknown-concept",
                f"there is no concept `{word.concept}`",
                suggestion(word.concept, glossary.concepts, "concept"),
            )
    finders = {
        language: _Finder(tuple(word for word in words if language in word.languages))
        for language in LANGUAGES
    }
    for slug, concept in glossary.concepts.items():
        for language, article in concept.articles.items():
            yield from _article(finders, language, slug, article)


def check_derived(glossary: Glossary, store: Store) -> Iterator[Problem]:
    """Yield a warning for each word of the list that deriving a Traditional page brings in.

    Args:
        glossary: To check.
        store: Remembers what was found in an article.
    """
    words = tuple(word for word in glossary.wordings if "zh-Hant" in word.languages)
    finder = _Finder(words)
    settled = frozenset(word.wrong for word in glossary.wordings if "zh" in word.languages)
    # What conversion depends on: deriving the converter itself from it takes longer.
    names = repr(
        [
            (names.zh, names.zh_hant)
            for concept in glossary.concepts.values()
            for names in (concept.record.names, *(s.names for s in concept.record.sections))
        ]
    )
    around = sha256(
        repr((words, sorted(settled), names, sorted(glossary.phrases.items()))).encode()
    ).digest()
    converter = cache(lambda: from_glossary(glossary))
    articles = {
        slug: concept.articles["zh"]
        for slug, concept in glossary.concepts.items()
        if "zh" in concept.articles and "zh-Hant" not in concept.articles
    }
    keys = [
        store.key("derived wording", around, slug, article.path, article.digest)
        for slug, article in articles.items()
    ]
    slugs = list(articles)

    def find(places: Sequence[int]) -> dict[int, list[Problem]]:
        return {
            place: _derived(finder, settled, converter, slugs[place], articles[slugs[place]])
            for place in places
        }

    for problems in store.remember_each("derived wording", keys, find):
        yield from problems or ()


def _derived(
    finder: _Finder,
    settled: frozenset[str],
    converter: Callable[[], TraditionalConverter],
    slug: str,
    article: Article,
) -> list[Problem]:
    return [
        Problem(
            article.path,
            place.line,
            place.column,
            "derived-terminology",
            f"on the Traditional page this reads `{word.wrong}`, which is not the word "
            "for this sense",
            f"reword it so that it converts to `{word.right}`, or add a phrase to "
            "docs/traditional.yml",
            "warning",
        )
        for block, text in _texts(article)
        for word, start, _ in finder.find(converter().convert(text))
        # A word that is wrong in Simplified Chinese too is reported there.
        if word.concept != slug and not (word.wrong in settled and word.wrong in text)
        for place in [place_of(article, block, *_origin(converter(), text, start))]
    ]


def _origin(converter: TraditionalConverter, text: str, start: int) -> tuple[int, int]:
    """Return the character of a Simplified text from which `start` of its conversion comes."""
    behind = bisect_right(
        range(len(text)), start, key=lambda end: len(converter.convert(text[:end]))
    )
    return max(behind - 1, 0), max(behind, 1)


class _Finder:
    """Finds the words of one language; building it costs more than a search."""

    def __init__(self, words: tuple[Wording, ...]) -> None:
        self.words: dict[str, list[Wording]] = {}
        for word in words:
            self.words.setdefault(word.wrong, []).append(word)
        self._patterns = list(self.words)
        self._automaton = AhoCorasick(self._patterns, MatchKind.LeftmostLongest)

    def occurs(self, text: str) -> bool:
        """Tell quickly whether any word stands in `text`, in whatever sense."""
        return bool(self._automaton.find_matches_as_indexes(text))

    def find(self, text: str) -> Iterator[tuple[Wording, int, int]]:
        """Yield every word in `text` whose neighbours do not excuse it, its start and its end."""
        for pattern, start, end in self._automaton.find_matches_as_indexes(text):
            if not stands_alone(text, start, end) or _is_mentioned(text, start, end):
                continue
            for word in self.words[self._patterns[pattern]]:
                if any(near in text for near in word.unless_near):
                    continue
                if not word.near or any(near in text for near in word.near):
                    yield word, start, end


def _fix(word: Wording) -> str:
    fix = f"write `{word.right}`"
    if word.unless_near:
        fix += (
            "; if another sense is meant, say so in the paragraph with one of the words "
            + "、".join(word.unless_near[:_SHOWN])
        )
    return f"{fix}; another word that shows the sense goes into `unless_near` in {FILE}"


def _is_mentioned(text: str, start: int, end: int) -> bool:
    """Tell whether a word stands in quotation marks by itself: what is spoken of is not used."""
    return text[max(start - 1, 0) : start] + text[end : end + 1] in _PAIRS


def _article(
    finders: Mapping[Language, _Finder], language: Language, slug: str, article: Article
) -> Iterator[Problem]:
    if not finders[language].occurs(article.front_matter.definition + "\n" + article.body):
        return
    for block, text in _texts(article):
        for word, start, end in finders[language].find(text):
            if word.concept != slug:
                place = place_of(article, block, start, end)
                yield Problem(
                    article.path,
                    place.line,
                    place.column,
                    "wrong-word" if word.never else "terminology",
                    f"`{word.wrong}` is not the word for this sense",
                    _fix(word),
                    "error" if word.never else "warning",
                )


def _texts(article: Article) -> Iterator[tuple[Block, str]]:
    """Yield the blocks of an article, the definition first, each with its text to look at."""
    line = article.positions.at("definition").line
    summary = article.front_matter.definition
    for block in (Block(summary, line, None, "definition", cited=False), *article.blocks):
        text = block.text
        if block.section == "misconceptions":
            text = _QUOTED.sub(lambda quoted: OPAQUE * len(quoted.group()), text)
        yield block, text


RULE = Rule(
    RuleGuide(
        slug="terminology",
        codes=("wrong-word",),
        warnings=("terminology", "derived-terminology"),
        title=Words("用词的义项", "Words in their sense"),
        what=Words(
            "有些词只在这个义项上是错的，例如谈文本单位时写“令牌”。`docs/terminology.yml` "
            "列出它们；标了 `never: true` 的是错误，其余是提醒。"
            "代码、公式、单独加引号的词、常见误解里加引号的话、该概念自己的页面不检查。"
            "由简体转换出来的繁体页面一并检查。",
            "Some words are wrong in one sense only, such as 令牌 for a unit of text. They are "
            "listed in `docs/terminology.yml`; those marked `never: true` are errors, the others "
            "warnings. Code, formulas, a word alone in quotation marks, quotations among the "
            "misconceptions and the concept's own page are not checked. Traditional pages derived "
            "from the Simplified ones are.",
        ),
        why=Words(
            "一词两译，读者会以为是两件事；简繁两地的词也不能混用。",
            "Two names for one thing make readers look for two things, and the usage of the "
            "mainland and of Taiwan must not be mixed.",
        ),
        examples=(
            Example(
                "wrong-word",
                "article zh",
                "调用 API 按令牌计费。",
                "调用 API 按词元计费；“令牌”是旧称，`令牌` 不改。",
            ),
            Example(
                "wrong-word",
                "article zh",
                "模型每次生成一个令牌。",
                "模型每次生成一个词元。身份验证用的令牌是另一回事。",
            ),
            Example(
                "terminology",
                "article zh",
                "代理人可以调用工具。",
                "智能体可以调用工具。",
            ),
            Example(
                "derived-terminology",
                "article zh",
                "文本先做标记化。",
                "文本先做分词。",
            ),
        ),
    ),
    check,
)
