"""The site's own words, one catalogue per language."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import yaml

from .record import LANGUAGES, Language

CATALOGUES = Path(__file__).parent / "locale"
_FIELD = re.compile(r"\{(\w+)\}")


def load(folder: Path = CATALOGUES) -> dict[Language, Mapping[str, str]]:
    """Read the catalogue of every language.

    Args:
        folder: Holds ``<language>.yml`` files of flat ``key: text`` pairs.

    Raises:
        ValueError: A catalogue lacks a key or a placeholder that another one has.
    """
    catalogues: dict[Language, Mapping[str, str]] = {
        language: yaml.load((folder / f"{language}.yml").read_text("utf-8"), yaml.CSafeLoader)
        for language in LANGUAGES
    }
    gaps = list(_gaps(catalogues))
    if gaps:
        raise ValueError("; ".join(gaps))
    return catalogues


def _gaps(catalogues: Mapping[Language, Mapping[str, str]]) -> Iterator[str]:
    every = sorted({key for catalogue in catalogues.values() for key in catalogue})
    for key in every:
        for language, catalogue in catalogues.items():
            if key not in catalogue:
                yield f"locale/{language}.yml lacks `{key}`"
        fields = {
            tuple(sorted(_FIELD.findall(str(catalogue[key]))))
            for catalogue in catalogues.values()
            if key in catalogue
        }
        if len(fields) > 1:
            yield f"the placeholders of `{key}` differ between languages"
