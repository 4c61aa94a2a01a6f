"""The fonts of the books: found in pinned packages, brought to the weights that are needed.

Typesetting takes static fonts only: of variable ones, weights come out wrong in running text and
hairline thin in drawings. So instances are made once and kept. Only common characters are taken
into them, and what a book has besides: that takes seconds, all tens of thousands take minutes.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

_FORMAT = 1  # raise it when instances are made otherwise, so that kept ones are made anew


@dataclass(frozen=True)
class _Instance:
    """One static font to be made of a variable one.

    Attributes:
        package: The import name of the package that brings the variable font.
        file: Its path within the package.
        name: Of the style, such as ``SemiBold``.
        weight: On the scale from 100 to 900.
        family: What the instance is called.
        axes: Of the variable font -> the value to fix it at.
        charset: The encoding whose characters it has; None for rare letters of Latin script.
    """

    package: str
    file: str
    family: str
    name: str
    weight: int
    axes: tuple[tuple[str, float], ...]
    charset: str | None

    @property
    def path(self) -> Path:
        return _package(self.package) / self.file


_INSTANCES = tuple(
    _Instance(
        "justmytype_intl_cjk",
        f"fonts/ofl/notosans{region.lower()}/NotoSans{region}[wght].ttf",
        f"Noto Sans {region}",
        "SemiBold",
        600,
        (("wght", 600),),
        charset,
    )
    for region, charset in (("SC", "gb2312"), ("TC", "big5"))
)
# Subscript letters and other rare signs of Latin script, which the rest does not have.
_RARE = _Instance(
    "justmytype_western_core",
    "fonts/ofl/notosans/NotoSans[wdth,wght].ttf",
    "Noto Sans",
    "Regular",
    400,
    (("wght", 400), ("wdth", 100)),
    None,
)
_RARE_LETTERS = frozenset(map(chr, (*range(0x1D00, 0x1DC0), *range(0x2C60, 0x2C80))))
# Static as they come: package and files within it.
_STATIC = (
    ("font_source_serif_pro", ("Regular", "It", "Semibold"), "files/SourceSerifPro-{}.otf"),
    ("font_source_sans_pro", ("Regular", "It", "Semibold"), "files/SourceSansPro-{}.otf"),
    ("fontpkg_ibm_plex_mono", ("Regular",), "files/IBMPlexMono-{}.ttf"),
    ("pylopdf_fonts_zh_cn", ("Serif", "Sans"), "Noto{}SC-Regular.otf"),
    ("pylopdf_fonts_zh_tw", ("Serif", "Sans"), "Noto{}TC-Regular.otf"),
    ("justmytype_western_core", ("TwoMath",), "fonts/ofl/stixtwomath/STIX{}-Regular.ttf"),
    (
        "justmytype_western_core",
        ("Symbols2",),
        "fonts/ofl/notosanssymbols2/NotoSans{}-Regular.ttf",
    ),
)
_MATHEMATICS = "STIXTwoMath-Regular.ttf"
# What may be set in bold in any book: Latin, Greek, punctuation, arrows and signs.
_WESTERN = frozenset(
    chr(code)
    for start, end in ((0x20, 0x0250), (0x0300, 0x0400), (0x1E00, 0x1F00), (0x2000, 0x2300))
    for code in range(start, end)
)

_IDEOGRAPH = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U000323af]")
# Invisible, or gone before a font is asked.
_WITHOUT_GLYPH = frozenset("\n\t\u200b\u2060\ufe00\ufe01\ufe0e")


class MissingFontError(Exception):
    """A font package is not installed; the message says what to do."""


@dataclass(frozen=True)
class FontSet:
    """The fonts of a book.

    Attributes:
        files: One for each.
    """

    files: tuple[Path, ...]

    def missing(self, characters: Iterable[str]) -> frozenset[str]:
        """Return those characters that no font has: every chain of the layout ends with all."""
        left = set(characters) - _WITHOUT_GLYPH

        # Those that tell most first: reading tens of thousands of characters takes a while, and
        # the sans-serif faces have what the serif ones have.
        def late(file: Path) -> tuple[bool, int]:
            return file.name.startswith(("NotoSansSC", "NotoSansTC")), file.stat().st_size

        for file in sorted(self.files, key=late):
            if left:
                left -= _characters(file)
        return frozenset(left)

    @cached_property
    def mathematical(self) -> frozenset[str]:
        """All characters of the font for formulas."""
        files = [file for file in self.files if file.name == _MATHEMATICS]
        return frozenset(char for file in files for char in _characters(file))


def prepare(
    characters: Iterable[str], cache: Path, on_progress: Callable[[str], None] | None = None
) -> FontSet:
    """Make what fonts are missing.

    Args:
        characters: All that the book may set in bold type.
        cache: A folder below which instances are kept, in ``fonts/``.
        on_progress: Called with the name of each font to be made.

    Raises:
        MissingFontError: A package is not installed.
    """
    kept = cache / "fonts"
    files = [
        _package(package) / pattern.format(name)
        for package, names, pattern in _STATIC
        for name in names
    ]
    files.extend(
        _made(instance, _common(instance), kept, on_progress) for instance in (*_INSTANCES, _RARE)
    )
    # A font of its own, so that one more character does not mean thousands made anew.
    common = frozenset().union(*map(_common, _INSTANCES))
    rare = frozenset(c for c in characters if _IDEOGRAPH.match(c)) - common
    for instance in _INSTANCES if rare else ():
        named = replace(instance, family=f"{instance.family} Rare")
        files.append(_made(named, rare, kept, on_progress))
    missing = [file for file in files if not file.is_file()]
    if missing:
        raise MissingFontError(f"the font {missing[0].name} is not where its package had it")
    return FontSet(tuple(files))


@lru_cache(maxsize=8)
def _common(instance: _Instance) -> frozenset[str]:
    """Return the characters that an instance always has."""
    if instance.charset is None:
        return _RARE_LETTERS
    rows = range(0xB0, 0xF8) if instance.charset == "gb2312" else range(0xA4, 0xC7)
    cells = (bytes((row, cell)) for row in rows for cell in range(0x40, 0xFF))
    return _WESTERN.union(*(cell.decode(instance.charset, "ignore") for cell in cells))


def _made(
    instance: _Instance,
    characters: frozenset[str],
    kept: Path,
    on_progress: Callable[[str], None] | None,
) -> Path:
    """Return the file of an instance, after making it if need be."""
    what = [_FORMAT, version("fonttools"), version(_distribution(instance)), repr(instance)]
    key = hashlib.sha256(json.dumps([*what, *sorted(characters)]).encode()).hexdigest()[:20]
    file = kept / f"{instance.family}-{instance.name}-{key}.ttf".replace(" ", "")
    if not file.is_file():
        if on_progress:
            on_progress(f"{instance.family} {instance.name}")
        _make(instance, characters, file)
    return file


def _make(instance: _Instance, characters: frozenset[str], file: Path) -> None:
    # The time of the run would be in it otherwise, and so in every book.
    font = TTFont(instance.path, recalcTimestamp=False)
    options = subset.Options(layout_features=["locl"], notdef_outline=True)
    options.drop_tables += ["DSIG", "vhea", "vmtx", "VORG"]
    subsetter = subset.Subsetter(options)
    subsetter.populate(text="".join(sorted(characters)))
    subsetter.subset(font)
    font = instancer.instantiateVariableFont(font, dict(instance.axes), inplace=True)
    _name(font, instance)
    file.parent.mkdir(parents=True, exist_ok=True)
    # Whole or not at all: another process may be looking for it.
    handle, draft = tempfile.mkstemp(dir=file.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            font.save(stream)
        Path(draft).replace(file)
    finally:
        Path(draft).unlink(missing_ok=True)


def _name(font: TTFont, instance: _Instance) -> None:
    full = f"{instance.family} {instance.name}"
    names = {1: instance.family, 2: instance.name, 4: full, 6: full.replace(" ", "")}
    names |= {16: instance.family, 17: instance.name}
    table = font["name"]
    table.names = [record for record in table.names if record.nameID in {0, 5, 13, 14}]
    for number, text in names.items():
        table.setName(text, number, 3, 1, 0x409)
    font["OS/2"].usWeightClass = instance.weight
    for tag in ("STAT", "fvar", "avar"):
        if tag in font:
            del font[tag]


def _package(name: str) -> Path:
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise MissingFontError(
            f"the fonts of `{name.replace('_', '-')}` are missing: "
            "install the requirements (pip install -r requirements.txt)"
        )
    return Path(spec.origin).parent


def _distribution(instance: _Instance) -> str:
    return instance.package.replace("_", "-")


def _characters(file: Path) -> set[str]:
    with TTFont(file, lazy=True) as font:
        return {chr(code) for code in font.getBestCmap()}
