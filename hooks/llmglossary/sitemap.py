"""The sitemap of all three languages, each page with its alternates."""

from __future__ import annotations

from collections.abc import Iterable
from xml.sax.saxutils import quoteattr

from .pages import alternates

_SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"


def render(paths: Iterable[str], base: str) -> str:
    """Return sitemap.xml.

    Args:
        paths: Of pages, relative to the root of their language's site.
        base: The absolute address of the site, with a trailing slash.

    Returns:
        XML after https://www.sitemaps.org/protocol.html with ``xhtml:link`` alternates.
    """
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<urlset xmlns="{_SITEMAP}" xmlns:xhtml="http://www.w3.org/1999/xhtml">',
    ]
    for path in sorted(paths):
        versions = alternates(path)
        links = "".join(
            f'<xhtml:link rel="alternate" hreflang="{version.html_lang}"'
            f" href={quoteattr(base + version.url)}/>"
            for version in versions
        )
        lines.extend(
            f"<url><loc>{_escaped(base + version.url)}</loc>{links}</url>" for version in versions
        )
    return "\n".join([*lines, "</urlset>", ""])


def robots(base: str) -> str:
    """Return robots.txt: everything may be read, and this is where to start."""
    return f"User-agent: *\nAllow: /\nSitemap: {base}sitemap.xml\n"


def _escaped(text: str) -> str:
    return quoteattr(text)[1:-1]
