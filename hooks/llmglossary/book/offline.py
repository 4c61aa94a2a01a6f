"""The built site as a folder that opens without a server.

A server answers ``terms/lora/`` with the ``index.html`` in it; a browser that opens a file does
not. So links of the finished pages are made to name files, and nothing else about the pages is
changed. A second build with other addresses would have to convert every article again, and every
template that writes an address would need to know both ways.

The search makes its addresses in the browser and sees for itself that it runs from a file.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from urllib.parse import quote, unquote, urljoin, urlsplit, urlunsplit

from selectolax.lexbor import LexborHTMLParser

from .archive import Member

FOLDER = "llm-glossary"
# For servers and search engines, for debugging, or themselves downloads; Material's scripts are
# copied by MkDocs and loaded by no page.
_LEFT_OUT = re.compile(
    r"(?:.+/)?404\.html|sitemap\.xml(?:\.gz)?|.+\.map|assets/javascripts/.+|preview/.+"
    r"|downloads/(?!index\.html).+"
)
_LINKS = ("href", "src", "xlink:href")
_SELECTOR = "[href], [src], meta[http-equiv=refresh]"
_REFRESH = re.compile(r"(?P<wait>\s*\d+\s*;\s*url=)(?P<address>.+)", re.IGNORECASE)


def members(
    site: Path,
    address: str,
    *,
    replace: Mapping[str, Callable[[str], str]] | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> Iterator[Member]:
    """Yield the files of the folder, in the order of their names.

    Args:
        site: The built site.
        address: Where it is published, with a trailing slash.
        replace: Path of a page -> what to make of its text before its links are changed.
        on_progress: Called with the number of files done, and of all.
    """
    files = sorted(
        path
        for file in site.rglob("*")
        if file.is_file() and not _LEFT_OUT.fullmatch(path := file.relative_to(site).as_posix())
    )
    known = frozenset(files)
    for done, path in enumerate(files):
        if on_progress:
            on_progress(done, len(files))
        data = (site / path).read_bytes()
        if path.endswith(".html"):
            text = data.decode("utf-8")
            if replace and path in replace:
                text = replace[path](text)
            data = page(text, path, address, known).encode("utf-8")
        yield Member(f"{FOLDER}/{path}", data)
    if on_progress:
        on_progress(len(files), len(files))


def page(text: str, path: str, address: str, files: frozenset[str]) -> str:
    """Return a page whose links to pages and files of the site work without a server.

    Args:
        text: HTML.
        path: Of the page relative to the root of the site.
        address: Where the site is published, with a trailing slash.
        files: The paths of all files of the folder.
    """
    document = LexborHTMLParser(text)
    for node in document.css(_SELECTOR):
        # The address a search engine should show remains the published one.
        if node.tag == "link" and node.attrs.get("rel") == "canonical":
            continue
        if node.tag == "meta":
            content = _REFRESH.fullmatch(node.attrs.get("content") or "")
            if content:
                target = link(content["address"], path, address, files)
                node.attrs["content"] = content["wait"] + target
            continue
        for name in _LINKS:
            value = node.attrs.get(name)
            if value:
                node.attrs[name] = link(value, path, address, files)
    return f"{document.html}\n"


def link(value: str, path: str, address: str, files: frozenset[str]) -> str:
    """Return an address on a page as the page in the folder needs it.

    Args:
        value: As the page of the published site has it.
        path: Of the page relative to the root of the site.
        address: Where the site is published, with a trailing slash.
        files: The paths of all files of the folder.

    Returns:
        A relative address of a file where the folder has it; the published address where only
        the site has it; `value` where it leads elsewhere.
    """
    if value.startswith("#"):
        return value
    try:
        parts = urlsplit(value)
    except ValueError:
        return value
    folder, own = posixpath.split(path)
    relative = parts.path or own
    if parts.scheme or parts.netloc or relative.startswith("/"):
        absolute = urlsplit(urljoin(address, value))
        whole = f"{absolute.scheme}://{absolute.netloc}{absolute.path}"
        if not f"{whole}/".startswith(address):
            return value
        relative = quote(posixpath.relpath(unquote(whole[len(address) :]) or ".", folder or "."))
    target = posixpath.normpath(posixpath.join(folder, unquote(relative)))
    if target in files:
        pass
    elif (target == "." and "index.html" in files) or f"{target}/index.html" in files:
        relative = posixpath.normpath(f"{relative}/index.html")
    else:
        return urljoin(address + path, value)
    return urlunsplit(("", "", relative, parts.query, parts.fragment))
