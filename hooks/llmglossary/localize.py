"""The glossary as one language's site shows it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from .model import Article, Concept, Glossary
from .record import LANGUAGES, Bilingual, Language, Trilingual
from .traditional import TraditionalConverter

HTML_LANG: dict[Language, str] = {"zh": "zh-Hans", "zh-Hant": "zh-Hant", "en": "en"}
URL_PREFIX: dict[Language, str] = {"zh": "", "zh-Hant": "zh-Hant/", "en": "en/"}


def html_lang(language: Language) -> str:
    """Return the BCP 47 tag that pages in `language` declare."""
    return HTML_LANG[language]


def term_url(slug: str, language: Language, anchor: str | None = None) -> str:
    """Return the address of a concept's page relative to the root of the whole site."""
    return f"{URL_PREFIX[language]}terms/{slug}/" + (f"#{anchor}" if anchor else "")


def language_of(path: str) -> Language:
    """Return the language of the page at `path`, relative to the root of the whole site."""
    return next(
        (lang for lang, start in URL_PREFIX.items() if start and path.startswith(start)), "zh"
    )


@dataclass(frozen=True)
class Localized:
    """A glossary seen from one language's site.

    Attributes:
        language: Of the site that is being built.
        converter: Derives Traditional Chinese; used only where `language` is ``zh-Hant``.
    """

    glossary: Glossary
    language: Language
    converter: TraditionalConverter

    def chinese(self, text: str) -> str:
        """Return Simplified Chinese `text` as this site writes it."""
        return _convert(self.converter, text) if self.language == "zh-Hant" else text

    def text(self, text: Bilingual | Trilingual) -> str:
        """Return `text` in the language of the site."""
        if isinstance(text, Trilingual):
            return text.get(self.language)
        return text.en if self.language == "en" else self.chinese(text.zh)

    def article(self, concept: Concept) -> Article | None:
        """Return the article this site shows for `concept`; None where none is translated."""
        own = concept.articles.get(self.language)
        if own is None and self.language == "zh-Hant":
            return concept.articles.get("zh")
        return own

    def is_derived(self, article: Article) -> bool:
        """Tell whether `article` has to be converted before this site shows it."""
        return self.language == "zh-Hant" and article.language == "zh"

    def definition(self, slug: str, section: str | None = None) -> str | None:
        """Return the definition of a concept, or of a lesser one explained on its page.

        Returns:
            Plain text in the language of the site; None where there is no article in it.
        """
        concept = self.glossary.concepts.get(slug)
        if concept is None:
            return None
        if section is not None:
            for lesser in concept.record.sections:
                if lesser.id == section:
                    return self.text(lesser.definition)
            return None
        article = self.article(concept)
        if article is None:
            return None
        text = article.front_matter.definition
        return self.chinese(text) if self.is_derived(article) else text

    def headings(self, concept: Concept) -> Iterator[str]:
        """Yield the headings of the article this site shows, in plain text."""
        article = self.article(concept)
        for heading in article.headings if article else ():
            yield self.chinese(heading.text) if self.is_derived(article) else heading.text  # type: ignore[arg-type]


@lru_cache(maxsize=20_000)
def _convert(converter: TraditionalConverter, text: str) -> str:
    return converter.convert(text)


def sites(glossary: Glossary, converter: TraditionalConverter) -> dict[Language, Localized]:
    """Return the glossary as each language's site shows it."""
    return {language: Localized(glossary, language, converter) for language in LANGUAGES}
