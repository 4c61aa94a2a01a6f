"""MkDocs build events, each a call into the library. The only import of MkDocs.

MkDocs keeps ``hooks/`` on ``sys.path`` only while this module executes, so everything is
imported here at the top, and every ``on_…`` function becomes a hook.
"""

from __future__ import annotations

import copy
import gc
import json
import logging
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from functools import cache, cached_property, lru_cache, partial
from pathlib import Path
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment
from mkdocs import utils
from mkdocs.commands.build import _build_page, _populate_page
from mkdocs.config.base import load_config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import Abort
from mkdocs.livereload import LiveReloadServer
from mkdocs.plugins import CombinedEvent, event_priority
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page, _RelativePathTreeprocessor
from mkdocs.structure.toc import AnchorLink
from mkdocs.theme import Theme
from mkdocs.utils import CountHandler
from mkdocs_static_i18n.suffix import create_i18n_file
from watchdog.events import (
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
)
from watchdog.observers import Observer

from llmglossary import (
    assets,
    bibliography,
    content_security,
    converted,
    diagrams,
    extension,
    forked,
    graph,
    hosting,
    linked_data,
    neighbourhood,
    pages,
    rename,
    report,
    rules,
    sitemap,
    status,
    strings,
    styles,
    templating,
    traditional,
    vendor,
)
from llmglossary.answers import Answers
from llmglossary.assets import Asset, Assets
from llmglossary.link import Linker, Target, differences
from llmglossary.load import load, load_article, processors, replaced
from llmglossary.localize import HTML_LANG, URL_PREFIX, Localized, language_of, sites
from llmglossary.model import Concept, Glossary, Source
from llmglossary.record import LANGUAGES, LEVELS, Language
from llmglossary.rules import guide
from llmglossary.search import site as search
from llmglossary.site_folder import Output, PageFacts, SiteFolder
from llmglossary.store import Store

_log = logging.getLogger("mkdocs.hooks.llmglossary")
_KEY = "llmglossary"
_START = "partials/start.js.html"
_ICON = "assets/mark.svg"
_SEARCH = ("assets/vendor/minisearch.js", "assets/search-engine.js", "assets/search-text.js")
_MERMAID = "assets/vendor/mermaid.min.js"
# In rendered pages, for the folder whose name every edit changes: so they can be kept.
_SEARCH_FOLDER = "search/_/"
# What mermaid2 acts on, and what stands for its name where there is nothing of the kind.
_DRAWN_IN_BROWSER = 'class="mermaid"'
_HIDDEN = "\ue000"
# How many objects are made before garbage among the newest is looked for, and so on.
_COLLECTING = (50_000, 10, 100)
# As many pages are worth a copy of the process.
_MANY = 48
_GLOSSARY = "glossary.json"
# The key of files that are named after their content.
_BY_NAME = b"by name"
# In `config.extra` while the site is served: the languages that somebody looks at, and the files
# that were read.
_LOOKED_AT = "looked_at"
_READ = "read"
_OF_THIS_MACHINE = {"config_file_path", "docs_dir", "site_dir", "watch"}
# Builds the pages of these languages only, to see them sooner or to share the work out.
_ONLY = "LLMGLOSSARY_LANGUAGES"


@dataclass
class FilesRead:
    """What was read from files of the glossary, by the keys of the store."""

    by_key: dict[bytes, object] = field(default_factory=dict)


@dataclass
class Served:
    """What a build of one language's site leaves in memory, to build single pages again.

    Attributes:
        config: As it was for this language: static-i18n changes it from one to the next.
        converted: See `Build`; the other attributes too.
        targets: Slug of a page -> what its text links to.
    """

    config: MkDocsConfig
    files: Files
    env: Environment
    nav: Navigation | None
    converted: dict[str, extension.Page]
    targets: dict[str, tuple[Target, ...]]
    linked_from: Mapping[str, set[str]]


@dataclass
class Build:
    """One run of MkDocs over all languages; lives in ``config.extra``.

    Attributes:
        language: Of the site being built; static-i18n builds one after the other.
        converted: Source path of a page -> what its conversion found, for this language.
        settings: Of the conversion, in one text.
        references: Key -> formatted reference, for the sources that pages use.
        linked_from: Slug -> slugs of the pages that mention it, for this language.
        arranged: See `around`, once somebody has asked for it; `grouped` likewise.
        homes: Paths of pages relative to the root of their language's site, for the sitemap.
        not_found: The 404 page of each language built so far.
        only: The languages whose pages are built.
        served: For each language, while MkDocs serves the site.
        published: What the pages of all languages load.
        inline: The texts of the scripts that stand in pages.
        draws_in_browser: Whether Mermaid runs on any page.
        immutable: Paths of the files published so far that never change under their name.
        policy: The security policy of pages; none while they are served for preview.
        search: The files of the search for this language; none while the site is served.
        search_folder: What pages of this language load of it.
        templates: A digest of them.
        frame: A digest of what all term pages of this language have in common.
        env: By which pages are rendered.
        nav: Of this language.
        copies: Of this process, while they make pages of this language.
        elsewhere: Source path -> what a copy has found in a page that it makes; None before that.
        folder: What the site is written to; None while it is served.
        shared: A key for what pages of this language show besides their own articles.
        files: Of this language, if its pages are built.
        kept: Source path -> the file of a page of this language that stays as it is.
        unkept: Source paths of pages that the next build makes again.
        warnings: Counts them: a page that stays would not warn again.
    """

    glossary: Glossary
    graph: graph.Graph
    sites: Mapping[Language, Localized]
    linkers: Mapping[Language, Linker]
    differs: Mapping[Language, Callable[[bytes], Callable[[str], bool]]]
    markdown: extension.GlossaryExtension
    store: Store
    strings: Mapping[Language, Mapping[str, str]]
    repository: pages.Repository
    references: Mapping[str, str]
    cache: Path
    published: Assets
    language: Language = "zh"
    settings: str = ""
    converted: dict[str, extension.Page] = field(default_factory=dict)
    linked_from: Mapping[str, set[str]] = field(default_factory=dict)
    arranged: pages.Around | None = None
    grouped: tuple[pages.Group, ...] | None = None
    homes: set[str] = field(default_factory=set)
    not_found: dict[Language, str] = field(default_factory=dict)
    only: tuple[Language, ...] = LANGUAGES
    served: dict[Language, Served] = field(default_factory=dict)
    inline: set[str] = field(default_factory=set)
    draws_in_browser: bool = False
    immutable: set[str] = field(default_factory=set)
    policy: str = ""
    search: search.SearchFiles | None = None
    search_folder: str = _SEARCH_FOLDER
    templates: bytes = b""
    frame: bytes | None = None
    env: Environment | None = None
    nav: Navigation | None = None
    copies: forked.Copies[File] | None = None
    elsewhere: dict[str, PageFacts | None] = field(default_factory=dict)
    folder: SiteFolder | None = None
    shared: bytes = b""
    files: Files | None = None
    kept: dict[str, Output] = field(default_factory=dict)
    unkept: set[str] = field(default_factory=set)
    warnings: CountHandler = field(default_factory=CountHandler)

    @property
    def around(self) -> pages.Around:
        """What a term page of this language needs to know of the others."""
        if self.arranged is None:
            concepts = self.glossary.concepts.values()
            digests = b"".join(concept.digest for concept in concepts)
            categories = repr(list(self.glossary.categories))
            key = self.store.key("arrangement", self.language, categories, digests)
            arrangement = self.store.remember(key, lambda: pages.arrange(self.site))
            self.arranged = pages.Around(self.site, self.graph, arrangement, self.repository)
        return self.arranged

    @cached_property
    def report(self) -> status.Report:
        """How the glossary stands today; the same in all languages."""
        return status.report(self.glossary, datetime.now(tz=timezone.utc).date())

    @property
    def groups(self) -> tuple[pages.Group, ...]:
        """The index by category, for this language."""
        if self.grouped is None:
            self.grouped = pages.by_category(self.site)
        return self.grouped

    @property
    def site(self) -> Localized:
        """The glossary in the language of the site being built."""
        return self.sites[self.language]


def _build(config: MkDocsConfig) -> Build:
    build = config.extra[_KEY]
    if not isinstance(build, Build):
        raise TypeError(build)
    return build


def _start(config: MkDocsConfig) -> Build:
    """Load and check the glossary; refuse to build with errors."""
    root = Path(config.config_file_path).parent
    try:
        vendor.ensure(Path(config.docs_dir) / "assets" / "vendor")
    except vendor.VendorError as error:
        raise Abort(str(error)) from error
    cache = root / ".cache"
    store = Store(cache)
    # While the site is served, what has not changed is in memory.
    read = config.extra.setdefault(_READ, FilesRead()) if _is_served(config) else FilesRead()
    glossary, problems = load(root, store, processes=processors(), read=read.by_key)
    problems.extend(rules.check(glossary, store))
    errors = [problem for problem in problems if problem.severity == "error"]
    if errors:
        sys.stderr.write(report.render(errors) + "\n")
        raise Abort(f"The glossary has {report.summary(errors)}. Nothing was built.")
    if not diagrams.available():
        _log.info("merman has no wheel for this platform: diagrams are drawn in the browser")
    converter = traditional.from_glossary(glossary)
    linkers = {
        language: Linker(glossary, language, glossary.longer_words.get(language, ()))
        for language in LANGUAGES
    }
    repository = str(config.extra.get("repository") or "").rstrip("/")
    return Build(
        glossary=glossary,
        graph=graph.build(glossary),
        sites=sites(glossary, converter),
        linkers=linkers,
        differs={language: _differs(linkers[language], store) for language in LANGUAGES},
        markdown=extension.GlossaryExtension(cache),
        store=store,
        strings=strings.load(),
        repository=pages.Repository(repository, str(config.extra.get("branch") or "main")),
        references=bibliography.references(_used_sources(glossary), store),
        cache=cache,
        only=_wanted_languages(config),
        published=_assets(config, glossary, cache),
        templates=templating.digest(Path(config.theme.custom_dir or "")),
    )


def _differs(linker: Linker, store: Store) -> Callable[[bytes], Callable[[str], bool]]:
    """Return `Answers.differs`, and keep what later builds have to know of these names."""

    def key(digest: bytes) -> bytes:
        return store.key("forms of names", digest)

    if not store.held([key(linker.digest)]):
        store.put(key(linker.digest), linker.forms)

    @cache
    def differs(digest: bytes) -> Callable[[str], bool]:
        before = store.get(key(digest))
        return differences(before, linker.forms) if isinstance(before, dict) else lambda _: True

    return differs


def _assets(config: MkDocsConfig, glossary: Glossary, cache: Path) -> Assets:
    """Make what pages load, and have MkDocs name it in place of what it is made from."""
    palette = config.theme.get("palette") or {}
    try:
        made = assets.collect(
            assets.Sources(
                docs=Path(config.docs_dir),
                overrides=Path(config.theme.custom_dir or ""),
                theme=tuple(Path(folder) for folder in config.theme.dirs),
                style_sheets=tuple(config.extra_css),
                scripts=tuple(map(str, config.extra_javascript)),
                files=(_ICON, *_SEARCH, _MERMAID),
            ),
            generated_css=styles.filter_rules(LEVELS, glossary.categories),
            names={"ltr", *map(str, palette.values())},
            cache=cache,
        )
    except assets.AssetError as error:
        raise Abort(str(error)) from error
    config.extra_css = [made.style.path]
    config.extra_javascript = [made.script.path]
    return made


def _wanted_languages(config: MkDocsConfig) -> tuple[Language, ...]:
    """Return the languages that the environment asks for; without a wish, all.

    While the site is served, without a wish, those that are looked at.
    """
    wanted = os.environ.get(_ONLY, "").replace(",", " ").split()
    if _is_served(config):
        wanted = [*wanted, *config.extra.get(_LOOKED_AT, [] if wanted else ["zh"])]
    if unknown := sorted(set(wanted) - set(LANGUAGES)):
        raise Abort(
            f"{_ONLY} names `{unknown[0]}`; write some of {', '.join(LANGUAGES)}, with commas"
        )
    return tuple(language for language in LANGUAGES if language in wanted or not wanted)


def _used_sources(glossary: Glossary) -> list[Source]:
    used = {key for concept in glossary.concepts.values() for key in concept.record.sources}
    return [source for key, source in glossary.sources.items() if key in used]


# After static-i18n (-100), which knows the language only then.
@event_priority(-101)
def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Load the glossary once, and say which language comes now."""
    if not isinstance(config.extra.get(_KEY), Build):
        build = _start(config)
        if not _is_served(config):
            # Most of what is made lives to the end, and the process ends soon.
            gc.disable()
            build.folder = SiteFolder(Path(config.site_dir), build.store)
            build.warnings.setLevel(logging.WARNING)
            logging.getLogger("mkdocs").addHandler(build.warnings)
        config.extra[_KEY] = build
        config.markdown_extensions.append(build.markdown)  # type: ignore[arg-type]
        superfences = config.mdx_configs.setdefault("pymdownx.superfences", {})
        superfences["custom_fences"] = [build.markdown.custom_fence()]
        build.settings = json.dumps(
            [config.markdown_extensions, config.mdx_configs],
            default=lambda value: getattr(value, "__qualname__", type(value).__qualname__),
        )
    build = _build(config)
    i18n: Any = config.plugins["i18n"]
    build.language = i18n.current_language
    for language in i18n.config.languages:
        language.build = language.default or language.locale in build.only
    config.theme.static_templates.discard("sitemap.xml")  # ours is written in the end
    # Of each file in each language, for a language switch that the site does not have.
    i18n.reconfigure_files_alternates = lambda *_: None
    config.theme.get_env = partial(_environment, build, config.theme)  # type: ignore[method-assign]
    build.converted = {}
    build.frame, build.copies, build.elsewhere = None, None, {}
    build.shared, build.files, build.kept, build.unkept = b"", None, {}, set()
    build.arranged, build.grouped = None, None
    return config


def on_pre_build(config: MkDocsConfig) -> None:
    """Have MkDocs, which deletes all of an earlier site next, leave what may stay."""
    folder = _build(config).folder
    if folder is None or _build(config).language != "zh":  # the first
        return
    delete_all = utils.clean_directory

    def clean(directory: str) -> None:  # noqa: ARG001 - MkDocs names it
        utils.clean_directory = delete_all
        folder.clean()

    utils.clean_directory = clean


def _environment(build: Build, theme: Theme) -> Environment:
    build.env = templating.prepare(Theme.get_env(theme), theme.dirs, build.cache)
    return build.env


@event_priority(100)
def _drop_files(files: Files, config: MkDocsConfig) -> Files:
    """Drop the files that this language's site does not have: static-i18n looks at each twice."""
    build = _build(config)
    for file in list(files):
        if file.is_documentation_page():
            stem, _, locale = file.src_uri.removesuffix(".md").rpartition(".")
            own = files.get_file_from_path(f"{stem}.{build.language}.md")
            needed = locale not in LANGUAGES or own is file or (own is None and locale == "zh")
        else:
            of_theme = not (Path(config.docs_dir) / file.src_uri).is_file()
            needed = file.inclusion is not InclusionLevel.EXCLUDED and not assets.is_replaced(
                file.src_uri, build.published, of_theme=of_theme
            )
        if not needed:
            files.remove(file)
    return files


# After static-i18n, which would drop the content of a generated file.
@event_priority(-101)
def _add_files(files: Files, config: MkDocsConfig) -> Files:
    """Give a concept without a Chinese article a page all the same, so that links hold."""
    build = _build(config)
    if build.language not in build.only:
        for file in files.documentation_pages():
            files.remove(file)
        return files
    for slug, concept in build.glossary.concepts.items():
        if "zh" in concept.articles or build.language in concept.articles:
            continue
        path = f"terms/{slug}/index.zh.md"
        file = create_i18n_file(
            File(path, config.docs_dir, config.site_dir, config.use_directory_urls),
            build.language,
            "zh",
            list(LANGUAGES),
            config,
        )
        file.content_string = ""
        files.append(file)
    return files


on_files = CombinedEvent(_drop_files, _add_files)


@event_priority(-101)
def on_nav(nav: Navigation, config: MkDocsConfig, files: Files) -> Navigation:
    """Leave nothing to show of a language that is not built."""
    build = _build(config)
    # Asked again for every link, and no file comes or goes from here on.
    files.get_file_from_path = lru_cache(maxsize=None)(files.get_file_from_path)  # type: ignore[method-assign]
    build.nav = nav if build.language in build.only else Navigation([], [])
    if build.language in build.only:
        build.files = files
        if build.folder:
            _leave_pages(build, build.folder, config, files)
        every_page = files.documentation_pages
        share_out = cache(partial(_share_out, build, config, files))

        def pages_to_make(**options: Any) -> _PagesToMake:  # noqa: ANN401
            return _PagesToMake(every_page(**options), build, share_out)

        files.documentation_pages = pages_to_make  # type: ignore[method-assign]
    return build.nav


def _leave_pages(build: Build, folder: SiteFolder, config: MkDocsConfig, files: Files) -> None:
    """Hide from MkDocs the pages of concepts that stay as an earlier build wrote them."""
    build.shared = _shared_key(build, config, files)
    for file in files.documentation_pages():
        output = folder.held(file.dest_uri, _page_key(build, file))
        if output and output.facts and _concept_of(file, build.glossary):
            build.kept[file.src_uri] = output
            _known_page(file, output.facts, config)


def _known_page(file: File, facts: PageFacts, config: MkDocsConfig) -> None:
    """Let MkDocs know of a page that this process does not convert."""
    page = Page(None, file, config)
    page.present_anchor_ids = set(facts.anchors)


class _PagesToMake(list[File]):
    """The pages that MkDocs goes through, while it turns out that it need not make some.

    Those of concepts come last; before the first, when titles and all else is known that they
    show, they are shared out.
    """

    def __init__(self, pages: Iterable[File], build: Build, share_out: Callable[[], None]) -> None:
        super().__init__(sorted(pages, key=lambda file: bool(_concept_of(file, build.glossary))))
        self._build = build
        self._share_out = share_out

    def __iter__(self) -> Iterator[File]:
        build = self._build
        for file in super().__iter__():
            if _concept_of(file, build.glossary):
                self._share_out()
            if file.src_uri not in build.kept and file.src_uri not in build.elsewhere:
                yield file


def _share_out(build: Build, config: MkDocsConfig, files: Files) -> None:
    """Leave a part of the pages of concepts to copies of this process, if they are many."""
    coming = [
        file
        for file in files.documentation_pages()[:]
        if _concept_of(file, build.glossary) and file.src_uri not in build.kept
    ]
    if len(coming) >= _MANY:
        # What is there by now lives to the end; but of each page's converter, which is large,
        # nothing is needed once it is done.
        gc.freeze()
        gc.set_threshold(*_COLLECTING)
        gc.enable()
    count = min(processors(), len(coming) // _MANY)
    if count < 2 or not forked.possible():  # noqa: PLR2004 - one is this process
        return

    def convert(file: File, _: None) -> PageFacts:
        page = Page(None, file, config)
        _populate_page(page, config, files)
        if concept := _concept_of(file, build.glossary):
            search.text_of(build.site, concept, build.store)
        return _facts(build, page)

    def render(file: File, told: tuple[Mapping[str, set[str]], str, str]) -> bool | None:
        build.linked_from, build.policy, build.search_folder = told
        if file.page and build.nav and build.env:
            _build_page(file.page, config, [], build.nav, build.env)
        return None if file.src_uri in build.unkept else True

    # This process takes the first of each round, and has other things to do besides.
    shares = [coming[first::count] for first in range(1, count)]
    build.copies = forked.Copies(shares, (convert, render), build.store)
    build.elsewhere = dict.fromkeys(file.src_uri for file in build.copies.items)
    build.copies.begin(None)


def _facts(build: Build, page: Page) -> PageFacts:
    context = build.converted[page.file.src_uri]
    return PageFacts(
        linked_from=frozenset(build.linked_from.get(context.slug or "", ())),
        targets=context.targets,
        anchors=frozenset(page.present_anchor_ids or ()),
        links={to.src_uri: links for to, links in (page.links_to_anchors or {}).items()},
    )


def _shared_key(build: Build, config: MkDocsConfig, files: Files) -> bytes:
    """Return a key for all that a concept's page may show besides its own articles.

    That is much. But most edits are of articles; after others, each page is held against what
    its conversion asked and what its template takes.
    """
    docs = Path(config.docs_dir)
    concepts = build.glossary.concepts.values()
    other_pages = [
        Path(str(file.abs_src_path))
        for file in files.documentation_pages()
        if not _concept_of(file, build.glossary)
    ]
    read = [*docs.glob("*.yml"), *docs.glob("*.bib"), *docs.glob("paths/*/*.yml"), *other_pages]
    return build.store.key(
        "what pages share",
        build.language,
        build.templates,
        Path(__file__).read_bytes(),
        Path(config.config_file_path).read_bytes(),
        _settings(config),
        build.site.converter.digest,
        repr([asset.path for asset in build.published.all()]),
        repr([(c.slug, c.digest, *(a.outline for a in c.articles.values())) for c in concepts]),
        repr([(path.as_posix(), path.read_bytes()) for path in sorted(read)]),
        repr(sorted(files.src_uris)),
    )


def _page_key(build: Build, file: File) -> bytes:
    concept = _concept_of(file, build.glossary)
    digests = [article.digest for article in concept.articles.values()] if concept else []
    return build.store.key("finished page", build.shared, file.src_uri, *digests)


def _concept_of(file: File, glossary: Glossary) -> Concept | None:
    parts = file.src_uri.split("/")
    if len(parts) == 3 and parts[0] == "terms":  # noqa: PLR2004 - terms/<slug>/index.md
        return glossary.concepts.get(parts[1])
    return None


def _recorded_title(page: Page, build: Build) -> str | None:
    """Return the title of a category's or a path's page as its record gives it."""
    language, glossary = build.language, build.glossary
    folder, _, name = page.file.src_uri.rpartition("/")
    key = name.split(".")[0]
    if folder == "categories" and key in glossary.categories:
        return glossary.categories[key].names.get(language)
    path = glossary.paths.get(folder.removeprefix("paths/"))
    return path.record.title.get(language) if path and key == "index" else None


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:  # noqa: ARG001
    """Prepare the conversion of one page, and name it after its concept."""
    build = _build(config)
    site = build.site
    text_language = getattr(page.file, "locale", build.language)
    derived = site.language == "zh-Hant" and text_language == "zh"
    concept = _concept_of(page.file, build.glossary)
    if derived:
        for key in ("title", "description"):
            if page.meta.get(key):
                page.meta[key] = site.chinese(str(page.meta[key]))
    if title := _recorded_title(page, build) or (
        # MkDocs knows only the home page of the default language as one.
        str(config.site_name) if page.meta.get("template") == "home.html" else None
    ):
        page.meta["title"] = title
    depth = page.file.src_uri.count("/")
    context = extension.Page(
        answers=Answers(
            site,
            build.linkers[site.language],
            build.glossary.sources,
            concept.slug if concept else "",
            build.differs[site.language],
        ),
        slug=concept.slug if concept else None,
        derived=derived,
        folder=".." if concept else "../" * depth + "terms",
    )
    if concept:
        page.meta["template"] = "term.html"
        page.meta["title"] = concept.name(site.language)
        page.meta["description"] = site.definition(concept.slug) or ""
        if site.article(concept) is None:
            # Never a Chinese page in disguise: of the other language only the diagram is shown.
            article = next(iter(concept.articles.values()), None)
            markdown = extension.first_diagram(article) if article else ""
    build.converted[page.file.src_uri] = context
    build.markdown.begin(context)
    # MkDocs has no event for a page that needs no conversion.
    page.render = partial(_render, page, build, context)  # type: ignore[method-assign]
    return markdown


def _render(
    page: Page, build: Build, context: extension.Page, config: MkDocsConfig, files: Files
) -> None:
    """Do what `Page.render` does, or take its result from an earlier build."""
    key = build.store.key(
        "page",
        build.settings,
        build.language,
        page.file.src_uri,
        page.url,
        str(context.derived),
        page.markdown or "",
    )
    found = build.store.get(key)
    if isinstance(found, converted.Converted):
        links = _RelativePathTreeprocessor(page.file, files, config)
        if found.holds(context.answers, links.path_to_url):
            page.content = found.html
            page.toc = found.toc
            page._title_from_render = found.title  # noqa: SLF001
            page.present_anchor_ids = set(found.anchors)
            page.links_to_anchors = links.links_to_anchors
            context.cited = list(found.cited)
            context.targets = found.targets
            return
    Page.render(page, config, files)
    kept = converted.from_page(
        context,
        html=page.content or "",
        toc=page.toc,
        title=page._title_from_render,  # noqa: SLF001
        anchors=frozenset(page.present_anchor_ids or ()),
    )
    build.store.put(key, kept)
    context.answers.asked.clear()


def on_page_content(html: str, page: Page, config: MkDocsConfig, files: Files) -> str:  # noqa: ARG001
    """Let MkDocs know the anchors that the term template adds below the text."""
    cited = _build(config).converted[page.file.src_uri].cited
    anchors = {f"ref-{number}" for number in range(1, len(cited) + 1)}
    page.present_anchor_ids = (page.present_anchor_ids or set()) | anchors
    return html


def on_env(env: Environment, config: MkDocsConfig, files: Files) -> Environment:
    """All pages are converted now: turn their links round, and make what they refer to."""
    build = _build(config)
    # The very text that pages include.
    start = env.get_template(_START).render()
    build.inline.add(start)
    build.policy = "" if _is_served(config) else content_security.policy([start])
    if build.folder and build.language in build.only:
        build.search = _search_files(build.site, build.store)
        build.search_folder = build.search.folder
    else:  # a server makes it when it is asked for
        build.search, build.search_folder = None, _SEARCH_FOLDER
    known = _converted_elsewhere(build, config, files)
    targets: dict[str, tuple[Target, ...]] = {
        context.slug: context.targets for context in build.converted.values() if context.slug
    }
    targets |= {_slug(path): facts.targets for path, facts in known.items()}
    build.linked_from = pages.inverse_links(targets)
    if build.copies:
        build.copies.begin((build.linked_from, build.policy, build.search_folder))
    _make_after_all(build, config, files)
    _leave_other_pages(build, files)
    if _is_served(config):
        build.served[build.language] = Served(
            copy.copy(config), files, env, None, build.converted, targets, build.linked_from
        )
        build.served[build.language].config.theme = copy.copy(config.theme)
    return env


def _converted_elsewhere(build: Build, config: MkDocsConfig, files: Files) -> dict[str, PageFacts]:
    """Return what is known of the concepts' pages that this process did not convert."""
    known = {path: output.facts for path, output in build.kept.items() if output.facts}
    for file, facts in build.copies.collect() if build.copies else ():
        if facts:
            build.elsewhere[file.src_uri] = known[file.src_uri] = facts
            _known_page(file, facts, config)
        else:
            del build.elsewhere[file.src_uri]
            _populate_page(Page(None, file, config), config, files)
    return known


def _make_after_all(build: Build, config: MkDocsConfig, files: Files) -> None:
    """Convert the pages that would have stayed, but are mentioned by others now than before."""
    by_path = files.src_uris
    for path, output in list(build.kept.items()):
        mentioning = build.linked_from.get(_slug(path), set())
        file = by_path[path]
        if file.page and output.facts and output.facts.linked_from != mentioning:
            del build.kept[path]
            _populate_page(file.page, config, files)


def _slug(path: str) -> str:
    """Return the concept whose page has the source `path`."""
    return path.split("/")[1]


def _leave_other_pages(build: Build, files: Files) -> None:
    """Hide from MkDocs the other pages that stay, now that the navigation has their titles."""
    if build.folder is None:
        return
    for file in files.documentation_pages():
        output = build.folder.held(file.dest_uri, _page_key(build, file))
        if output and output.facts and not _concept_of(file, build.glossary):
            build.kept[file.src_uri] = output


def _site_base(config: MkDocsConfig) -> str:
    """Return the address of the site with a trailing slash."""
    base = str(config.site_url or "/")
    return base if base.endswith("/") else base + "/"


def _is_served(config: MkDocsConfig) -> bool:
    """Tell whether this build is `mkdocs serve`'s, whose live reload is a script in the page."""
    return urlsplit(str(config.site_url)).netloc == str(config.dev_addr)


def _common(build: Build, config: MkDocsConfig) -> dict[str, Any]:
    return {
        "policy": build.policy,
        "icon": build.published.by_source[_ICON].path,
        "t": build.strings[build.language],
        "g": build.site,
        "language": build.language,
        "html_lang": HTML_LANG[build.language],
        "language_names": {
            language: build.strings[language]["language_name"] for language in LANGUAGES
        },
        "site_base": _site_base(config),
        "home_url": URL_PREFIX[build.language],
        "count": len(build.glossary.concepts),
        "source_count": len(build.references),
        "references": build.references,
        "search": {
            "data": URL_PREFIX[build.language] + _SEARCH_FOLDER,
            "scripts": [build.published.by_source[path].path for path in _SEARCH],
            "base": URL_PREFIX[build.language] or "./",
            "suggest": build.repository.suggest(),
        },
    }


def on_template_context(
    context: dict[str, Any],
    template_name: str,  # noqa: ARG001
    config: MkDocsConfig,
) -> dict[str, Any]:
    """Give the templates that are not pages (404) the same words."""
    build = _build(config)
    context.update(_common(build, config), alternates=pages.alternates(""))
    return context


def _home(page: Page, language: Language) -> str:
    """Return the address of a page relative to the home of its language."""
    path = page.url.removeprefix(URL_PREFIX[language])
    return "" if path == "./" else path


def on_page_context(
    context: dict[str, Any],
    page: Page,
    config: MkDocsConfig,
    nav: Navigation,
) -> dict[str, Any]:
    """Hand the templates what they show around the text."""
    build = _build(config)
    if build.language in build.served:
        build.served[build.language].nav = nav
    site = build.site
    prefix = URL_PREFIX[site.language]
    path = _home(page, site.language)
    build.homes.add(path)
    base = _site_base(config)
    page.canonical_url = base + prefix + path
    common = _common(build, config)
    context.update(common, alternates=pages.alternates(path), path=path)
    concept = _concept_of(page.file, build.glossary)
    if concept:
        term = pages.term_page(
            build.around,
            concept,
            cited=build.converted[page.file.src_uri].cited,
            linked_from=build.linked_from.get(concept.slug, set()),
            report_title=f"{concept.slug}: ",
        )
        context["term"] = term
        page.toc.items.extend(_generated_sections(term, build.strings[site.language]))
        if page not in nav.pages:
            build.frame = build.frame or _frame(build, config, nav, common)
            key = _finished_key(build, page, term, build.frame)
            context[templating.KEPT] = templating.Kept(build.store, key)
        context["json_ld"] = partial(linked_data.defined_term, term, base, site.language)
        context["neighbourhood"] = partial(
            neighbourhood.draw,
            term,
            build.strings[site.language],
            root=context["base_url"],
            cache=build.cache,
        )
    template = page.meta.get("template")
    if template == "terms.html":
        context["letters"] = pages.by_letter(site)
        context["categories"] = build.groups
        context["json_ld"] = partial(
            linked_data.defined_term_set,
            site,
            str(config.site_name),
            str(config.site_description),
            base,
        )
    if template in {"categories.html", "category.html", "home.html"}:
        context["categories"] = build.groups
        name = page.file.name.split(".")[0]
        context["category"] = next((group for group in build.groups if group.key == name), None)
    if template in {"home.html", "paths.html", "path.html"}:
        paths = {p.slug: pages.path_page(site, p) for p in build.glossary.paths.values()}
        context["paths"] = list(paths.values())
        context["reading_path"] = paths.get(Path(page.file.src_uri).parent.name)
    if template == "rules.html":
        context["rule_guides"] = guide.localized(rules.GUIDES, site.language, site.chinese)
    if template == "status.html":
        build.unkept.add(page.file.src_uri)  # it shows how long ago things were
        context["status"] = build.report
        context["repository"] = build.repository
    if template == "home.html":
        context["recent"] = pages.recently_reviewed(site, 6)
    return context


def _frame(build: Build, config: MkDocsConfig, nav: Navigation, common: Mapping[str, Any]) -> bytes:
    """Return a digest of what the term template shows on every page of one language."""
    apart = {"g", "references"}  # too large; a page's key has what it shows of them
    shared = {key: value for key, value in common.items() if key not in apart}
    return build.store.key(
        build.templates,
        Path(__file__).read_bytes(),
        Path(config.config_file_path).read_bytes(),
        json.dumps(shared, default=lambda value: type(value).__qualname__),
        _settings(config),
        repr(_shown_in_navigation(nav.items)),
    )


def _settings(config: MkDocsConfig) -> str:
    settings = {key: value for key, value in config.items() if key not in _OF_THIS_MACHINE}
    return json.dumps(settings, default=lambda value: type(value).__qualname__)


def _shown_in_navigation(items: Iterable[Any]) -> list[object]:
    return [
        (
            item.title,
            getattr(item, "url", None),
            item.meta.get("title") if isinstance(item, Page) else None,
            _shown_in_navigation(item.children or ()),
        )
        for item in items
    ]


def _finished_key(build: Build, page: Page, term: pages.TermPage, frame: bytes) -> bytes:
    """Return a key for all that the term template takes from the context."""
    return build.store.key(
        "finished page",
        frame,
        page.url,
        page.content or "",
        repr((page.title, page.meta, page.canonical_url, page.edit_url, page.previous_page)),
        repr(_headings(page.toc)),
        repr(term),
        repr([build.references.get(source.key) for source in term.references]),
    )


def _headings(toc: Iterable[AnchorLink]) -> list[object]:
    return [(heading.url, heading.title, _headings(heading.children)) for heading in toc]


def _generated_sections(term: pages.TermPage, t: Mapping[str, str]) -> list[AnchorLink]:
    """List the sections that the template adds, for the table of contents."""
    shown = {
        "names": True,
        "related": bool(term.relations or term.confusable),
        "linked-from": bool(term.linked_from or term.paths),
        "sources": True,
    }
    return [
        AnchorLink(t[key.replace("-", "_")], key, 2) for key, present in shown.items() if present
    ]


@event_priority(101)
def _hide_from_mermaid2(output: str, page: Page, config: MkDocsConfig) -> str:  # noqa: ARG001
    """Keep a page that only mentions Mermaid from being parsed for nothing to draw."""
    return output if _DRAWN_IN_BROWSER in output else output.replace("mermaid", _HIDDEN)


# After mermaid2, which adds its script to the page.
@event_priority(-101)
def _finish(output: str, page: Page, config: MkDocsConfig) -> str:
    """Hold a finished page against what it loads, and let it draw what is left to the browser."""
    build = _build(config)
    # Neither is needed any more, and there are many pages.
    page.content = page.markdown = None
    output = output.replace(_HIDDEN, "mermaid").replace(_SEARCH_FOLDER, build.search_folder)
    if lost := build.published.sheet.missing(output):
        _log.warning(
            "%s: the theme's rules for %s were left out of the style sheet: name them in "
            "MARKDOWN_NAMES of hooks/llmglossary/styles.py",
            page.file.src_uri,
            ", ".join(f"`{name}`" for name in sorted(lost)),
        )
    if f'{_MERMAID}"' in output:
        output = output.replace(f'{_MERMAID}"', f'{build.published.by_source[_MERMAID].path}"')
        build.draws_in_browser = True
        build.unkept.add(page.file.src_uri)
        if build.policy:
            scripts = content_security.inline_scripts(output)
            build.inline.update(scripts)
            policy = content_security.policy(scripts, draws_in_browser=True)
            output = output.replace(build.policy, policy)
    return output


on_post_page = CombinedEvent(_hide_from_mermaid2, _finish)


def on_post_template(output_content: str, template_name: str, config: MkDocsConfig) -> str:
    """Keep one 404 page per language; the root one stays the default language's."""
    build = _build(config)
    if template_name == "404.html":
        output_content = output_content.replace(_SEARCH_FOLDER, build.search_folder)
        build.not_found[build.language] = output_content
        return build.not_found.get("zh", output_content)
    return output_content


def _search_files(site: Localized, store: Store) -> search.SearchFiles:
    """Return the data of the search of one language."""
    prefix = URL_PREFIX[site.language]
    return search.files(
        site,
        lambda slug, anchor: pages.term_link(site, slug, anchor).url.removeprefix(prefix),
        store,
    )


def on_post_build(config: MkDocsConfig) -> None:
    """Write what is not a page: search data, 404 pages, glossary.json, sitemap."""
    build = _build(config)
    if build.files:
        _rendered_elsewhere(build, config, build.files)
        _check_links(build, config, build.files)
    if build.folder and build.files:
        _take_pages_down(build, build.folder, build.files)
        # MkDocs holds the pages of all languages until the end, but needs them no more.
        for file in build.files:
            file.page = None
        build.converted = {}
    build.store.flush()
    site = build.site
    root = Path(config.site_dir)
    home = root / URL_PREFIX[site.language]
    base = _site_base(config)
    if build.search:
        _publish_search(build, build.search, home)
        build.search = None  # it is large
    _write(home / "404.html", build.not_found[site.language])
    moved = rename.redirects(build.glossary.root)
    words = build.strings[site.language]
    for path, html in rename.redirect_pages(build.glossary, moved, site.language, words).items():
        build.inline.update(content_security.inline_scripts(html))
        _write(root / path, html)
    published = [
        asset
        for asset in build.published.all()
        if build.draws_in_browser or asset is not build.published.by_source[_MERMAID]
    ]
    for asset in published:
        _publish(root, asset)
    build.immutable.update(asset.path for asset in published)
    policy = content_security.policy(build.inline, draws_in_browser=build.draws_in_browser)
    _write(root / hosting.FILE, hosting.headers(content_security.header(policy), build.immutable))
    if site.language == "zh":
        _write_glossary(build, root, base)
    _write(root / "sitemap.xml", sitemap.render(build.homes, base))
    _write(root / "robots.txt", sitemap.robots(base))
    i18n: Any = config.plugins["i18n"]
    if build.folder and site.language == i18n.build_languages[-1]:
        logging.getLogger("mkdocs").removeHandler(build.warnings)
        build.folder.finish(reliable=not build.warnings.counts)


def _rendered_elsewhere(build: Build, config: MkDocsConfig, files: Files) -> None:
    """Wait for the pages that copies of this process write; make those that failed."""
    if build.copies is None:
        return
    for file, done in build.copies.collect():
        facts = build.elsewhere.pop(file.src_uri, None)
        if facts and done:
            linked_from = frozenset(build.linked_from.get(_slug(file.src_uri), ()))
            output = Output(_page_key(build, file), replace(facts, linked_from=linked_from))
            build.kept[file.src_uri] = output
        elif facts and file.page and build.nav and build.env:
            _populate_page(file.page, config, files)
            _build_page(file.page, config, [], build.nav, build.env)
            log_level = config.validation.links.anchors
            file.page.validate_anchor_links(files=files, log_level=log_level)
    build.copies.end()
    build.copies = None


def _write_glossary(build: Build, root: Path, base: str) -> None:
    key = build.store.key("glossary.json", build.shared)
    if not (build.folder and build.shared and build.folder.held(_GLOSSARY, key)):
        _write(root / _GLOSSARY, linked_data.glossary_json(build.sites, build.graph, base))
    if build.folder and build.shared:
        build.folder.record(_GLOSSARY, Output(key))


def _check_links(build: Build, config: MkDocsConfig, files: Files) -> None:
    """Check the links of pages that MkDocs has not seen, and put them into the sitemap."""
    by_path = files.src_uris
    for path, output in build.kept.items():
        page = by_path[path].page
        if page and output.facts:
            build.homes.add(_home(page, build.language))
            page.links_to_anchors = {
                to: dict(links)
                for path, links in output.facts.links.items()
                if (to := by_path.get(path))
            }
            page.validate_anchor_links(files=files, log_level=config.validation.links.anchors)


def _take_pages_down(build: Build, folder: SiteFolder, files: Files) -> None:
    """Note what the next build has to know of this language's pages to leave them as they are."""
    for file in files:
        page = file.page
        if page and file.src_uri not in build.unkept:
            kept = build.kept.get(file.src_uri)
            output = kept or Output(_page_key(build, file), _facts(build, page))
            folder.record(file.dest_uri, output)


def _publish_search(build: Build, files: search.SearchFiles, home: Path) -> None:
    prefix = URL_PREFIX[build.language]
    text = files.text()
    for name, content in (*files.names.items(), text.index):
        _publish(home, Asset(files.folder + name, content))
    build.immutable.update(f"{prefix}{files.folder}{name}" for name in files.names)
    left = {path for path in text.paths if _is_left(build.folder, prefix + path)}
    if len(left) < len(text.paths):
        for path, content in text.files().items():
            if path not in left:
                _publish(home, Asset(path, content))
    if build.folder:
        for path in text.paths:
            build.folder.record(prefix + path, Output(_BY_NAME))
    build.immutable.update(f"{prefix}{Path(path).parent.as_posix()}/*" for path in text.paths)


def _is_left(folder: SiteFolder | None, path: str) -> bool:
    return bool(folder and folder.held(path, _BY_NAME))


def _publish(folder: Path, asset: Asset) -> None:
    path = folder / asset.path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(asset.content)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


# Before others, so that what they start is still reported.
@event_priority(100)
def on_serve(
    server: LiveReloadServer,
    config: MkDocsConfig,
    builder: Callable[[MkDocsConfig], None],
) -> LiveReloadServer:
    """Have an edit of one article rebuild one page, and only what concerns others all of them."""
    rebuilder = _Rebuilder(server, config, builder)
    server.builder = rebuilder
    server.set_app(rebuilder.answer)
    watched = list(server._watched_paths)  # noqa: SLF001
    for path in watched:
        server.unwatch(path)
    # Asks the operating system rather than reading the dates of all files twice a second.
    server.observer = _Observer()
    for path in watched:
        server.watch(path)
    return server


class _Observer(Observer):  # type: ignore[misc, valid-type]
    """Reports files that change, not files that are read, as a build does all the time."""

    def schedule(self, *arguments: Any, **options: Any) -> Any:  # noqa: ANN401
        kinds = [FileCreatedEvent, FileDeletedEvent, FileModifiedEvent, FileMovedEvent]
        return super().schedule(*arguments, event_filter=kinds, **options)


class _Rebuilder:
    """Builds what has changed since the last build. One lives as long as the server.

    Of the languages only those are built that somebody looks at or edits: most people work on one.
    """

    def __init__(
        self,
        server: LiveReloadServer,
        config: MkDocsConfig,
        builder: Callable[[MkDocsConfig], None],
    ) -> None:
        self._server = server
        self._config = config
        self._builder = builder
        self._stamps = self._watched()
        self._complete = True
        self._looked_at: Language = "zh"
        self._searching = Lock()
        self._searchable: dict[Language, Glossary] = {}

    def answer(self, environ: Any, start_response: Any) -> Iterable[bytes]:  # noqa: ANN401 - as WSGI has them
        """Answer a request, after building the language that it asks for if need be."""
        path = str(environ["PATH_INFO"]).removeprefix(self._server.mount_path)
        if path.endswith(("/", ".html")) or not path:
            with self._server._rebuild_cond:  # noqa: SLF001
                self._looked_at = language_of(path)
                if self._looked_at not in self._only():
                    self._complete = False
                    self._server._want_rebuild = True  # noqa: SLF001
                    # Requests wait from now on until that is built.
                    self._server._wanted_epoch += 1  # noqa: SLF001
                    self._server._rebuild_cond.notify_all()  # noqa: SLF001
        elif path.removeprefix(URL_PREFIX[language_of(path)]).startswith(_SEARCH_FOLDER):
            self._write_search(language_of(path))
        return self._server.serve_request(environ, start_response)

    def _write_search(self, language: Language) -> None:
        """Write what the search box loads, unless that is of the present glossary."""
        build = _build(self._config)
        home = Path(self._config.site_dir) / URL_PREFIX[language]
        with self._searching:
            if self._searchable.get(language) is build.glossary:
                return
            with closing(Store(build.cache)) as store:
                files = _search_files(build.sites[language], store)
            text = files.text()
            for name, content in (*files.names.items(), text.index):
                _publish(home, Asset(_SEARCH_FOLDER + name, content))
            for path, content in text.files().items():
                _publish(home, Asset(path, content))
            self._searchable[language] = build.glossary

    def __call__(self) -> None:
        before, self._stamps = self._stamps, self._watched()
        changed = {
            path
            for path in before.keys() | self._stamps.keys()
            if before.get(path) != self._stamps.get(path)
        }
        articles = [self._article(path) for path in sorted(changed)]
        edited = {article[1] for article in articles if article}
        if self._complete and articles and all(articles) and edited <= set(self._only()):
            # All of them, even when one is not enough.
            complete = [self._rebuild(*article) for article in articles if article]
            self._complete = all(complete)
            if not self._complete:
                # The page is shown now; what else its change concerns, after it.
                with self._server._rebuild_cond:  # noqa: SLF001
                    self._server._want_rebuild = True  # noqa: SLF001
        elif changed or not self._complete:
            self._build_all({self._looked_at, *(edited if changed else self._only())})

    def _watched(self) -> dict[Path, tuple[int, int]]:
        """Return the date and size of every file that the site is made from."""
        folders = [Path(self._config.docs_dir), *map(Path, self._config.watch)]
        files = [Path(self._config.config_file_path)]
        for folder in folders:
            files += [Path(top, name) for top, _, names in os.walk(folder) for name in names]
        stamps = {}
        for path in files:
            with suppress(OSError):
                status = path.stat()
                stamps[path] = (status.st_mtime_ns, status.st_size)
        return stamps

    def _article(self, path: Path) -> tuple[Concept, Language] | None:
        """Return the concept and language of an article that there was and still is."""
        build = _build(self._config)
        root = build.glossary.root
        for language in LANGUAGES:
            if path.name == f"index.{language}.md" and path in self._stamps:
                concept = build.glossary.concepts.get(path.parent.name)
                article = concept.articles.get(language) if concept else None
                if concept and article and root / article.path == path:
                    return concept, language
        return None

    def _rebuild(self, concept: Concept, language: Language) -> bool:
        """Build the pages that show one article.

        Returns:
            Whether no other page shows anything of what has changed.
        """
        build = _build(self._config)
        old = concept.articles[language]
        new, problems = load_article(build.glossary.root, old.path, build.store)
        errors = [problem for problem in problems if problem.severity == "error"]
        if problems:
            sys.stderr.write(report.render(problems) + "\n")
        if new is None or errors:
            return True
        build.glossary = replaced(build.glossary, concept.slug, new)
        build.sites = sites(build.glossary, build.site.converter)
        complete = old.outline == new.outline
        for site_language, served in build.served.items():
            if build.sites[site_language].article(build.glossary.concepts[concept.slug]) is new:
                before = served.targets.get(concept.slug)
                after = _build_page_again(build, site_language, served, concept.slug)
                served.targets[concept.slug] = after
                complete = complete and before == after
        return complete

    def _only(self) -> tuple[Language, ...]:
        return _build(self._config).only

    def _build_all(self, languages: Iterable[Language]) -> None:
        config = load_config(
            config_file=self._config.config_file_path,
            site_dir=self._config.site_dir,
            dev_addr=str(self._config.dev_addr),
            strict=self._config.strict,
        )
        config.site_url = self._config.site_url
        config.extra[_LOOKED_AT] = list(languages)
        config.extra[_READ] = self._config.extra[_READ]
        self._complete = True
        gc.unfreeze()  # what the build before has left may go
        gc.disable()
        try:
            self._builder(config)
        finally:
            gc.enable()
        self._config = config


def _build_page_again(
    build: Build, language: Language, served: Served, slug: str
) -> tuple[Target, ...]:
    """Convert and write one page; return what it links to now."""
    i18n = served.config.plugins["i18n"]
    build.language = i18n.current_language = language  # type: ignore[attr-defined]
    build.converted, build.linked_from = served.converted, served.linked_from
    build.arranged = None
    file = next(
        file
        for file in served.files
        if file.is_documentation_page() and file.src_uri.startswith(f"terms/{slug}/")
    )
    page = Page(None, file, served.config)
    _populate_page(page, served.config, served.files)
    if served.nav:
        _build_page(page, served.config, [], served.nav, served.env)
    return build.converted[file.src_uri].targets
