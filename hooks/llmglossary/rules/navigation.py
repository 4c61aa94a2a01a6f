"""Every entry of the navigation has its page, and every page of its folders has an entry."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import yaml

from ..model import Glossary, Problem
from ..record import LANGUAGES
from ..spelling import suggestion
from ..yaml_source import YamlError, compose
from .guide import Example, Rule, RuleGuide, Words

FILE = "mkdocs.yml"
_ORIGINAL = ".zh.md"  # what static-i18n shows where a language has no page of its own


def check(glossary: Glossary) -> Iterator[Problem]:
    """Yield a problem for each entry without a page, and for each page without an entry."""
    path = glossary.root / FILE
    try:
        text = path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        return  # not a site, such as the copy on which `rename` tries its changes
    except (OSError, UnicodeDecodeError):
        yield Problem(FILE, 1, 1, "encoding", "the file is not UTF-8", "save it as UTF-8")
        return
    try:
        entries = list(_entries(_nav(compose(text))))
    except YamlError as error:
        yield Problem(FILE, error.place.line, error.place.column, "yaml", error.message, error.fix)
        return
    docs = glossary.root / "docs"
    pages = _pages(docs)
    for entry in entries:
        yield from _entry(docs, pages, entry)
    if entries:
        yield from _omitted(pages, entries)
    yield from _categories(glossary, pages)


def _nav(document: yaml.Node | None) -> yaml.Node | None:
    """Return what stands under ``nav``."""
    for key, value in document.value if isinstance(document, yaml.MappingNode) else ():
        if key.value == "nav":
            return value  # type: ignore[no-any-return]
    return None


def _entries(node: yaml.Node | None) -> Iterator[yaml.ScalarNode]:
    """Yield the addresses in a navigation, at whatever depth."""
    if isinstance(node, yaml.ScalarNode):
        yield node
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _entries(item)
    elif isinstance(node, yaml.MappingNode):
        for _, value in node.value:
            yield from _entries(value)


def _pages(docs: Path) -> set[str]:
    """Return the pages of the site as a navigation names them, without their language."""
    # The folders of concepts, of which there may be thousands, hold no page of a navigation.
    others = (path for path in docs.glob("*") if path.is_dir() and path.name != "terms")
    found = (
        *docs.glob(f"*{_ORIGINAL}"),
        *(docs / "terms").glob(f"*{_ORIGINAL}"),
        *(page for folder in others for page in folder.rglob(f"*{_ORIGINAL}")),
    )
    return {path.relative_to(docs).as_posix().removesuffix(_ORIGINAL) + ".md" for path in found}


def _entry(docs: Path, pages: set[str], entry: yaml.ScalarNode) -> Iterator[Problem]:
    address = str(entry.value)
    if "//" in address or address.startswith(("mailto:", "#")):
        return
    if address in pages:
        yield from _untranslated(docs, address, entry)
        return
    stem = next(
        (address.removesuffix(f".{it}.md") for it in LANGUAGES if address.endswith(f".{it}.md")), ""
    )
    if stem and f"{stem}.md" in pages:
        message, fix = "names the page of one language", f"write `{stem}.md`, which stands for all"
    elif not address.endswith(".md"):
        if address and (docs / address).is_file():
            return
        message, fix = "is no file of docs/", "write the path of a page, such as `terms/index.md`"
    else:
        message = f"has no page: there is no docs/{address.removesuffix('.md')}{_ORIGINAL}"
        fix = suggestion(address, pages, "page") + ", or take the entry out"
    mark = entry.start_mark
    yield Problem(
        FILE,
        mark.line + 1,
        mark.column + 1,
        "nav-missing",
        f"the entry `{address}` of the navigation {message}",
        fix,
    )


def _untranslated(docs: Path, address: str, entry: yaml.ScalarNode) -> Iterator[Problem]:
    translation = address.removesuffix(".md") + ".en.md"
    if not (docs / translation).is_file():
        yield Problem(
            FILE,
            entry.start_mark.line + 1,
            entry.start_mark.column + 1,
            "nav-untranslated",
            f"on the English site the entry `{address}` shows the Chinese page",
            f"write docs/{translation}",
            "warning",
        )


def _omitted(pages: set[str], entries: list[yaml.ScalarNode]) -> Iterator[Problem]:
    """Yield a warning for each page without an entry in a folder whose other pages have one."""
    named = {str(entry.value) for entry in entries}
    folders = {address.split("/")[0] for address in named if "/" in address} - {"terms"}
    for page in sorted(pages - named):
        if page.split("/")[0] in folders:
            yield Problem(
                f"docs/{page.removesuffix('.md')}{_ORIGINAL}",
                1,
                1,
                "nav-omitted",
                "no entry of the navigation leads to this page",
                f"add `- {page}` below `nav:` in {FILE}",
                "warning",
            )


def _categories(glossary: Glossary, pages: set[str]) -> Iterator[Problem]:
    """Yield a problem for each concept whose category has no page to link to."""
    for concept in glossary.concepts.values():
        category = concept.record.category
        page = f"categories/{category}"
        if category in glossary.categories and f"{page}.md" not in pages:
            place = concept.positions.at("category")
            names = glossary.categories[category].names
            yield Problem(
                concept.path,
                place.line,
                place.column,
                "category-page",
                f"the category `{category}` has no page yet",
                f"write docs/{page}.zh.md and docs/{page}.en.md, each with the four lines `---`, "
                f"`title: {names.zh}` (`{names.en}`), `template: category.html`, `---`; then add "
                f"`- {page}.md` below `nav:` in {FILE}",
            )


RULE = Rule(
    RuleGuide(
        slug="navigation",
        codes=("nav-missing", "category-page"),
        warnings=("nav-omitted", "nav-untranslated"),
        title=Words("导航", "Navigation"),
        what=Words(
            "`mkdocs.yml` 的 `nav` 里每一项都有页面，写成 `contribute/names.md`，不写语言；"
            "分类、学习路径、参与编写各页都列在里面。",
            "Every entry under `nav` in `mkdocs.yml` has its page, written `contribute/names.md` "
            "without a language; all pages on categories, paths and contributing are listed there.",
        ),
        why=Words(
            "没有页面的一项会让整个网站生成不出来；没有列出的页面，读者走不到。",
            "An entry without a page keeps the whole site from being built; a page without an "
            "entry is not found by readers.",
        ),
        examples=(
            Example(
                "nav-missing",
                "files",
                "mkdocs.yml  - paths/for-coleagues/index.md",
                "mkdocs.yml  - paths/for-colleagues/index.md",
            ),
            Example(
                "category-page",
                "files",
                "term.yml  category: agents-tools",
                "term.yml  category: agents-tools\ndocs/categories/agents-tools.zh.md\n"
                "docs/categories/agents-tools.en.md",
            ),
            Example(
                "nav-omitted",
                "files",
                "docs/contribute/names.zh.md",
                "docs/contribute/names.zh.md\nmkdocs.yml  - contribute/names.md",
            ),
            Example(
                "nav-untranslated",
                "files",
                "docs/contribute/names.zh.md",
                "docs/contribute/names.zh.md\ndocs/contribute/names.en.md",
            ),
        ),
    ),
    check,
)
