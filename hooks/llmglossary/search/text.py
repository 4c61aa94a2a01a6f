"""The full text: which pages have a word, and each page's sections to find it in.

Nothing of this is loaded before the reader pauses, and then only what the query needs: the lists
of pages for its words, and the text of the few best pages. A list names pages, not sections; the
browser looks for the words in the sections of the pages it has fetched.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from operator import sub
from typing import TypedDict

from ..article import CITATION, OPAQUE
from ..model import Article, Block
from .scripts import characters, simplified

# Words that more pages have than this are in no list: they tell no page from another.
_COMMON = 0.5
_MIN_COMMON = 20
# A word as frequent as this is what a page is about.
_OFTEN = 3
_SHARD_SIZE = 20_000  # characters; about 15 KB compressed
_FIRST_PAGE = 35  # the character # begins the digits of a list: see `_pages`

_LATIN = re.compile(r"[^\W_\u3400-\u4dbf\u4e00-\u9fff]+")
_NOT_HAN = re.compile(r"[^\u3400-\u4dbf\u4e00-\u9fff]+")
_ALONE = re.compile(r"(?<= )[^ ](?= )")
_MARKS = re.compile(r"[\u0300-\u036f]")
_SPACES = re.compile(r"\s+")
_OPAQUE = re.compile(OPAQUE)
_BLOCK_FENCE = re.compile(r"^///.*$", re.MULTILINE)
_ATTRIBUTES = re.compile(r"\s*\{[^{}]*\}\s*$")
_SINGULAR_ES = re.compile(r"(?:[sxz]|[cs]h)es$")
_SINGULAR_S = re.compile(r"[^sui]s$")
_MIN_STEM = 4


@dataclass(frozen=True)
class Section:
    """A heading and what stands below it, in plain text without code and formulas.

    Attributes:
        anchor: Of the heading; None before the first.
    """

    anchor: str | None
    heading: str
    text: str


@dataclass(frozen=True)
class PageText:
    """What the search takes from one page.

    Attributes:
        sections: Anchor (empty before the first heading), heading and text of each.
        often: The words that it is about.
        seldom: The other words that it has.
        characters: All that occur in its text.
    """

    sections: list[tuple[str, str, str]]
    often: tuple[str, ...]
    seldom: tuple[str, ...]
    characters: str


class Shard(TypedDict):
    """Words, and for each the pages having it.

    Attributes:
        terms: Separated by spaces.
        pages: For each term, separated by spaces; see `_pages`.
    """

    terms: str
    pages: str


@dataclass(frozen=True)
class FullText:
    """The full text of one language.

    Attributes:
        documents: The number of each page's document in the names, in the order of the lists.
        sections: By the name of the page, in the same order: anchor, heading and text of each.
        shards: The lists.
        fold: Traditional characters of the texts that the names do not have, and the Simplified.
    """

    documents: list[int]
    sections: Mapping[str, list[tuple[str, str, str]]]
    shards: list[Shard]
    fold: tuple[str, str]


def sections(article: Article, localized: Callable[[str], str] = str) -> Iterator[Section]:
    """Yield the sections of an article that have any prose.

    Args:
        article: As loaded.
        localized: Converts the prose where the site derives its text from `article`.
    """
    anchor: str | None = None
    heading = ""
    blocks: list[str] = []
    headings = iter(article.headings)
    for block in article.blocks:
        if block.kind == "heading":
            if blocks:
                yield Section(anchor, heading, "\n".join(blocks))
            found = next(headings)
            anchor, heading, blocks = found.id, localized(found.text), []
        elif text := _prose(block):
            blocks.append(localized(text))
    if blocks:
        yield Section(anchor, heading, "\n".join(blocks))


def _prose(block: Block) -> str:
    opaque = iter(block.opaque)
    text = _OPAQUE.sub(lambda _: next(opaque) or "…", block.text)
    return _SPACES.sub(" ", _BLOCK_FENCE.sub("", CITATION.sub("", text))).strip()


def page_text(sections: Iterable[Section]) -> PageText:
    """Return the text of a page that has `sections`, and its words."""
    texts = [(section.anchor or "", section.heading, section.text) for section in sections]
    counts = _terms("\n".join(f"{h}\n{t}" for _, h, t in texts))
    return PageText(
        sections=texts,
        often=tuple(term for term, count in counts.items() if count >= _OFTEN),
        seldom=tuple(term for term, count in counts.items() if count < _OFTEN),
        characters="".join(sorted(set().union(*(text for _, _, text in texts)))),
    )


def full_text(pages: Sequence[tuple[int, str, PageText]], known: str) -> FullText:
    """Turn the texts of one language's pages into lists of words.

    Args:
        pages: For each page the number of its document among the names, its name and its text.
        known: The Traditional characters that the names' own table has.
    """
    # The loops run once for each word of each page, a million times for 500 concepts.
    often: defaultdict[str, list[int]] = defaultdict(list)
    seldom: defaultdict[str, list[int]] = defaultdict(list)
    for number, (_, _, page) in enumerate(pages):
        for term in page.often:
            often[term].append(number)
        for term in page.seldom:
            seldom[term].append(number)
    terms = sorted(often.keys() | seldom.keys())
    listed = sum(map(len, often.values())) + sum(map(len, seldom.values()))
    shards = max(1, round((sum(map(len, terms)) + listed + 3 * len(terms)) / _SHARD_SIZE))
    of_shard: list[list[str]] = [[] for _ in range(shards)]
    for term in terms:
        of_shard[shard_of(term, shards)].append(term)
    common = max(_MIN_COMMON, _COMMON * len(pages))
    distances = [chr(_FIRST_PAGE + distance - 1) for distance in range(len(pages) + 1)]
    occurring = set().union(*(page.characters for _, _, page in pages))
    old, new = characters("".join(occurring))
    unknown = [pair for pair in zip(old, new, strict=True) if pair[0] not in known]
    return FullText(
        documents=[document for document, _, _ in pages],
        sections={name: page.sections for _, name, page in pages},
        shards=[
            {
                "terms": " ".join(terms),
                "pages": " ".join(
                    _pages(often.get(term, ()), seldom.get(term, ()), common, distances)
                    for term in terms
                ),
            }
            for terms in of_shard
        ],
        fold=("".join(o for o, _ in unknown), "".join(n for _, n in unknown)),
    )


def _pages(
    often: Sequence[int], seldom: Sequence[int], common: float, distances: Sequence[str]
) -> str:
    """Write the numbers of pages as their distances, a character each.

    Args:
        often: The pages that have the word often; they come first.
        seldom: The others, behind a ``!``.
        common: How many pages may have it; of more, none is written.
        distances: What to write for each distance.
    """
    if len(often) + len(seldom) > common:
        return ""
    return _distances(often, distances) + ("!" + _distances(seldom, distances) if seldom else "")


def _distances(numbers: Sequence[int], written: Sequence[str]) -> str:
    return "".join(map(written.__getitem__, map(sub, numbers, chain((-1,), numbers))))


def shard_of(term: str, shards: int) -> int:
    """Return the file that lists `term`, so that what is being typed stays in one."""
    code = 0
    for character in term[:1] if term[0] >= "\u3400" else term[:3]:
        code = (code * 31 + ord(character)) % 65_536
    return code % shards


def _terms(text: str) -> Counter[str]:
    """Count the words of `text`: Latin stems, pairs of Chinese characters.

    The same words as in `search-engine.js`. Every distinct one is looked at once, which makes
    this several times faster than going through the text word by word.
    """
    plain = (text if text.isascii() else _plain(text)).lower()
    counts: Counter[str] = Counter()
    for word, count in Counter(_LATIN.findall(plain)).items():
        counts[_stem(word)] += count
    if text.isascii():
        return counts
    chinese = _NOT_HAN.sub(" ", plain)
    for (first, second), count in Counter(pairwise(chinese)).items():
        if first != " " != second:
            counts[first + second] += count
    counts.update(_ALONE.findall(f" {chinese} "))
    return counts


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text)
    return simplified(unicodedata.normalize("NFKC", _MARKS.sub("", decomposed)))


def _stem(word: str) -> str:
    if len(word) < _MIN_STEM:
        return word
    if word.endswith("ies"):
        word = word[:-3] + "y"
    elif _SINGULAR_ES.search(word):
        word = word[:-2]
    elif _SINGULAR_S.search(word):
        word = word[:-1]
    return word[:-1] if len(word) >= _MIN_STEM and word.endswith("e") else word
