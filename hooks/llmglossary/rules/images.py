"""Images exist, are described, sized and light."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

from ..model import Article, Glossary, Image, Problem
from .guide import Example, Rule, RuleGuide, Words

MAX_BYTES = 300_000


def check(glossary: Glossary) -> Iterator[Problem]:
    """Yield a problem for each image that is missing, heavy or not described."""
    for concept in glossary.concepts.values():
        for article in concept.articles.values():
            for image in article.images:
                yield from _image(glossary.root, article, image)


def _image(root: Path, article: Article, image: Image) -> Iterator[Problem]:
    source = image.source

    def problem(code: str, message: str, fix: str) -> Problem:
        return Problem(article.path, image.line, image.column, code, message, fix)

    if not image.alternative.strip():
        yield problem(
            "image-alt",
            f"the image `{source}` has no alternative text",
            f"write `![what it shows]({source})`",
        )
    if not (image.width.isdigit() and image.height.isdigit()):
        yield problem(
            "image-dimensions",
            f"the image `{source}` has no width and height",
            f"write `![…]({source}){{width=640 height=360}}`, its size in pixels",
        )
    size = _size(root, article, source)
    if size is None:
        yield problem(
            "missing-image",
            f"there is no image `{source}`",
            "put the file into the concept's folder and write its name as it is, case included",
        )
    elif size > MAX_BYTES:
        yield problem(
            "image-size",
            f"the image `{source}` has {size:,} bytes; it may have {MAX_BYTES:,}",
            "scale it down, or save it as WebP or SVG",
        )


def _size(root: Path, article: Article, source: str) -> int | None:
    """Return the bytes of an image; None if it is not a file of the site, 0 if it is remote."""
    try:
        parts = urlsplit(source)
        if parts.scheme or parts.netloc:
            return 0  # reported by `markup`
        path = ((root / article.path).parent / unquote(parts.path)).resolve()
        if path.is_file() and path.is_relative_to((root / "docs").resolve()):
            return path.stat().st_size
    except (OSError, ValueError):
        pass
    return None


_RIGHT = "![坡上的小球](ball.svg){width=640 height=360}"

RULE = Rule(
    RuleGuide(
        slug="images",
        codes=("missing-image", "image-alt", "image-dimensions", "image-size"),
        title=Words("图片", "Images"),
        what=Words(
            "图片放在术语自己的文件夹里，不超过 300 KB，写明替代文字和宽高。",
            "An image lies in the concept's folder, has at most 300 KB, an alternative text, and "
            "its width and height.",
        ),
        why=Words(
            "看不到图的读者靠替代文字；有宽高，页面载入时才不会跳动；大图拖慢每一次打开和离线包。",
            "Readers who cannot see it have the text; the size keeps the page from jumping while "
            "it loads; heavy files slow down every visit and the offline copies.",
        ),
        examples=(
            Example(
                "missing-image",
                "article zh",
                "![坡上的小球](Ball.svg){width=640 height=360}",
                _RIGHT,
            ),
            Example("image-alt", "article zh", "![](ball.svg){width=640 height=360}", _RIGHT),
            Example("image-dimensions", "article zh", "![坡上的小球](ball.svg)", _RIGHT),
            Example("image-size", "files", "photo.png  1.8 MB", "photo.webp  120 KB"),
        ),
    ),
    check,
)
