"""Readings of names, and the order in which an index lists them.

Pinyin and zhuyin are computed by pypinyin, which reads with general vocabulary in mind. The
tables here hold what it reads wrongly in this field, and what Taiwan reads differently.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import NamedTuple

from .record import Language
from .traditional import opencc

SortKey = tuple[int, tuple[str, ...], tuple[int, ...], str]

LATIN_INITIALS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
ZHUYIN_INITIALS = "ㄅㄆㄇㄈㄉㄊㄋㄌㄍㄎㄏㄐㄑㄒㄓㄔㄕㄖㄗㄘㄙㄚㄛㄜㄝㄞㄟㄠㄡㄢㄣㄤㄥㄦㄧㄨㄩ"
OTHER_INITIAL = "#"

# What pypinyin reads wrongly in this field, by the Simplified word. A lone character is the reading
# that prevails here; the words after it keep the other one.
_READINGS = {
    "一": "yī",  # dictionary tones throughout: pypinyin's own words mix in tone sandhi
    "不": "bù",
    "伺服": "sì fú",
    "传播": "chuán bō",
    "似然": "sì rán",
    "似是而非": "sì shì ér fēi",
    "倒数": "dào shù",
    "子词": "zǐ cí",
    "并行": "bìng xíng",
    "文本分": "wén běn fēn",
    "框架": "kuàng jià",
    "算子": "suàn zǐ",
    "量化": "liàng huà",
    "差": "chā",
    "参差": "cēn cī",
    "出差": "chū chāi",
    "差劲": "chà jìn",
    "行列": "háng liè",
    "行向量": "háng xiàng liàng",
    "逐行": "zhú háng",
    "每行": "měi háng",
    "一行": "yī háng",
    "首行": "shǒu háng",
    "调": "tiáo",
    "单调": "dān diào",
    "声调": "shēng diào",
    "强调": "qiáng diào",
    "语调": "yǔ diào",
    "音调": "yīn diào",
    "调度": "diào dù",
    "调换": "diào huàn",
    "调查": "diào chá",
    "调用": "diào yòng",
    "调动": "diào dòng",
    "调取": "diào qǔ",
    "腔调": "qiāng diào",
    "格调": "gé diào",
    "基调": "jī diào",
    "去重": "qù chóng",
    "双重": "shuāng chóng",
    "三重": "sān chóng",
    "多重": "duō chóng",
    "重写": "chóng xiě",
    "重加权": "chóng jiā quán",
    "重参数": "chóng cān shù",
    "重叠": "chóng dié",
    "重塑": "chóng sù",
    "重复": "chóng fù",
    "重建": "chóng jiàn",
    "重排": "chóng pái",
    "重放": "chóng fàng",
    "重新": "chóng xīn",
    "重构": "chóng gòu",
    "重用": "chóng yòng",
    "重算": "chóng suàn",
    "重置": "chóng zhì",
    "重训": "chóng xùn",
    "重试": "chóng shì",
    "重述": "chóng shù",
    "重启": "chóng qǐ",
    "重采样": "chóng cǎi yàng",
    "重现": "chóng xiàn",
    "重组": "chóng zǔ",
    "重计算": "chóng jì suàn",
    "长": "cháng",
    "增长": "zēng zhǎng",
    "成长": "chéng zhǎng",
    "生长": "shēng zhǎng",
    "助长": "zhù zhǎng",
    "校长": "xiào zhǎng",
    "家长": "jiā zhǎng",
    "部长": "bù zhǎng",
    "长大": "zhǎng dà",
}

# Where the standard of Taiwan differs: character -> (reading elsewhere, reading in Taiwan).
_TAIWAN_READINGS = {
    "偽": ("wěi", "wèi"),
    "儲": ("chǔ", "chú"),
    "危": ("wēi", "wéi"),
    "嵌": ("qiàn", "qiān"),
    "微": ("wēi", "wéi"),
    "息": ("xī", "xí"),
    "期": ("qī", "qí"),
    "框": ("kuàng", "kuāng"),
    "檔": ("dàng", "dǎng"),
    "播": ("bō", "bò"),
    "擊": ("jī", "jí"),
    "擁": ("yōng", "yǒng"),
    "淆": ("xiáo", "yáo"),
    "究": ("jiū", "jiù"),
    "突": ("tū", "tú"),
    "績": ("jì", "jī"),
    "血": ("xuè", "xiě"),
    "識": ("shí", "shì"),
    "質": ("zhì", "zhí"),
    "跡": ("jì", "jī"),
    "餾": ("liú", "liù"),
}

_HAN = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
_HAN_OR_LATIN_RUN = re.compile(rf"(?P<han>[{_HAN}]+)|[^\s{_HAN}\u3000-\u303f\uff00-\uffef·]+")
_READING_WORDS = re.compile("|".join(sorted(map(re.escape, _READINGS), key=len, reverse=True)))
_SYLLABLE = re.compile("[a-zü]*[āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜ][a-zü]*|de|le|men|zi")
_FIRST_TONE = 1
_NEUTRAL_TONE = 5
_AFTER_ALL_TONES = 10
_TONES = {"\u0304": 1, "\u0301": 2, "\u030c": 3, "\u0300": 4, "ˊ": 2, "ˇ": 3, "ˋ": 4, "˙": 5}
_DIAERESIS = "\u0308"


class _Part(NamedTuple):
    """One syllable of a name, or one Latin word of it."""

    text: str
    is_syllable: bool


def pinyin(text: str, override: str | None = None) -> str:
    """Read a Simplified Chinese name aloud.

    Args:
        text: The name.
        override: The reading given in the record, which wins over the computed one.

    Returns:
        Tone-marked syllables separated by spaces, Latin words as they are; for ``Top-k采样``
        ``Top-k cǎi yàng``. Punctuation has no reading and is left out.
    """
    return " ".join(part.text for part in _pinyin_parts(text, override))


def zhuyin(text: str, override: str | None = None) -> str:
    """Read a Traditional Chinese name aloud, as the standard of Taiwan has it.

    Args:
        text: The name.
        override: The reading in pinyin given in the record, which wins over the computed one.

    Returns:
        Zhuyin syllables separated by spaces, Latin words as they are.
    """
    return " ".join(part.text for part in _zhuyin_parts(text, override))


def pinyin_initial(text: str, override: str | None = None) -> str:
    """Return the letter A-Z under which a Simplified Chinese name is listed, or ``#``."""
    return _latin_initial(pinyin(text, override))


def zhuyin_initial(text: str, override: str | None = None) -> str:
    """Return the heading under which a Traditional Chinese name is listed.

    Args:
        text: The name.
        override: The reading in pinyin given in the record.

    Returns:
        A zhuyin symbol, a letter A-Z for a name that begins in Latin script, or ``#``.
    """
    parts = _zhuyin_parts(text, override)
    if parts and parts[0].is_syllable:
        return parts[0].text.lstrip("˙")[0]
    return _latin_initial(text)


def english_initial(text: str) -> str:
    """Return the letter A-Z under which an English name is listed, or ``#``."""
    return _latin_initial(text)


@lru_cache(maxsize=8192)
def sort_key(name: str, language: Language, override: str | None = None) -> SortKey:
    """Make the key that sorts names of one language as a dictionary of that language does.

    Chinese sorts syllable by syllable by sound, then by tones, then by characters; English
    word by word, without regard to case, diacritics and punctuation. Names are grouped as the
    ``…_initial`` functions group them, with ``#`` last.

    Args:
        name: The name to sort.
        language: Its language; keys of different languages do not compare.
        override: The reading in pinyin given in the record.

    Returns:
        A key that differs for different names.
    """
    if language == "en":
        words = tuple(word for word in map(_plain, name.split()) if word)
        return _group(english_initial(name), LATIN_INITIALS), words, (), name
    if language == "zh":
        sounds = [_pinyin_sound(part) for part in _pinyin_parts(name, override)]
        group = _group(pinyin_initial(name, override), LATIN_INITIALS)
    else:
        sounds = [_zhuyin_sound(part) for part in _zhuyin_parts(name, override)]
        group = _group(zhuyin_initial(name, override), ZHUYIN_INITIALS + LATIN_INITIALS)
    return group, tuple(s for s, _ in sounds), tuple(t for _, t in sounds), name


def _group(initial: str, initials: str) -> int:
    return initials.index(initial) if initial in initials else len(initials)


def _latin_initial(text: str) -> str:
    first = _plain(text)[:1].upper()
    return first if first and first in LATIN_INITIALS else OTHER_INITIAL


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in decomposed if char.isalnum())


@lru_cache(maxsize=4096)
def _pinyin_parts(text: str, override: str | None) -> tuple[_Part, ...]:
    return _parts_of_reading(override) if override else tuple(_read(text, _read_mainland))


@lru_cache(maxsize=4096)
def _zhuyin_parts(text: str, override: str | None) -> tuple[_Part, ...]:
    parts = _parts_of_reading(override) if override else _read(text, _read_taiwan)
    return tuple(_Part(_to_zhuyin(p.text), p.is_syllable) if p.is_syllable else p for p in parts)


def _parts_of_reading(reading: str) -> tuple[_Part, ...]:
    return tuple(_Part(word, bool(_SYLLABLE.fullmatch(word))) for word in reading.split())


def _read(text: str, read_han: Callable[[str], list[str]]) -> Iterator[_Part]:
    for run in _HAN_OR_LATIN_RUN.finditer(text):
        if run["han"]:
            for char, reading in zip(run["han"], read_han(run["han"]), strict=True):
                yield _Part(reading, is_syllable=reading != char)
        elif _plain(run[0]):
            yield _Part(run[0], is_syllable=False)


def _read_mainland(run: str) -> list[str]:
    # Loading it takes a fifth of a second and fifty megabytes, and most readings are kept.
    from pypinyin import Style, lazy_pinyin  # noqa: PLC0415

    # A character without reading stands for itself, so that readings and characters align.
    # (The library documents that `errors` may return a list; its stub does not know.)
    readings = lazy_pinyin(run, style=Style.TONE, errors=list)  # type: ignore[arg-type]
    for match in _READING_WORDS.finditer(run):
        readings[match.start() : match.end()] = _READINGS[match[0]].split()
    return readings


def _read_taiwan(run: str) -> list[str]:
    # pypinyin decides between readings by words, and knows most words only as Simplified.
    simplified = opencc("t2s").convert(run)
    readings = _read_mainland(simplified if len(simplified) == len(run) else run)
    for index, char in enumerate(run):
        elsewhere, in_taiwan = _TAIWAN_READINGS.get(char, ("", ""))
        if readings[index] == elsewhere:
            readings[index] = in_taiwan
    return readings


def _to_zhuyin(syllable: str) -> str:
    from pypinyin import Style  # noqa: PLC0415
    from pypinyin.style import convert  # noqa: PLC0415

    symbols = convert(syllable, Style.BOPOMOFO, strict=True)
    return "˙" + symbols[:-1] if symbols.endswith("˙") else symbols


def _pinyin_sound(part: _Part) -> tuple[str, int]:
    if not part.is_syllable:
        return _plain(part.text), 0
    letters = unicodedata.normalize("NFD", part.text)
    tone = next((_TONES[char] for char in letters if char in _TONES), _NEUTRAL_TONE)
    # Dictionaries list lü after lu, whatever the tone.
    return _plain(part.text), tone + (_AFTER_ALL_TONES if _DIAERESIS in letters else 0)


def _zhuyin_sound(part: _Part) -> tuple[str, int]:
    if not part.is_syllable:
        return _plain(part.text), 0
    # The order of the symbols in Unicode is the order in which they are taught.
    tone = next((_TONES[char] for char in part.text if char in _TONES), _FIRST_TONE)
    return "".join(char for char in part.text if char in ZHUYIN_INITIALS), tone
