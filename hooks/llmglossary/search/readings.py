"""How the names are read: a syllable of pinyin and of zhuyin for each Chinese character."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping

from .. import order
from .scripts import HAN, common_characters, simplified

Reading = tuple[str, str]
"""One syllable without its tone, in pinyin and in zhuyin."""

_ZHUYIN_TONES = re.compile("[ˉˊˇˋ˙]")


def of_name(text: str, in_taiwan: str, override: str | None) -> tuple[Reading, ...]:
    """Read a name.

    Args:
        text: The name.
        in_taiwan: Its form in Traditional Chinese; `text` itself where it has none.
        override: Pinyin from the record, where the computed one would be wrong.

    Returns:
        A syllable for each Chinese character; empty if there is none.
    """
    if not HAN.search(text):
        return ()
    pinyin = _syllables(order.pinyin(simplified(text), override), text)
    zhuyin = _syllables(order.zhuyin(in_taiwan, override), in_taiwan)
    if not len(pinyin) == len(zhuyin) == len(HAN.findall(text)):
        # An override that does not fit the name: a rule of the checks reports it.
        return ()
    return tuple(
        (_without_tone(p), _ZHUYIN_TONES.sub("", z)) for p, z in zip(pinyin, zhuyin, strict=True)
    )


def usual(names: Iterable[tuple[str, tuple[Reading, ...]]]) -> dict[str, Reading]:
    """Return how each character is read in most of the names that have it.

    Args:
        names: Each with its readings.
    """
    counts: dict[str, Counter[Reading]] = {}
    for text, readings in names:
        for character, reading in zip(HAN.findall(simplified(text)), readings, strict=False):
            counts.setdefault(character, Counter())[reading] += 1
    return {character: max(sorted(c), key=c.__getitem__) for character, c in counts.items()}


def table(usual: Mapping[str, Reading]) -> list[tuple[str, str, str]]:
    """Group characters by how they are read: pinyin, zhuyin, the characters."""
    characters: dict[Reading, list[str]] = {}
    for character, reading in sorted(usual.items()):
        characters.setdefault(reading, []).append(character)
    return [(*reading, "".join(read_so)) for reading, read_so in sorted(characters.items())]


def homophones(usual: Mapping[str, Reading]) -> list[tuple[str, str]]:
    """Return everyday characters that sound like one in `usual` and are not in it.

    An input method turns the right syllables into a wrong character, so a mistyped Chinese name
    mostly sounds like the right one.

    Returns:
        Pinyin and the characters read so.
    """
    wanted = {pinyin for pinyin, _ in usual.values()}
    found: dict[str, list[str]] = {}
    for character in common_characters():
        syllable = _without_tone(order.pinyin(character))
        if syllable in wanted and character not in usual:
            found.setdefault(syllable, []).append(character)
    return [(syllable, "".join(found[syllable])) for syllable in sorted(found)]


def _syllables(reading: str, text: str) -> list[str]:
    """Return `reading` without the Latin words, which it repeats from `text`."""
    return [part for part in reading.split() if part not in text or HAN.match(part)]


def _without_tone(syllable: str) -> str:
    # ü is written v, as keyboards have it: lü and lu are different syllables.
    decomposed = unicodedata.normalize("NFD", syllable).replace("u\u0308", "v")
    return "".join(char for char in decomposed if not unicodedata.combining(char))
