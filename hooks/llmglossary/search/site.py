"""The files of the search of one language's site."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial

from ..localize import Localized
from ..model import Article, Concept
from ..store import Store
from .index import SearchIndex, UrlOf, search_index
from .text import FullText, PageText, full_text, page_text, sections


def files(site: Localized, url: UrlOf, store: Store) -> Iterator[tuple[str, str]]:
    """Yield the path and the content of each file, for a folder of their own.

    They are classic scripts, which a page opened from a folder may load too. Each sets
    ``window.glossarySearch[<its path without .js>]``.

    Args:
        site: The glossary in the language of the site.
        url: From slug and anchor to an address relative to the root of that language's site.
        store: Remembers what was made from records and articles that have not changed since.
    """
    index = store.remember(_index_key(site, store), lambda: _index(site, url))
    text = _full_text(site, index.names["fold"][0], store)
    parts: dict[str, object] = {
        "names": index.names,
        "definitions": index.definitions,
        "text": text.index,
        **{f"words/{number}": shard for number, shard in enumerate(text.shards)},
        **{f"pages/{slug}": of_page for slug, of_page in text.sections.items()},
    }
    for name, data in parts.items():
        yield f"{name}.js", script(name, data)


def _index_key(site: Localized, store: Store) -> bytes:
    glossary = site.glossary
    records = {
        slug: (concept.record, [_shown(article) for article in concept.articles.values()])
        for slug, concept in glossary.concepts.items()
    }
    return store.key(
        "search index",
        site.language,
        site.converter.digest,
        repr((records, glossary.categories, sorted(glossary.phrases.items()))),
    )


def _shown(article: Article) -> tuple[str, str, list[str]]:
    """Return what the names and definitions take from an article: less than most edits change."""
    headings = [heading.text for heading in article.headings]
    return article.language, article.front_matter.definition, headings


def _index(site: Localized, url: UrlOf) -> SearchIndex:
    return search_index(
        site.glossary,
        site.language,
        url=url,
        definition=lambda slug, _: site.definition(slug),
        headings=lambda slug, _: site.headings(site.glossary.concepts[slug]),
    )


def _full_text(site: Localized, known: str, store: Store) -> FullText:
    pages = []
    document = 0
    for slug, concept in site.glossary.concepts.items():
        text = text_of(site, concept, store)
        if text:
            pages.append((document, slug, text))
        # Its lesser concepts are documents of their own, behind it.
        document += 1 + len(concept.record.sections)
    return full_text(pages, known)


def text_of(site: Localized, concept: Concept, store: Store) -> PageText | None:
    """Return what the search takes from a concept's page; None where the site has no article.

    Args:
        site: As for `files`.
        concept: Whose page it is.
        store: As for `files`.
    """
    article = site.article(concept)
    if article is None:
        return None
    derived = site.is_derived(article)
    prose = sections(article, site.chinese) if derived else sections(article)
    key = store.key("search text", site.converter.digest if derived else "", article.digest)
    return store.remember(key, partial(page_text, prose))


def script(name: str, data: object) -> str:
    """Write JavaScript that files `data` under `name`; safe also within a script element."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    for character in "<\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return f"(window.glossarySearch??={{}})[{json.dumps(name)}]={text};\n"
