"""Words that are wrong in the sense meant here; the list is docs/terminology.yml."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from functools import cache, partial
from hashlib import sha256
from pathlib import Path

from ahocorasick_rs import AhoCorasick, MatchKind
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ..article import OPAQUE, place_of
from ..model import Article, Block, Glossary, Place, Positions, Problem
from ..record import LANGUAGES, Language, Slug, Text
from ..spelling import suggestion
from ..store import Store
from ..traditional import TraditionalConverter, from_glossary
from ..yaml_source import YamlError, parse
from .guide import Example, Rule, RuleGuide, Words
from .prose import stands_alone

FILE = "docs/terminology.yml"
_QUOTED = re.compile(r"“[^”]*”|「[^」]*」|『[^』]*』|\"[^\"\n]*\"")


class Wording(BaseModel):
    """One word not to use, in one sense."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    wrong: Text
    right: Text
    languages: tuple[Language, ...] = Field(min_length=1)
    concept: Slug | None = Field(None, description="Whose own page may discuss the word.")
    near: tuple[Text, ...] = Field(
        (), description="If any are given, one of these must stand in the same paragraph."
    )
    unless_near: tuple[Text, ...] = Field(
        (), description="With one of these in the same paragraph the word has another sense."
    )


class Terminology(BaseModel):
    """The file docs/terminology.yml."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    terminology: tuple[Wording, ...]


def load(root: Path) -> tuple[tuple[Wording, ...], Positions, list[Problem]]:
    """Read the list below `root`.

    Returns:
        The words, where they stand in the file, and what is wrong with the file. Without a
        file there are no words and no problems.
    """

    def failure(place: Place, code: str, message: str, fix: str) -> Problem:
        return Problem(FILE, place.line, place.column, code, message, fix)

    path = root / FILE
    if not path.exists():
        return (), Positions(), []
    try:
        document = parse(path.read_bytes().decode("utf-8"))
    except (OSError, UnicodeDecodeError):
        return (), Positions(), [failure(Place(1), "encoding", "not UTF-8", "save it as UTF-8")]
    except YamlError as error:
        return (), Positions(), [failure(error.place, "yaml", error.message, error.fix)]
    try:
        words = Terminology.model_validate(document.value).terminology
    except ValidationError as error:
        return (
            (),
            document.positions,
            [
                failure(
                    document.positions.at(*detail["loc"]),
                    "invalid-value",
                    f"`{'.'.join(map(str, detail['loc']))}`: {detail['msg']}",
                    "see the entries around it; the keys are " + ", ".join(Wording.model_fields),
                )
                for detail in error.errors(include_url=False)
            ],
        )
    return words, document.positions, []


def check(glossary: Glossary) -> Iterator[Problem]:
    """Yield what is wrong with the list, and a warning for each word of it in an article."""
    words, positions, problems = load(glossary.root)
    yield from problems
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
    words = tuple(word for word in load(glossary.root)[0] if "zh-Hant" in word.languages)
    finder = _Finder(words)
    # What conversion depends on: deriving the converter itself from it takes longer.
    names = repr([(c.record.names, c.record.sections) for c in glossary.concepts.values()])
    around = sha256(repr((words, names, sorted(glossary.phrases.items()))).encode()).digest()
    converter = cache(lambda: from_glossary(glossary))
    for slug, concept in glossary.concepts.items():
        article = concept.articles.get("zh")
        if article is None or "zh-Hant" in concept.articles:
            continue
        key = store.key("derived wording", around, slug, article.path, article.digest)
        yield from store.remember(key, partial(_derived, finder, converter, slug, article))


def _derived(
    finder: _Finder, converter: Callable[[], TraditionalConverter], slug: str, article: Article
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
        if word.concept != slug
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
            if not stands_alone(text, start, end):
                continue
            for word in self.words[self._patterns[pattern]]:
                if any(near in text for near in word.unless_near):
                    continue
                if not word.near or any(near in text for near in word.near):
                    yield word, start, end


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
                    "terminology",
                    f"`{word.wrong}` is not the word for this sense",
                    f"write `{word.right}`; if another sense is meant, add a word that shows it "
                    f"to `unless_near` in {FILE}",
                    "warning",
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
        codes=(),
        warnings=("terminology", "derived-terminology"),
        title=Words("用词的义项", "Words in their sense"),
        what=Words(
            "有些词只在这个义项上是错的，例如谈文本单位时写“令牌”。`docs/terminology.yml` "
            "列出它们。"
            "代码、公式、常见误解里加引号的话、该概念自己的页面不检查。"
            "由简体转换出来的繁体页面一并检查。",
            "Some words are wrong in one sense only, such as 令牌 for a unit of text. They are "
            "listed in `docs/terminology.yml`. Code, formulas, quotations among the misconceptions "
            "and the concept's own page are not checked. Traditional pages derived from the "
            "Simplified ones are.",
        ),
        why=Words(
            "一词两译，读者会以为是两件事；简繁两地的词也不能混用。",
            "Two names for one thing make readers look for two things, and the usage of the "
            "mainland and of Taiwan must not be mixed.",
        ),
        examples=(
            Example(
                "terminology",
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
