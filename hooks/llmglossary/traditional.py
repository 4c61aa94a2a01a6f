"""Simplified Chinese to Traditional Chinese as written in Taiwan.

OpenCC does the conversion, but only of what the glossary has nothing to say about: its own
names and a checked-in phrase list are put in place first and OpenCC never sees them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache, cached_property, lru_cache
from hashlib import sha256
from itertools import chain, zip_longest

from ahocorasick_rs import AhoCorasick, MatchKind
from opencc import OpenCC

from .model import Glossary
from .record import Names

_HAN = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
_HAS_HAN = re.compile(f"[{_HAN}]")
_SEAM = re.compile(f"(?<=[{_HAN}])(?=[A-Za-z0-9])|(?<=[A-Za-z0-9])(?=[{_HAN}])")
# A URL may hold bare Chinese characters; it ends where Chinese punctuation begins.
_URL = re.compile(r"""((?:https?|ftp)://[^\s<>"'`“”‘’，。、；：！？（）「」『』《》【】]+)""")

_CHINESE_SIDE = re.compile(f"[{_HAN}，。、；：！？（）《》【】「」『』…—]")
_APOSTROPHE = re.compile("[A-Za-z]’[A-Za-z]")
_CLOSER = {"“": "”", "‘": "’"}
_QUOTE = re.compile("[“”‘’]")
_BRACKETS = (("「", "」"), ("『", "』"))


@cache
def opencc(configuration: str) -> OpenCC:
    """Return OpenCC for one direction, such as ``s2twp``; each takes fifteen megabytes."""
    return OpenCC(configuration)


class TraditionalConverter:
    """Converts Simplified Chinese prose to Traditional Chinese as written in Taiwan.

    Args:
        names: Simplified name -> its Traditional counterpart. Names win over phrases.
        phrases: Simplified phrase -> Traditional phrase, where OpenCC alone is wrong.
    """

    def __init__(self, names: Mapping[str, str], phrases: Mapping[str, str]) -> None:
        self._opencc = opencc("s2twp")
        self._to_simplified = opencc("t2s")
        table = _with_spaced_forms(phrases) | _with_spaced_forms(names)
        # OpenCC would rewrite a Traditional name quoted in Simplified text (參數 to 引數). What
        # Simplified text cannot contain is therefore protected as well.
        already = {v: v for v in table.values() if self._has_traditional(v)}
        self._table = already | table
        self._matcher = AhoCorasick(self._table, MatchKind.LeftmostLongest, store_patterns=False)
        self._keys = tuple(self._table)

    @cached_property
    def digest(self) -> bytes:
        """Of everything that decides how a text is converted, OpenCC itself aside."""
        return sha256(repr(sorted(self._table.items())).encode()).digest()

    def convert(self, text: str) -> str:
        """Convert `text`, leaving Latin text, digits and URLs as they are.

        The text between two protected pieces is converted on its own. That loses nothing:
        OpenCC looks no further than the words of its dictionaries, and no such word reaches
        across a protected piece.

        Args:
            text: Plain prose; code, formulas and markup are the caller's to leave out.

        Returns:
            The Traditional text, with Taiwan's quotation marks.
        """
        if self._is_traditional(text):
            return _taiwan_quotes(text)
        pieces = (
            piece if index % 2 else "".join(self._convert_prose(piece))
            for index, piece in enumerate(_URL.split(text))
        )
        return _taiwan_quotes("".join(pieces))

    def _convert_prose(self, text: str) -> Iterator[str]:
        done = 0
        for key, start, end in self._matcher.find_matches_as_indexes(text):
            yield self._by_opencc(text[done:start])
            replacement = self._table[self._keys[key]]
            before, after = text[start - 1 : start] if start else "", text[end : end + 1]
            # 谷歌的 becomes "Google 的": a seam that was not in the text gets its space.
            if _SEAM.search(before + replacement[0]) and not _SEAM.search(before + text[start]):
                yield " "
            yield replacement
            if _SEAM.search(replacement[-1] + after) and not _SEAM.search(text[end - 1] + after):
                yield " "
            done = end
        yield self._by_opencc(text[done:])

    def _by_opencc(self, text: str) -> str:
        # Besides saving time: OpenCC drops NUL characters, and has no business with them.
        return self._opencc.convert(text) if _HAS_HAN.search(text) else text

    def _has_traditional(self, text: str) -> bool:
        simplified: str = self._to_simplified.convert(text)
        return simplified != text

    def _is_traditional(self, text: str) -> bool:
        # OpenCC reads 干 as Simplified even in 干擾. Big5, Taiwan's own character set, holds 干
        # but neither 扰 nor most other Simplified forms.
        try:
            "".join(_HAS_HAN.findall(text)).encode("cp950")
        except UnicodeEncodeError:
            return False
        return self._has_traditional(text)


def from_glossary(glossary: Glossary) -> TraditionalConverter:
    """Build the converter that knows the glossary's own names.

    Preferred names pair with preferred names, abbreviations with abbreviations, admitted names
    by position. Where two concepts share a name, a preferred name wins over an admitted one,
    then the first slug in alphabetical order. An accepted name without counterpart is converted
    like any text. A rejected name keeps its characters (变压器 becomes 變壓器), because the
    page that rejects it talks about that very word; the phrase list may overrule this.

    Args:
        glossary: The loaded glossary.

    Returns:
        A converter for prose of this glossary.
    """
    records = [concept.record for concept in glossary.concepts.values()]
    named = [r.names for r in records] + [s.names for r in records for s in r.sections]
    pairs = chain(
        ((n.zh.preferred, n.zh_hant.preferred) for n in named),
        chain.from_iterable(_lesser_pairs(n) for n in named),
    )
    return _converter(
        tuple(pairs),
        tuple(chain.from_iterable(n.zh.accepted for n in named)),
        tuple(rejected.name for n in named for rejected in n.zh.rejected),
        tuple(glossary.phrases.items()),
    )


# The rules and the pages of one build ask for the same.
@lru_cache(maxsize=1)
def _converter(
    pairs: tuple[tuple[str, str], ...],
    accepted: tuple[str, ...],
    rejected: tuple[str, ...],
    phrases: tuple[tuple[str, str], ...],
) -> TraditionalConverter:
    """Build the converter from names in either script, the best first; see `from_glossary`."""
    names: dict[str, str] = {}
    for simplified, traditional in pairs:
        if _HAS_HAN.search(simplified):
            names.setdefault(simplified, traditional)

    plain = TraditionalConverter(names, dict(phrases))
    characters_only = opencc("s2tw")
    for name in accepted:
        if _HAS_HAN.search(name):
            names.setdefault(name, plain.convert(name))
    for name in rejected:
        if _HAS_HAN.search(name) and name not in dict(phrases):
            names.setdefault(name, characters_only.convert(name))
    return TraditionalConverter(names, dict(phrases))


def _lesser_pairs(names: Names) -> Iterator[tuple[str, str]]:
    for simplified, traditional in chain(
        [(names.zh.abbreviation, names.zh_hant.abbreviation)],
        zip_longest(names.zh.admitted, names.zh_hant.admitted),
    ):
        if simplified and traditional:
            yield simplified, traditional


def _with_spaced_forms(names: Mapping[str, str]) -> dict[str, str]:
    """Add the forms with a space between Chinese and Latin, as prose writes Softmax 函数."""
    return {_SEAM.sub(" ", s): t for s, t in names.items()} | dict(names)


def _taiwan_quotes(text: str) -> str:
    """Replace “…” by 「…」 and ‘…’ within it by 『…』, in Chinese context.

    A pair is Chinese if it holds a Chinese character or touches Chinese text; a mark whose
    partner stands in another piece of the page, if it touches Chinese text. So quotations in
    English text stay, and so do apostrophes.
    """
    if not _QUOTE.search(text):
        return text
    partners = _quote_pairs(text)
    out = list(text)
    depth = 0
    for index, mark in enumerate(text):
        if mark in _CLOSER:
            end = partners.get(index)
            if not _is_chinese_quote(text, index, end):
                continue
            # Without its partner a mark cannot know how deep it stands: go by its shape.
            level = depth % 2 if end is not None else int(mark == "‘")
            opening, closing = _BRACKETS[level]
            out[index] = opening
            if end is not None:
                out[end] = closing
            depth += 1
        elif mark in _CLOSER.values():
            if index not in partners and _is_chinese_quote(text, index, None):
                out[index] = _BRACKETS[int(mark == "’")][1]
            if out[index] != mark:
                depth = max(0, depth - 1)
    return "".join(out)


def _quote_pairs(text: str) -> dict[int, int]:
    """Map the position of each paired mark to that of its partner, both ways."""
    partners: dict[int, int] = {}
    waiting: list[int] = []
    for index, char in enumerate(text):
        if char in _CLOSER:
            waiting.append(index)
        elif char in _CLOSER.values() and not _APOSTROPHE.match(text, max(0, index - 1)):
            for place in range(len(waiting) - 1, -1, -1):
                if _CLOSER[text[waiting[place]]] == char:
                    partners[waiting[place]] = index
                    partners[index] = waiting[place]
                    del waiting[place:]
                    break
    return partners


def _is_chinese_quote(text: str, start: int, end: int | None) -> bool:
    if end is not None and _HAS_HAN.search(text, start, end):
        return True
    before = text[:start].rstrip(" ")[-1:]
    after = text[(start if end is None else end) + 1 :].lstrip(" ")[:1]
    return bool(_CHINESE_SIDE.search(before + after))
