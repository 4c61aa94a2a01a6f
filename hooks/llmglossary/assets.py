"""What pages load: one style sheet, one script and a few files, each named after its content.

A name such as ``assets/site.3f2a9c1b04.css`` never stands for anything else, so browsers may keep
the file for good; a page that needs another version names another file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import rjsmin

from . import styles

_DIGITS = 10
# Of Material's, which pages replace: main.<hash>.min.css and palette.<hash>.min.css.
_THEME_SHEETS = ("main", "palette")
# The theme's files that no page loads.
_THEME_UNUSED = ("assets/javascripts/", "assets/stylesheets/", "assets/images/favicon.png")


class AssetError(Exception):
    """A file that pages need is not there; the message says which."""


@dataclass(frozen=True)
class Asset:
    """A file to publish.

    Attributes:
        path: Relative to the site's root, with a part made from the content.
        content: Of the file.
    """

    path: str
    content: bytes


@dataclass(frozen=True)
class Assets:
    """What every language's pages load.

    Attributes:
        style: The style sheet.
        sheet: The same, with what was left out of it.
        script: The script that runs on every page.
        by_source: Path below docs/ -> the file published in its place, for single files.
        sources: Paths below docs/ of everything that is published under another name.
    """

    style: Asset
    sheet: styles.Sheet
    script: Asset
    by_source: dict[str, Asset]
    sources: frozenset[str]

    def all(self) -> Iterable[Asset]:
        """Return what to publish, each file once."""
        return (self.style, self.script, *self.by_source.values())


def named(path: str, content: bytes) -> Asset:
    """Return a file under a name made from its content.

    Args:
        path: As ``assets/site.css``, for ``assets/site.3f2a9c1b04.css``.
        content: Of the file.
    """
    plain = PurePosixPath(path)
    digest = hashlib.sha256(content).hexdigest()[:_DIGITS]
    return Asset(str(plain.with_suffix(f".{digest}{plain.suffix}")), content)


@dataclass(frozen=True)
class Sources:
    """What pages are made of.

    Attributes:
        docs: The folder of the pages, which the following lie below.
        style_sheets: Ours, in their order; Material's come before.
        scripts: In the order in which they run.
        files: To be published one by one: what is loaded later, and the icon.
        overrides: The folder of our templates.
        theme: The folders of all templates, by precedence.
    """

    docs: Path
    style_sheets: tuple[str, ...]
    scripts: tuple[str, ...]
    files: tuple[str, ...]
    overrides: Path
    theme: tuple[Path, ...]


def collect(
    sources: Sources, *, generated_css: str, names: Iterable[str], cache: Path | None = None
) -> Assets:
    """Make everything that pages load.

    Args:
        sources: What to make it from.
        generated_css: Rules made from the glossary's data.
        names: Classes and values of attributes that may occur beyond those found in templates,
            scripts and pages.
        cache: A folder below which the style sheet is kept.

    Raises:
        AssetError: A file is missing, or the theme is not laid out as expected.
    """
    docs = sources.docs
    code = [_read(docs / path) for path in sources.scripts]
    known = frozenset(names) | styles.MARKDOWN_NAMES
    ours = [path for path in sources.files if path.endswith(".js") and "/vendor/" not in path]
    later = [_read(docs / path) for path in ours]
    known = known.union(*map(styles.words, [*code, *later]))
    known = known.union(*(styles.words(_read(path)) for path in _templates(sources)))
    known = known.union(*(styles.marks(_read(path)) for path in sorted(docs.rglob("*.md"))))
    sheet = styles.sheet(
        [_read(path) for path in _theme_sheets(sources)],
        [*(_read(docs / path) for path in sources.style_sheets), generated_css],
        known,
        cache=cache,
    )
    return Assets(
        style=named("assets/site.css", sheet.css.encode()),
        sheet=sheet,
        script=named("assets/site.js", "\n".join(map(_minified, code)).encode()),
        by_source={path: named(path, _content(docs / path)) for path in sources.files},
        sources=frozenset({*sources.style_sheets, *sources.scripts, *sources.files}),
    )


def is_replaced(path: str, assets: Assets, *, of_theme: bool) -> bool:
    """Tell whether a static file is not to be published as it is.

    Args:
        path: Relative to the site's root.
        assets: What is published instead.
        of_theme: Whether the file is the theme's rather than ours.
    """
    return path.startswith(_THEME_UNUSED) if of_theme else path in assets.sources


def _templates(sources: Sources) -> list[Path]:
    """Return our templates and the one they all extend."""
    base = next(
        (path for folder in sources.theme if (path := folder / "base.html").is_file()), None
    )
    if base is None:
        raise AssetError("the theme has no base.html")
    return [*sorted(sources.overrides.rglob("*.html")), base]


def _theme_sheets(sources: Sources) -> list[Path]:
    found = []
    for name in _THEME_SHEETS:
        pattern = f"assets/stylesheets/{name}.*.css"
        sheets = [path for folder in sources.theme for path in folder.glob(pattern)]
        if len(sheets) != 1:
            raise AssetError(f"expected one {pattern} in the theme, found {len(sheets)}")
        found += sheets
    return found


def _content(path: Path) -> bytes:
    """Return what is published of a single file: scripts without comments and blanks."""
    if path.suffix == ".js" and ".min." not in path.name:
        return _minified(_read(path)).encode()
    return _bytes(path)


def _minified(script: str) -> str:
    minified: str = rjsmin.jsmin(script)
    return minified


def _read(path: Path) -> str:
    return _bytes(path).decode("utf-8")


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise AssetError(f"{path} is missing") from None
