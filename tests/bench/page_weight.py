"""What a first visit to a page asks for, and how much comes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

import brotli
from playwright.sync_api import Browser, Error, Request, Response, Route
from selectolax.lexbor import LexborHTMLParser
from tqdm import tqdm

from . import browser as browsers
from .process import FailedError
from .settings import Settings

_QUALITY = 10  # as `cli.py compress`
_SELECTORS = {
    "link[rel~=stylesheet]": "href",
    "link[rel~=icon]": "href",
    "script[src]": "src",
    "img[src]": "src",
}


def measure(settings: Settings, save: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    """Visit home, index and a term's page of everything that the part `build` has built.

    Without Chromium, what the pages' own elements name is counted. With it, everything is that
    asks for anything while a page loads, other origins' answers excepted: what they would send is
    unknown, but for the libraries that others of the contestants serve themselves.

    Raises:
        FailedError: Nothing was built.
    """
    sites = dict(built(settings))
    if not sites:
        raise FailedError("nothing is built: run the part `build` first")
    path = browsers.available()
    entries: dict[str, Any] = {}
    results: dict[str, Any] = {"chromium": None, "contestants": entries}
    with ExitStack() as stack:
        browser = stack.enter_context(browsers.chromium(path)) if path else None
        results["chromium"] = browser.version if browser else None
        for name, (site, pages) in tqdm(sites.items(), desc="pages", disable=None):
            entries[name] = {}
            with browsers.served(site) as address:
                for kind, page in pages.items():
                    try:
                        weights = (
                            _visited(browser, address, page, _libraries(settings))
                            if browser
                            else _named(site, page)
                        )
                    except (Error, OSError) as error:
                        entries[name]["failed"] = str(error).splitlines()[0]
                        continue
                    entries[name][kind] = {
                        "requests": len(weights),
                        "elsewhere": sum(weight is None for weight in weights.values()),
                        "bytes": sum(weight or 0 for weight in weights.values()),
                    }
            save(results)
    return results


def built(settings: Settings) -> Iterator[tuple[str, tuple[Path, dict[str, str]]]]:
    """Yield each that the part `build` has built: name, folder of the site, pages in it."""
    part = settings.results.part("build")
    for name, entry in part["data"]["contestants"].items() if part else ():
        site = settings.work / entry.get("site", "")
        whole = "pages" in entry and not {"failed", "exceeded"} & entry.keys()
        if whole and (site / entry["pages"]["term"]).is_file():
            yield name, (site, entry["pages"])


def weight(body: bytes) -> int:
    """Return the bytes of something as servers send it, compressed with Brotli."""
    return len(_compressed(body))


@lru_cache(maxsize=256)
def _compressed(body: bytes) -> bytes:
    return bytes(brotli.compress(body, quality=_QUALITY))


def _libraries(settings: Settings) -> dict[str, bytes]:
    """Return scripts that some load from other origins, by the name of their file."""
    mermaid = settings.work / "ours/docs/assets/vendor/mermaid.min.js"
    return {"mermaid.min.js": mermaid.read_bytes()} if mermaid.is_file() else {}


def _visited(
    browser: Browser, address: str, page: str, libraries: dict[str, bytes]
) -> dict[str, int | None]:
    """Return the weight of each address that a browser asks for; nothing if it is elsewhere."""
    weights: dict[str, int | None] = {}
    context = browser.new_context(viewport={"width": 390, "height": 844}, service_workers="block")

    def elsewhere(route: Route, request: Request) -> None:
        body = libraries.get(urlsplit(request.url).path.rpartition("/")[2])
        weights[request.url] = weight(body) if body else None
        if body:
            route.fulfill(body=body, content_type="text/javascript")
        else:
            route.abort()

    try:
        context.route(lambda url: not url.startswith((address, "data:", "blob:")), elsewhere)
        tab = context.new_page()
        responses: list[Response] = []
        context.on("response", lambda response: responses.append(response))  # noqa: PLW0108 - playwright marks the function
        tab.goto(address + _shown(page), wait_until="networkidle")
        icon = tab.locator("link[rel~=icon]")
        icons = {str(icon.first.evaluate("link => link.href"))} if icon.count() else set()
        for response in responses:
            if response.url.startswith(address) and not response.request.redirected_to:
                weights[response.url] = weight(response.body()) if response.ok else 0
        # Chromium without a window does not ask for the icon.
        for url in icons - set(weights):
            if url.startswith(address):
                weights[url] = weight(context.request.get(url).body())
    finally:
        context.close()
    return weights


def _shown(page: str) -> str:
    return page.removesuffix("index.html")


def _named(site: Path, page: str) -> dict[str, int | None]:
    """Return the weight of a page's file and of those that its elements name."""
    html = (site / page).read_bytes()
    weights: dict[str, int | None] = {page: weight(html)}
    tree = LexborHTMLParser(html)
    for selector, attribute in _SELECTORS.items():
        for element in tree.css(selector):
            url = urlsplit(urljoin(f"//site/{page}", element.attributes.get(attribute) or ""))
            file = site / unquote(url.path).lstrip("/")
            own = url.netloc == "site"
            weights[url.geturl()] = (
                weight(file.read_bytes()) if own and file.is_file() else 0 if own else None
            )
    return weights
