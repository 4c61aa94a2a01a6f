"""The zip file of the site: opened from a folder, in a browser, with the network cut."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from urllib.parse import unquote, urlsplit

import html5lib
import pytest
from playwright.sync_api import Browser, Page, expect
from selectolax.lexbor import LexborHTMLParser

from conftest import watched
from llmglossary.book import archive, offline
from test_site import HTML, parse

ADDRESS = "https://llm-glossary.example/"
MADE = datetime(2026, 1, 2, 3, 4, 6, tzinfo=timezone.utc)


def _zip(site: Path) -> bytes:
    target = io.BytesIO()
    archive.write(target, offline.members(site, ADDRESS), MADE)
    return target.getvalue()


@pytest.fixture(scope="session")
def folder(site: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The unzipped folder; its own name has a space and a character of another script."""
    target = tmp_path_factory.mktemp("my 文件")
    with zipfile.ZipFile(io.BytesIO(_zip(site))) as packed:
        packed.extractall(target)
    return target / offline.FOLDER


# --- links -------------------------------------------------------------------------------------

FILES = frozenset({"index.html", "en/index.html", "en/terms/a/index.html", "terms/b/index.html"})
FILES |= {"glossary.json", "assets/a b.css"}


@pytest.mark.parametrize(
    ("page", "value", "expected"),
    [
        ("index.html", "./", "index.html"),
        ("index.html", ".", "index.html"),
        ("index.html", "terms/b", "terms/b/index.html"),
        ("en/terms/a/index.html", "../..", "../../index.html"),
        ("en/terms/a/index.html", "../../../", "../../../index.html"),
        ("en/index.html", "../terms/b/?q=1#y", "../terms/b/index.html?q=1#y"),
        ("en/index.html", "?q=1", "index.html?q=1"),
        ("en/index.html", "../assets/a%20b.css", "../assets/a%20b.css"),
        # The site's own address, with and without the slash, and from its root.
        ("en/terms/a/index.html", "https://x.example/sub/", "../../../index.html"),
        ("en/terms/a/index.html", "https://x.example/sub", "../../../index.html"),
        ("index.html", "https://x.example/sub/terms/b/#y", "terms/b/index.html#y"),
        ("en/index.html", "/sub/glossary.json", "../glossary.json"),
        # What only the site has stays on the site.
        ("en/index.html", "../downloads/x.pdf", "https://x.example/sub/downloads/x.pdf"),
        # Elsewhere.
        ("index.html", "#y", "#y"),
        ("index.html", "https://arxiv.org/abs/1706.03762", "https://arxiv.org/abs/1706.03762"),
        ("index.html", "https://x.example/subway/", "https://x.example/subway/"),
        ("index.html", "mailto:a@b.example", "mailto:a@b.example"),
        ("index.html", "data:image/svg+xml,%3Csvg/%3E", "data:image/svg+xml,%3Csvg/%3E"),
        ("index.html", "http://[broken", "http://[broken"),
    ],
)
def test_a_link_names_the_file_it_leads_to(page: str, value: str, expected: str) -> None:
    assert offline.link(value, page, "https://x.example/sub/", FILES) == expected


def test_a_redirect_leads_to_a_file() -> None:
    page = '<!doctype html><meta http-equiv="refresh" content="0; url=../b/"><a href="../b/">b</a>'
    made = offline.page(page, "terms/old/index.html", ADDRESS, FILES)
    assert 'content="0; url=../b/index.html"' in made
    assert 'href="../b/index.html"' in made


def test_only_links_of_a_page_change(site: Path, folder: Path) -> None:
    for path in ("index.html", "en/terms/rlhf/index.html", "contribute/rules/index.html"):
        before, after = parse(site / path), parse(folder / path)
        for old, new in zip(before.iter(), after.iter(), strict=True):
            assert old.tag == new.tag
            assert (old.text or "").rstrip() == (new.text or "").rstrip()
            changed = {k for k in {*old.keys(), *new.keys()} if old.get(k) != new.get(k)}
            assert changed <= {"href", "src"}


def _parsed(folder: Path) -> dict[Path, LexborHTMLParser]:
    found = {path: LexborHTMLParser(path.read_text("utf-8")) for path in folder.rglob("*.html")}
    assert len(found) > 100
    return found


def test_every_link_leads_to_a_file(folder: Path) -> None:
    pages = _parsed(folder)
    ids = {
        page: {"", *(node.attrs["id"] for node in document.css("[id]"))}
        for page, document in pages.items()
    }
    broken = []
    for page, document in pages.items():
        for node in document.css("[href], [src]"):
            for name in ("href", "src"):
                value = node.attrs.get(name) or ""
                parts = urlsplit(value)
                if parts.scheme in {"http", "https"}:
                    # Something to follow, nothing to load.
                    assert node.tag in {"a", "link"}, value
                    assert node.tag == "a" or node.attrs["rel"] == "canonical", value
                    continue
                target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
                fragment = unquote(parts.fragment) if node.tag == "a" else ""
                if not target.is_file() or fragment not in ids.get(target, {fragment}):
                    broken.append(f"{page.relative_to(folder)}: {value}")
    assert broken == []


def test_only_what_the_folder_lacks_leads_to_the_site(folder: Path) -> None:
    for page, document in _parsed(folder).items():
        for node in document.css("a[href]"):
            assert not (node.attrs["href"] or "").startswith(ADDRESS), page


def test_what_only_a_server_needs_is_left_out(folder: Path) -> None:
    names = {path.name for path in folder.rglob("*")}
    assert not names & {"sitemap.xml", "sitemap.xml.gz", "404.html"}
    assert not [name for name in names if name.endswith((".map", ".zip", ".pdf", ".epub"))]
    assert {"index.html", "glossary.json"} <= names


def test_the_downloads_page_says_where_the_books_are(site: Path) -> None:
    replace = {"en/downloads/index.html": lambda text: text.replace("<!--downloads-->", "HERE")}
    made = {m.name: m.data for m in offline.members(site, ADDRESS, replace=replace)}
    assert b"HERE" in made[f"{offline.FOLDER}/en/downloads/index.html"]


def test_the_same_site_makes_the_same_bytes(fixture_site: Path) -> None:
    first, second = _zip(fixture_site), _zip(fixture_site)
    assert first == second
    with zipfile.ZipFile(io.BytesIO(first)) as packed:
        assert packed.testzip() is None
        names = packed.namelist()
        assert names == sorted(names)
        assert all(name.startswith(f"{offline.FOLDER}/") for name in names)
        assert {info.date_time for info in packed.infolist()} == {(2026, 1, 2, 3, 4, 6)}


# --- in a browser ------------------------------------------------------------------------------


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page without a network, on which an error or a request beyond the disk fails the test."""
    context = browser.new_context(
        viewport={"width": 1280, "height": 900}, offline=True, color_scheme="light"
    )
    page, problems = watched(context, ("file:", "data:"))
    yield page
    context.close()
    assert problems == []


@pytest.mark.browser
def test_the_language_switch_lands_on_the_same_concept(page: Page, folder: Path) -> None:
    page.goto((folder / "index.html").as_uri())
    page.locator(".md-content a[href*='categories/']").first.click()
    page.goto((folder / "terms/rlhf/index.html").as_uri())
    switch = page.locator(".language-switch")
    switch.get_by_text("EN").click()
    expect(page).to_have_url((folder / "en/terms/rlhf/index.html").as_uri())
    expect(page.locator("h1")).to_contain_text("reinforcement learning from human feedback")
    switch.get_by_text("繁").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hant")
    switch.get_by_text("简").click()
    expect(page).to_have_url((folder / "terms/rlhf/index.html").as_uri())


@pytest.mark.browser
@pytest.mark.parametrize(
    ("prefix", "query"), [("", "jiangli"), ("zh-Hant/", "獎勵模型"), ("en/", "RM")]
)
def test_the_search_finds_and_opens(page: Page, folder: Path, prefix: str, query: str) -> None:
    page.goto((folder / prefix / "terms/lora/index.html").as_uri())
    page.keyboard.press("/")
    page.keyboard.type(query)
    expect(page.get_by_role("option").first).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page).to_have_url((folder / prefix / "terms/reward-model/index.html").as_uri())
    expect(page.locator("h1")).to_contain_text("RM")


@pytest.mark.browser
def test_a_link_to_a_query_searches(page: Page, folder: Path) -> None:
    page.goto((folder / "en/index.html").as_uri() + "?q=LoRA")
    expect(page.get_by_role("option").first).to_contain_text("LoRA")


@pytest.mark.browser
def test_tooltips_diagrams_and_theme_work(page: Page, folder: Path) -> None:
    page.goto((folder / "en/terms/rlhf/index.html").as_uri())
    term = page.locator("article p a.term").first
    term.hover()
    shown = term.evaluate("e => getComputedStyle(e, '::after').content")
    assert shown == json.dumps(term.get_attribute("data-definition"))
    box = page.locator("figure svg").first.bounding_box()
    assert box
    assert box["width"] > 100
    # The style sheet of the diagrams has arrived.
    shape = page.locator("figure svg .shape").first
    assert shape.evaluate("e => getComputedStyle(e).fill") != "rgb(0, 0, 0)"
    body = page.locator("body")
    expect(body).to_have_attribute("data-md-color-scheme", "default")
    page.locator(".theme-switch").click()
    expect(body).to_have_attribute("data-md-color-scheme", "slate")
    page.reload()
    expect(body).to_have_attribute("data-md-color-scheme", "slate")


@pytest.mark.browser
def test_it_works_where_storage_is_forbidden(browser: Browser, folder: Path) -> None:
    """As in browsers that give files no storage at all."""
    context = browser.new_context(offline=True, color_scheme="light")
    context.add_init_script(
        "Object.defineProperty(window, 'localStorage', "
        "{get() { throw new DOMException('forbidden', 'SecurityError'); }})"
    )
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto((folder / "index.html").as_uri())
    page.locator(".theme-switch").click()
    expect(page.locator("body")).to_have_attribute("data-md-color-scheme", "slate")
    page.keyboard.press("/")
    page.keyboard.type("RLHF")
    expect(page.get_by_role("option").first).to_be_visible()
    context.close()
    assert errors == []


def test_a_page_is_html_that_parses_strictly(folder: Path) -> None:
    text = (folder / "terms/rlhf/index.html").read_text("utf-8")
    assert text.startswith("<!DOCTYPE html>")
    parser = html5lib.HTMLParser()
    document = parser.parse(text)
    assert document.find(f".//{HTML}article") is not None
