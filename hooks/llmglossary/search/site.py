"""The files of the search of one language's site."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from hashlib import sha256
from typing import TypedDict

from ..localize import Localized
from ..model import Article, Concept
from ..store import Store
from .index import SearchIndex, UrlOf, search_index
from .text import FullText, PageText, full_text, page_text, sections

_FOLDER = "search"


class TextIndex(TypedDict):
    """What the browser loads of the full text first.

    Attributes:
        shards: The names of the files of lists.
        pages: The number of each page's document in the names, in the order of the lists.
        files: The name of each page's file of sections.
        fold: Traditional characters of the texts that the names do not have, and the Simplified.
    """

    shards: list[str]
    pages: list[int]
    files: list[str]
    fold: tuple[str, str]


@dataclass(frozen=True)
class SearchFiles:
    """The files of one language; paths are relative to its home.

    They are classic scripts, which a page opened from a folder may load too. Each sets
    ``window.glossarySearch[<its name>]``.

    Attributes:
        folder: Of the names and definitions, named after them. Every page names it, so it is the
            same whatever articles say.
        names: The files in that folder.
        text: Makes, when called, what leads to the full text.
    """

    folder: str
    names: Mapping[str, bytes]
    text: Callable[[], TextFiles]


@dataclass(frozen=True)
class TextFiles:
    """The files of the full text; paths as in `SearchFiles`.

    Attributes:
        index: The file in the folder of the names that names the others, and its content. Only
            this one is there under the same name with another content.
        paths: Of the others, each named after its content.
        files: Makes the others.
    """

    index: tuple[str, bytes]
    paths: tuple[str, ...]
    files: Callable[[], Mapping[str, bytes]]


def files(site: Localized, url: UrlOf, store: Store) -> SearchFiles:
    """Return the files of the search of one language.

    Args:
        site: The glossary in the language of the site.
        url: From slug and anchor to an address relative to the root of that language's site.
        store: Remembers what was made from records and articles that have not changed since.
    """
    index = store.remember(_index_key(site, store), lambda: _index(site, url))
    known = index.names["fold"][0]
    parts = {"names": index.names, "definitions": index.definitions}
    names = {f"{name}.js": script(name, data).encode() for name, data in parts.items()}
    folder = f"{_FOLDER}/{_digest(b''.join(names.values()), 10)}/"

    @cache
    def make() -> tuple[TextIndex, Mapping[str, bytes]]:
        return text_files(_full_text(site, known, store))

    def text() -> TextFiles:
        index = store.remember(_text_key(site, known, store), lambda: make()[0])
        made = [f"words/{name}" for name in index["shards"]]
        made += [f"pages/{name}" for name in index["files"]]
        return TextFiles(
            index=("text.js", script("text", index).encode()),
            paths=tuple(f"{_FOLDER}/{name}.js" for name in made),
            files=lambda: {f"{_FOLDER}/{name}.js": content for name, content in make()[1].items()},
        )

    return SearchFiles(folder=folder, names=names, text=text)


def text_files(text: FullText) -> tuple[TextIndex, Mapping[str, bytes]]:
    """Return the index of a full text, and by their names the files that it leads to."""
    made: dict[str, bytes] = {}

    def add(folder: str, name: str, data: object) -> str:
        name = f"{name}.{_digest(json.dumps(data).encode(), 6)}"
        made[f"{folder}/{name}"] = script(f"{folder}/{name}", data).encode()
        return name

    index: TextIndex = {
        "shards": [add("words", str(number), shard) for number, shard in enumerate(text.shards)],
        "pages": text.documents,
        "files": [add("pages", slug, of_page) for slug, of_page in text.sections.items()],
        "fold": text.fold,
    }
    return index, made


def _digest(content: bytes, digits: int) -> str:
    return sha256(content).hexdigest()[:digits]


def _index_key(site: Localized, store: Store) -> bytes:
    glossary = site.glossary
    records = {
        slug: (concept.digest, [_shown(article) for article in concept.articles.values()])
        for slug, concept in glossary.concepts.items()
    }
    return store.key(
        "search index",
        site.language,
        site.converter.digest,
        repr((records, glossary.categories, sorted(glossary.phrases.items()))),
    )


def _text_key(site: Localized, known: str, store: Store) -> bytes:
    concepts = site.glossary.concepts.values()
    texts = [(concept, site.article(concept)) for concept in concepts]
    return store.key(
        "full text",
        site.language,
        site.converter.digest,
        known,
        repr([(c.slug, len(c.record.sections), a.digest if a else None) for c, a in texts]),
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
