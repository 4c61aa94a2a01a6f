"""The content laid out for each of those who build it.

The others are set up as their documentation says. What each of them does not do is told on the
page of results (``templates/``).
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import yaml

from llmglossary import vendor
from synthetic import PROJECT

from .content import LANGUAGES, Content, index, page, write
from .process import FailedError, Step

# Draws formulas in the browser; the version that the documentation of Material shows.
_MATHJAX = vendor.Library(
    package="mathjax",
    version="3.2.2",
    integrity=(
        "sha512-Bt+SSVU8eBG27zChVewOicYs7Xsdt40qm4+UpHyX7k0/O9NliPc+x77k1/FEsPsjKPZGJvtRZM1vO+"
        "geW0OhGw=="
    ),
    member="es5/tex-mml-chtml.js",
    target="mathjax.js",
)
_MATHJAX_SETTINGS = r"""window.MathJax = {
  tex: { inlineMath: [["\\(", "\\)"]], displayMath: [["\\[", "\\]"]] },
  options: { ignoreHtmlClass: ".*|", processHtmlClass: "arithmatex" }
};
"""
# Both build systems advertise their successors.
_QUIET = {"NO_MKDOCS_2_WARNING": "1", "DISABLE_MKDOCS_2_WARNING": "true"}


@dataclass(frozen=True)
class Project:
    """Content laid out for one of those who build it.

    Attributes:
        steps: Build it, one after the other.
        leftovers: What a cold build must not find.
        article: The file of an article in Chinese, to which a warm build finds a sentence added.
        site: The folder that a server would serve.
        pages: Home, index and a term's page, as paths of files below `site`.
        search: Patterns of the files below `site` that hold the data of the search, and
            the language that they serve; nothing for all.
    """

    steps: Sequence[Step]
    leftovers: Sequence[Path]
    article: Path
    site: Path
    pages: Mapping[str, str]
    search: Mapping[str, Sequence[str]] = field(default_factory=dict)


def ours(content: Content, folder: Path, programs: Path) -> Project:  # noqa: ARG001 - generated there
    root, slug = content.root, content.slugs[0]
    article = next(
        path
        for language in ("zh", "en")
        if (path := root / f"docs/terms/{slug}/index.{language}.md").is_file()
    )
    return Project(
        steps=[Step([programs / "python", "-m", "mkdocs", "build", "-q"], root, _QUIET)],
        leftovers=[root / "site", root / ".cache"],
        article=article,
        site=root / "site",
        pages=_addresses(slug),
        search={
            "zh": ["search/**/*.js"],
            "zh-Hant": ["zh-Hant/search/**/*.js"],
            "en": ["en/search/**/*.js"],
        },
    )


def _addresses(slug: str, home: str = "") -> dict[str, str]:
    return {
        "home": f"{home}index.html",
        "index": f"{home}terms/index.html",
        "term": f"{home}terms/{slug}/index.html",
    }


# --- MkDocs, ProperDocs, Zensical -------------------------------------------------------------


def _configuration(*, i18n: bool, mermaid2: bool, language: str = "zh") -> str:
    fence = (
        "mermaid2.fence_mermaid_custom" if mermaid2 else "pymdownx.superfences.fence_code_format"
    )
    plugins: list[object] = []
    if i18n:
        languages = [
            {"locale": key, "name": key, "build": True, "default": key == "zh"} for key in LANGUAGES
        ]
        plugins = ["search", {"i18n": {"docs_structure": "suffix", "languages": languages}}]
    if mermaid2:
        plugins.append({"mermaid2": {"javascript": "assets/mermaid.min.js"}})
    theme: dict[str, object] = {"name": "material"}
    if not i18n:
        theme["language"] = language
    if not mermaid2:
        theme["features"] = ["navigation.prune", "navigation.sections"]
    settings: dict[str, object] = {
        "site_name": "LLM Glossary",
        "site_url": "https://llm-glossary.example/",
        "theme": theme,
        "extra_javascript": ["assets/mathjax-settings.js", "assets/mathjax.js"],
        "markdown_extensions": [
            "attr_list",
            "tables",
            "admonition",
            {"toc": {"permalink": True}},
            {"pymdownx.arithmatex": {"generic": True}},
            "pymdownx.highlight",
            {"pymdownx.superfences": {"custom_fences": [_fence("FENCE")]}},
        ],
    }
    if plugins:
        settings["plugins"] = plugins
    if not mermaid2:
        # Not every page lists every term.
        settings["nav"] = ["index.md", "terms/index.md"]
    written = yaml.safe_dump(settings, allow_unicode=True, sort_keys=False)
    # Names of functions have a notation of their own in YAML.
    return written.replace("format: FENCE", f"format: !!python/name:{fence}")


def _fence(function: str) -> dict[str, str]:
    return {"name": "mermaid", "class": "mermaid", "format": function}


def _scripts(assets: Path, *, mermaid: bool) -> None:
    assets.mkdir(parents=True, exist_ok=True)
    (assets / "mathjax.js").write_bytes(_mathjax())
    write(assets / "mathjax-settings.js", _MATHJAX_SETTINGS)
    if mermaid:
        shutil.copy(PROJECT / "docs/assets/vendor/mermaid.min.js", assets)


@cache
def _mathjax() -> bytes:
    """Return the script that draws formulas in the browser.

    Raises:
        process.FailedError: It cannot be fetched.
    """
    with tempfile.TemporaryDirectory() as folder:
        try:
            (file,) = vendor.ensure(Path(folder), packages=[_MATHJAX])
        except vendor.VendorError as error:
            raise FailedError(str(error)) from error
        return file.read_bytes()


def _mkdocs(content: Content, folder: Path, programs: Path, *, tool: str) -> Project:
    vanilla = tool == "mkdocs"
    docs = folder / "docs"
    write(folder / "mkdocs.yml", _configuration(i18n=True, mermaid2=vanilla))
    _scripts(docs / "assets", mermaid=vanilla)
    for language in ("zh", "en"):
        write(docs / f"index.{language}.md", "# LLM Glossary\n\n[A–Z](terms/index.md)\n")
        write(docs / f"terms/index.{language}.md", index(content, language))
        for article in content.of(language):
            write(docs / f"terms/{article.slug}/index.{language}.md", page(article))
    slug = content.slugs[0]
    return Project(
        steps=[Step([programs / "python", "-m", tool, "build", "-q"], folder, _QUIET)],
        leftovers=[folder / "site"],
        article=docs / f"terms/{slug}/index.zh.md",
        site=folder / "site",
        pages=_addresses(slug),
        search={"": ["search/search_index.json"]},
    )


def vanilla(content: Content, folder: Path, programs: Path) -> Project:
    return _mkdocs(content, folder, programs, tool="mkdocs")


def properdocs(content: Content, folder: Path, programs: Path) -> Project:
    return _mkdocs(content, folder, programs, tool="properdocs")


def zensical(content: Content, folder: Path, programs: Path) -> Project:
    """It has no languages: a site for each."""
    slug = content.slugs[0]
    for language in LANGUAGES:
        docs = folder / language / "docs"
        write(
            folder / language / "mkdocs.yml",
            _configuration(i18n=False, mermaid2=False, language=language),
        )
        _scripts(docs / "assets", mermaid=False)
        write(docs / "index.md", "# LLM Glossary\n\n[A–Z](terms/index.md)\n")
        write(docs / "terms/index.md", index(content, language))
        for article in content.of(language):
            write(docs / f"terms/{article.slug}/index.md", page(article))
    return Project(
        steps=[Step([programs / "zensical", "build"], folder / language) for language in LANGUAGES],
        leftovers=[
            folder / language / name for language in LANGUAGES for name in ("site", ".cache")
        ],
        article=folder / f"zh/docs/terms/{slug}/index.md",
        site=folder,
        pages=_addresses(slug, "zh/site/"),
        search={language: [f"{language}/site/search.json"] for language in LANGUAGES},
    )


# --- Hugo -------------------------------------------------------------------------------------

_HUGO = """\
baseURL = "/"
title = "LLM Glossary"
defaultContentLanguage = "zh"
[languages.zh]
weight = 1
[languages.zh-hant]
weight = 2
[languages.en]
weight = 3
[taxonomies]
category = "categories"
[markup.goldmark.renderHooks.link]
useEmbedded = "always"
[markup.goldmark.extensions.passthrough]
enable = true
[markup.goldmark.extensions.passthrough.delimiters]
block = [["$$", "$$"]]
inline = [["$", "$"]]
"""
_HUGO_LAYOUTS = {
    "baseof.html": """\
<!doctype html>
<html lang="{{ .Language.Name }}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ .Title }}</title><link rel="stylesheet" href="/site.css">
<script defer src="/mathjax-settings.js"></script><script defer src="/mathjax.js"></script>
</head><body>
<nav><a href="{{ .Site.Home.RelPermalink }}">{{ .Site.Title }}</a>
{{ range .Translations }}<a href="{{ .RelPermalink }}">{{ .Language.Name }}</a>{{ end }}
<ul>{{ range .Site.Taxonomies.categories }}<li><a href="{{ .Page.RelPermalink }}">\
{{ .Page.Title }}</a></li>{{ end }}</ul></nav>
<main>{{ block "main" . }}{{ end }}</main>
{{ if .Store.Get "mermaid" }}<script src="/mermaid.min.js"></script>{{ end }}
</body></html>
""",
    "single.html": """\
{{ define "main" }}{{ .TableOfContents }}<article>{{ .Content }}</article>{{ end }}
""",
    "list.html": """\
{{ define "main" }}{{ .Content }}
<ul>{{ range .RegularPages }}<li><a href="{{ .RelPermalink }}">{{ .Title }}</a>: \
{{ .Description }}</li>{{ end }}</ul>{{ end }}
""",
    "_markup/render-codeblock-mermaid.html": """\
<pre class="mermaid">{{ .Inner | htmlEscape | safeHTML }}</pre>{{ .Page.Store.Set "mermaid" true }}
""",
}


def hugo(content: Content, folder: Path, programs: Path) -> Project:
    """It brings no theme: these layouts show what the others' do, but for a search."""
    write(folder / "hugo.toml", _HUGO)
    for name, layout in _HUGO_LAYOUTS.items():
        write(folder / "layouts" / name, layout)
    static = folder / "static"
    _scripts(static, mermaid=True)
    write(static / "site.css", "body { max-width: 45rem; margin: auto; font-family: sans-serif }\n")
    settings = (static / "mathjax-settings.js").read_text("utf-8")
    dollars = r'inlineMath: [["$", "$"]], displayMath: [["$$", "$$"]] }'
    before, _, after = settings.partition("inlineMath")
    write(
        static / "mathjax-settings.js",
        before + dollars + after.partition("}")[2].replace('ignoreHtmlClass: ".*|", ', ""),
    )
    for language in LANGUAGES:
        key = language.lower()
        write(folder / f"content/_index.{key}.md", "---\ntitle: LLM Glossary\n---\n")
        write(folder / f"content/terms/_index.{key}.md", "---\ntitle: A–Z\n---\n")
        for article in content.of(language):
            write(
                folder / f"content/terms/{article.slug}/index.{key}.md",
                page(article, description=article.definition, categories=[article.category]),
            )
    slug = content.slugs[0]
    return Project(
        steps=[Step([programs / "hugo", "build", "--quiet"], folder)],
        leftovers=[folder / "public", folder / "resources"],
        article=folder / f"content/terms/{slug}/index.zh.md",
        site=folder / "public",
        pages=_addresses(slug),
    )


# --- Sphinx -----------------------------------------------------------------------------------

_SPHINX = """\
project = "LLM Glossary"
extensions = ["myst_parser", "sphinxcontrib.mermaid"]
myst_enable_extensions = ["dollarmath", "amsmath", "attrs_block"]
myst_fence_as_directive = ["mermaid"]
mathjax_path = "mathjax.js"
mermaid_use_local = "mermaid.min.js"
html_static_path = ["_static"]
suppress_warnings = ["myst", "misc", "toc"]
"""
_SPHINX_LANGUAGES = {"zh": "zh_CN", "zh-Hant": "zh_TW", "en": "en"}


def sphinx(content: Content, folder: Path, programs: Path) -> Project:
    """It builds one language at a time."""
    for language in LANGUAGES:
        source = folder / language
        write(source / "conf.py", f'{_SPHINX}language = "{_SPHINX_LANGUAGES[language]}"\n')
        _scripts(source / "_static", mermaid=True)
        contents = "\n```{toctree}\n:hidden:\n:glob:\nterms/*/index\n```\n"
        write(source / "index.md", "# LLM Glossary\n\n[A–Z](terms/index.md)\n" + contents)
        write(source / "terms/index.md", index(content, language))
        for article in content.of(language):
            write(source / f"terms/{article.slug}/index.md", _for_sphinx(page(article)))
    slug = content.slugs[0]
    build: list[str | Path] = [
        programs / "python",
        "-m",
        "sphinx",
        "-q",
        "-j",
        "auto",
        "-b",
        "html",
    ]
    return Project(
        steps=[Step([*build, language, f"out/{language}"], folder) for language in LANGUAGES],
        leftovers=[folder / "out"],
        article=folder / f"zh/terms/{slug}/index.md",
        site=folder / "out",
        pages=_addresses(slug, "zh/"),
        search={language: [f"{language}/searchindex.js"] for language in LANGUAGES},
    )


def _for_sphinx(markdown: str) -> str:
    """Put the id of a heading on a line of its own before it."""
    lines = []
    for line in markdown.split("\n"):
        title, brace, rest = line.rpartition(" {#")
        if line.startswith("#") and brace and rest.endswith("}"):
            lines += [f"{{#{rest}", title]
        else:
            lines.append(line)
    return "\n".join(lines)
