"""Citations and sources agree: every ``[@key]`` exists, every source is used."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress

from ..article import place_of
from ..model import Article, Concept, Glossary, Problem
from ..record import LANGUAGES
from ..spelling import suggestion
from .guide import Example, Rule, RuleGuide, Words

_ENOUGH = 2
_MOST_BYTES = 200_000
_BARE_KEY = re.compile(r"\[(?P<key>[a-zA-Z][\w:-]+)\]")
# Sites whose pages retell what others found: encyclopedias, forums, blogs of anyone, news.
_RETOLD = re.compile(
    r"https?://(?:[\w-]+\.)*(?:wikipedia\.org|baike\.baidu\.com|baike\.sogou\.com|britannica\.com|"
    r"zhihu\.com|quora\.com|reddit\.com|stackoverflow\.com|stackexchange\.com|medium\.com|"
    r"substack\.com|towardsdatascience\.com|csdn\.net|jianshu\.com|cnblogs\.com|juejin\.cn|"
    r"163\.com|sohu\.com|36kr\.com|ithome\.com)(?:[/:?#]|$)"
)


def check(glossary: Glossary) -> Iterator[Problem]:
    """Yield unknown, undeclared, uncited and unused sources, and pages that have too few."""
    used: set[str] = set()
    for concept in glossary.concepts.values():
        yield from _cited(glossary, concept)
        yield from _declared(concept)
        yield from _enough(glossary, concept)
        used |= set(concept.record.sources)
        used |= {claim.source for claim in concept.record.claims}
        used |= {
            rejected.source
            for language in LANGUAGES
            for rejected in concept.record.names.get(language).rejected
            if rejected.source
        }
    unread = _unread(glossary)
    for key, source in glossary.sources.items():
        if key not in used and key not in unread:
            yield Problem(
                "docs/references.bib",
                source.line,
                1,
                "unused-source",
                f"no page cites `{key}`",
                "cite it or delete the entry",
                "warning",
            )


def _unread(glossary: Glossary) -> str:
    """Return the records and articles of the concepts that could not be read: they may cite."""
    texts = []
    with suppress(OSError):
        for folder in (glossary.root / "docs/terms").iterdir():
            if folder.name not in glossary.concepts:
                for path in (*folder.glob("*.md"), *folder.glob("*.yml")):
                    with suppress(OSError):
                        texts.append(path.read_bytes()[:_MOST_BYTES].decode("utf-8", "replace"))
    return "\n".join(texts)


def _bare_keys(glossary: Glossary, article: Article) -> Iterator[Problem]:
    """Yield a problem for each key in brackets without its `@`."""
    if "[" not in article.body:
        return
    for block in article.blocks:
        for found in _BARE_KEY.finditer(block.text):
            if found["key"] in glossary.sources:
                place = place_of(article, block, *found.span())
                yield Problem(
                    article.path,
                    place.line,
                    place.column,
                    "citation-syntax",
                    f"`{found.group()}` is the key of a source, but no citation",
                    f"write `[@{found['key']}]`",
                )


def _cited(glossary: Glossary, concept: Concept) -> Iterator[Problem]:
    for article in concept.articles.values():
        yield from _bare_keys(glossary, article)
        for citation in article.citations:
            if citation.key not in glossary.sources:
                yield Problem(
                    article.path,
                    citation.line,
                    citation.column,
                    "unknown-citation",
                    f"`[@{citation.key}]`: references.bib has no such key",
                    suggestion(
                        citation.key,
                        glossary.sources,
                        otherwise="look its key up in docs/references.bib, or add the work there",
                    ),
                )
            elif citation.key not in concept.record.sources:
                yield Problem(
                    article.path,
                    citation.line,
                    citation.column,
                    "undeclared-source",
                    f"`{citation.key}` is cited but not among the record's `sources`",
                    f"add `{citation.key}` to `sources` in {concept.path}",
                )


def _declared(concept: Concept) -> Iterator[Problem]:
    cited = {c.key for article in concept.articles.values() for c in article.citations}
    for index, key in enumerate(concept.record.sources):
        if concept.articles and key not in cited:
            place = concept.positions.at("sources", index)
            yield Problem(
                concept.path,
                place.line,
                place.column,
                "uncited-source",
                f"the source `{key}` is listed but no article cites it",
                f"cite it where it is used, as `[@{key}]`, or take it out",
            )


def _enough(glossary: Glossary, concept: Concept) -> Iterator[Problem]:
    known = [glossary.sources.get(key) for key in concept.record.sources]
    # What is not in references.bib is another problem.
    count = sum(source is None or not _RETOLD.match(source.url or "") for source in known)
    if count < _ENOUGH:
        place = concept.positions.at("sources")
        yield Problem(
            concept.path,
            place.line,
            place.column,
            "few-sources",
            f"the page rests on {count or 'no'} source{'' if count == 1 else 's'} that may be "
            f"primary; it takes {_ENOUGH}",
            "cite another paper, standard or official document; encyclopedias, forums, blogs and "
            "news only lead to them",
            "warning",
        )


RULE = Rule(
    RuleGuide(
        slug="citations",
        codes=("unknown-citation", "undeclared-source", "uncited-source"),
        warnings=("few-sources", "unused-source"),
        title=Words("引用与文献一致", "Citations and sources agree"),
        what=Words(
            "文中的 `[@key]` 在 `references.bib` 里要有，也要列进记录的 `sources`；"
            "列出的文献至少被一篇文章引用。一页至少要有两条一手文献：论文、标准、官方文档；"
            "百科、论坛、博客平台和新闻网站上的文章可以列，但不算数。",
            "Each `[@key]` in an article is in `references.bib` and among the `sources` of the "
            "record; each source listed there is cited by an article. A page has at least two "
            "primary sources: papers, standards, official documents. Articles of encyclopedias, "
            "forums, blogs and news sites may be listed but do not count.",
        ),
        why=Words(
            "读者点开引用，应当看到真实的出处；没有人引用的文献只会让人误以为它支持了什么。",
            "A reader who follows a citation should find the work; a source that nothing cites "
            "only seems to support the page.",
        ),
        examples=(
            Example(
                "unknown-citation",
                "article zh",
                "证明见 [@robins1951]。",
                "证明见 [@robbins1951stochastic]。",
            ),
            Example(
                "undeclared-source",
                "term.yml",
                "sources: [other2020]",
                "sources: [robbins1951stochastic]",
                "sources: [robbins1951stochastic]",
            ),
            Example(
                "uncited-source",
                "term.yml",
                "sources: [robbins1951stochastic, kingma2015adam]",
                "sources: [robbins1951stochastic]",
                "sources: [robbins1951stochastic]",
            ),
            Example(
                "few-sources",
                "term.yml",
                "sources: [robbins1951stochastic]",
                "sources: [robbins1951stochastic, kingma2015adam]",
                "sources: [robbins1951stochastic]",
            ),
            Example(
                "unused-source",
                "references.bib",
                "@misc{nobody2020, title = {Nothing}, year = {2020}}\n@article{robbins",
                "@article{robbins",
                "@article{robbins",
            ),
        ),
    ),
    check,
)
