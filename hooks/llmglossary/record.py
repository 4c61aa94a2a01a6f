"""The concept record: the typed shape of ``term.yml`` and its siblings.

These pydantic models are the single definition of what a record may hold: they validate
the files, produce the published JSON Schema, and are what the rest of the library reads.
The shape follows concept-oriented terminology work (ISO 704, TBX): one concept, its
designations in each language, its relations to other concepts.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Language = Literal["zh", "zh-Hant", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "zh-Hant", "en")

Level = Literal["beginner", "intermediate", "advanced"]
LEVELS: tuple[Level, ...] = ("beginner", "intermediate", "advanced")

Slug = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=64),
    Field(description="The identity of a concept: its folder under docs/terms/. Never changes."),
]
Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
YearMonth = Annotated[str, StringConstraints(pattern=r"^\d{4}-(0[1-9]|1[0-2])$")]


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Bilingual(_Record):
    """A text written in Simplified Chinese and English; Traditional Chinese is derived."""

    zh: Text
    en: Text


class Trilingual(_Record):
    """A text given in all three languages."""

    zh: Text
    zh_hant: Text = Field(alias="zh-Hant")
    en: Text

    def get(self, language: Language) -> str:
        """Return the text in `language`."""
        return {"zh": self.zh, "zh-Hant": self.zh_hant, "en": self.en}[language]


class RejectedName(_Record):
    """A name that readers meet and search for, but that the glossary advises against."""

    name: Text
    reason: Bilingual
    source: Text | None = Field(None, description="A key of references.bib.")


class LanguageNames(_Record):
    """The designations of one concept in one language."""

    preferred: Text = Field(description="The one name the glossary itself uses.")
    admitted: tuple[Text, ...] = Field((), description="Other accepted names.")
    abbreviation: Text | None = Field(
        None, description="Short form. The English one is understood in every language."
    )
    rejected: tuple[RejectedName, ...] = ()
    pinyin: Text | None = Field(
        None,
        description=(
            "Tone-marked syllables of the preferred name separated by spaces; only where the "
            "computed reading is wrong (polyphones)."
        ),
    )

    @property
    def accepted(self) -> tuple[str, ...]:
        """Preferred, abbreviation and admitted names, in that order."""
        short = (self.abbreviation,) if self.abbreviation else ()
        return (self.preferred, *short, *self.admitted)


class Names(_Record):
    """The designations of one concept in every language."""

    zh: LanguageNames
    zh_hant: LanguageNames = Field(alias="zh-Hant")
    en: LanguageNames

    def get(self, language: Language) -> LanguageNames:
        """Return the designations in `language`."""
        return {"zh": self.zh, "zh-Hant": self.zh_hant, "en": self.en}[language]


class Relations(_Record):
    """Typed relations to other concepts. Inverses are generated, never written."""

    requires: tuple[Slug, ...] = Field((), description="What to understand first; acyclic.")
    kind_of: tuple[Slug, ...] = Field((), description="The broader concept (generic relation).")
    part_of: tuple[Slug, ...] = Field((), description="The whole (partitive relation).")
    contrasts_with: tuple[Slug, ...] = Field((), description="Alternatives. Symmetric.")
    related: tuple[Slug, ...] = Field((), description="Associated otherwise. Symmetric.")


class Confusable(_Record):
    """A concept that readers mistake this one for, and how to tell them apart."""

    term: Slug
    difference: Bilingual


class SectionConcept(_Record):
    """A lesser concept explained by a section of this page, under its own anchor."""

    id: Slug
    names: Names
    definition: Bilingual


class Claim(_Record):
    """A statement that goes stale, with the date it held and when to look again."""

    id: Slug
    as_of: YearMonth
    review_by: YearMonth
    source: Text


class ConceptRecord(_Record):
    """One concept: ``docs/terms/<slug>/term.yml``."""

    category: Slug = Field(description="A key of docs/categories.yml.")
    level: Level
    names: Names
    relations: Relations = Relations.model_construct()
    confusable_with: tuple[Confusable, ...] = ()
    sections: tuple[SectionConcept, ...] = ()
    sources: tuple[Text, ...] = Field(
        min_length=1, description="Keys of references.bib that the page rests on."
    )
    claims: tuple[Claim, ...] = ()


class Category(_Record):
    """One entry of docs/categories.yml."""

    key: Slug
    names: Trilingual
    description: Bilingual


class Categories(_Record):
    """The file docs/categories.yml, in display order."""

    categories: tuple[Category, ...]


class Homograph(_Record):
    """A name with everyday senses too: it links only near words that fix the sense."""

    name: Text
    languages: tuple[Language, ...] = LANGUAGES
    term: Slug
    near: tuple[Text, ...] = Field(
        description="At least one of these stands in the same paragraph, or the name stays plain."
    )


class Homographs(_Record):
    """The file docs/homographs.yml."""

    homographs: tuple[Homograph, ...]
    longer_words: dict[Language, tuple[Text, ...]] = Field(
        default_factory=dict,
        description="Ordinary words that contain a name and must not be linked in part.",
    )


class Phrases(_Record):
    """The file docs/traditional.yml: what OpenCC gets wrong in this field."""

    phrases: dict[str, Text]


class Wording(_Record):
    """One word not to use, in one sense."""

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
    never: bool = Field(default=False, description="Whether it is an error, not only a warning.")


class Terminology(_Record):
    """The file docs/terminology.yml."""

    terminology: tuple[Wording, ...]


class PathStep(_Record):
    """One step of a reading path."""

    term: Slug
    why: Bilingual


class ReadingPath(_Record):
    """One reading path: ``docs/paths/<slug>/path.yml``."""

    title: Trilingual
    audience: Bilingual
    minutes: int = Field(gt=0, lt=600)
    steps: tuple[PathStep, ...] = Field(min_length=2)


class TranslationStamp(_Record):
    """What a translation was made from: a fingerprint of each section of its source."""

    language: Language = Field(description="Of the article this one was translated from.")
    sections: dict[Slug, Annotated[str, StringConstraints(pattern=r"^[a-p]{8}$")]] = Field(
        description="Written by `python hooks/cli.py status --accept`; never by hand."
    )


class FrontMatter(_Record):
    """The front matter of an article."""

    definition: Text = Field(
        description="One sentence, plain text: genus and difference. ≤ 90 汉字 / 45 words."
    )
    reviewed: Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}$")] = Field(
        description="The day a second person last checked the page, YYYY-MM-DD."
    )
    translated_from: TranslationStamp | None = Field(
        None, description="Only in a translation: the state of its source when it was made."
    )
