"""Links between pages lead somewhere, on the site of every language."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from ..model import Article, Concept, Glossary, Problem
from ..record import LANGUAGES, Language
from ..spelling import nearest, suggestion
from .guide import Example, Rule, RuleGuide, Words

_LANGUAGE_SUFFIX = re.compile(r"\.(?:zh-Hant|zh|en)\.md$")
_CONCEPT_LINK = re.compile(r"^\.\./(?P<slug>[^/]+)/(?:index\.md)?$")
# What the template of a concept's page adds below the article.
_GENERATED_IDS = frozenset({"names", "related", "linked-from", "sources"})
_SITE_NAMES: dict[Language, str] = {
    "zh": "Simplified Chinese",
    "zh-Hant": "Traditional Chinese",
    "en": "English",
}


@dataclass(frozen=True)
class _Link:
    """A link, and the article of a concept that holds it."""

    concept: Concept
    article: Article
    href: str
    line: int
    column: int

    @property
    def sites(self) -> tuple[Language, ...]:
        """The sites that show it: a Simplified text is shown in Traditional too."""
        if self.article.language == "zh" and "zh-Hant" not in self.concept.articles:
            return ("zh", "zh-Hant")
        return (self.article.language,)

    def problem(self, code: str, message: str, fix: str) -> Problem:
        return Problem(self.article.path, self.line, self.column, code, message, fix)

    def broken(self, fix: str) -> Problem:
        return self.problem("broken-link", f"the link `{self.href[:100]}` leads nowhere", fix)


def check(glossary: Glossary) -> Iterator[Problem]:
    """Yield a problem for every link of an article that fails on a site that shows it."""
    for concept in glossary.concepts.values():
        for article in concept.articles.values():
            for link in article.links:
                yield from _link(
                    glossary, _Link(concept, article, link.href, link.line, link.column)
                )


def _link(glossary: Glossary, link: _Link) -> Iterator[Problem]:
    try:
        parts = urlsplit(link.href)
    except ValueError:
        yield link.broken("write a complete address, or `../slug/index.md`")
        return
    if parts.scheme in {"https", "http", "mailto"}:
        return
    if parts.scheme or link.href.startswith("//"):
        yield link.problem(
            "link-scheme",
            f"the link `{link.href[:60]}` uses a scheme that is not allowed",
            "link to https:// or to a page of the site",
        )
        return
    if _LANGUAGE_SUFFIX.search(parts.path):
        whole = link.href.replace(parts.path, _LANGUAGE_SUFFIX.sub(".md", parts.path), 1)
        yield link.broken(f"write `{whole}`, without the language")
        return
    target: Concept | None = link.concept
    if parts.path:
        found = _CONCEPT_LINK.match(unquote(parts.path))
        if not found:
            yield from _file(glossary, link, unquote(parts.path))
            return
        target = glossary.concepts.get(found["slug"])
        if target is None:
            yield link.broken(_page(found["slug"], glossary))
    if target and parts.fragment:
        yield from _anchor(link, target, parts.fragment)


def _anchor(link: _Link, target: Concept, fragment: str) -> Iterator[Problem]:
    """Check that the target has the anchor where this page, or its counterpart, is shown."""
    ids = {site: _ids(target, site) for site in LANGUAGES}
    lacking = [site for site in link.sites if fragment not in ids[site]]
    if len(lacking) == len(link.sites):
        known = ids[lacking[0]] - _GENERATED_IDS
        yield link.broken(suggestion(fragment, known, "heading id"))
        return
    # The counterpart of this page in another language carries the same link.
    lacking += [
        site
        for site in LANGUAGES
        if site not in link.sites
        and _shown(link.concept, site)
        and _shown(target, site)
        and fragment not in ids[site]
    ]
    for site in lacking:
        yield link.problem(
            "missing-anchor",
            f"the {_SITE_NAMES[site]} page that `{link.href}` leads to has no `#{fragment}`",
            f"give the heading there the id `{fragment}`, the same in every language",
        )


def _ids(concept: Concept, site: Language) -> frozenset[str]:
    article = _shown(concept, site)
    return _GENERATED_IDS | {h.id for h in (article.headings if article else ()) if h.id}


def _shown(concept: Concept, site: Language) -> Article | None:
    article = concept.articles.get(site)
    return concept.articles.get("zh") if article is None and site == "zh-Hant" else article


def _page(wrong: str, glossary: Glossary) -> str:
    """Say how to link to the concept that was probably meant."""
    close = nearest(wrong, glossary.concepts)
    if close:
        return f"write `../{close}/index.md`"
    return "write `../slug/index.md`, with the folder of a concept in docs/terms/"


def _file(glossary: Glossary, link: _Link, path: str) -> Iterator[Problem]:
    """Check a link to a file that is no concept's page."""
    root = glossary.root
    try:
        target = ((root / link.article.path).parent / path).resolve()
        if not target.is_relative_to((root / "docs").resolve()):
            yield link.broken("link to a page of the site, or to https://")
            return
        # static-i18n falls back to the Chinese page.
        exists = target.exists() or (
            target.suffix == ".md"
            and all(
                any(target.with_suffix(f".{suffix}.md").exists() for suffix in (site, "zh"))
                for site in link.sites
            )
        )
    except (OSError, ValueError):
        exists = False
    if not exists:
        stem = Path(path.rstrip("/")).name.removesuffix(".md")
        yield link.broken(
            _page(stem, glossary)
            if nearest(stem, glossary.concepts)
            else "write `../slug/index.md`, or the path of a page"
        )


RULE = Rule(
    RuleGuide(
        slug="links",
        codes=("broken-link", "missing-anchor", "link-scheme"),
        title=Words("链接在三种语言里都通", "Links hold in all three languages"),
        what=Words(
            "链接写成 `../slug/index.md#小节`，不写语言后缀；目标和小节在简体、繁体、"
            "英文页面上都要存在。"
            "对外只链接 `https://`、`http://`、`mailto:`。",
            "A link is written `../slug/index.md#section`, without the language; page and section "
            "exist on the Simplified, the Traditional and the English site. Outward links are "
            "`https://`, `http://` or `mailto:` only.",
        ),
        why=Words(
            "同一个链接在三个网站上使用，缺一处就有一部分读者点空；`javascript:` "
            "之类会在读者的浏览器里运行。",
            "The same link serves three sites; what is missing on one fails for its readers. "
            "`javascript:` and its like run in readers' browsers.",
        ),
        examples=(
            Example(
                "broken-link",
                "article zh",
                "见[损失函数](../los-function/index.md)。",
                "见[损失函数](../loss-function/index.md)。",
            ),
            Example("broken-link", "article zh", "见[动量](#动量)。", "见[动量](#momentum)。"),
            Example(
                "missing-anchor",
                "article zh",
                "### 步长 {#step-size}\n\n见[步长](#step-size)。",
                "### 步长 {#step-size}",
            ),
            Example(
                "link-scheme",
                "article zh",
                "[演示](javascript:alert)",
                "[演示](https://example.org/)",
            ),
            Example(
                "link-scheme",
                "article en",
                "[demonstration](data:text/html,hello)",
                "[demonstration](https://example.org/)",
            ),
        ),
    ),
    check,
)
