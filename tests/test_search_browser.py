"""The search box in a browser: on a page of our own that has only the header in it."""

from __future__ import annotations

import functools
import json
import re
import shutil
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from pathlib import Path
from typing import Any

import jinja2
import pytest
from playwright.sync_api import Browser, Page, expect

from llmglossary.search.site import script, text_files
from llmglossary.search.text import Section, full_text, page_text
from test_search import DOCUMENTS, ROOT, small_index

pytestmark = pytest.mark.browser

THEME = Path(str(files("material"))) / "templates"
TEXTS = {
    "search_label": "Search",
    "search_placeholder": "Search",
    "search_close": "Close search",
    "search_clear": "Clear",
    "search_results": "Results",
    "search_hint": "Type a name",
    "search_loading": "Loading…",
    "search_error": "The search could not be loaded.",
    "search_none": "Nothing found.",
    "search_one": "1 result",
    "search_many": "{count} results",
    "search_passage": "1 passage",
    "search_passages": "{count} passages",
    "search_join": ", ",
    "search_in_text": "In the text",
    "search_nearest": "Nearest names:",
    "search_suggest": "Suggest “{query}”",
    "search_name_zh": "Simplified Chinese",
    "search_name_zh_hant": "Traditional Chinese",
    "search_name_en": "English",
    "search_abbreviation": "abbreviation",
    "search_admitted": "also called",
    "search_rejected": "not used; see {name}",
    "search_because": ". ",
    "search_pinyin": "by pinyin",
    "search_zhuyin": "by zhuyin",
    "search_similar": "similar spelling",
}
# A service that speaks to nobody else, and no inline script: as the site's own policy has it.
POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:"
# Without one the browser asks for favicon.ico, and complains.
ICON = '<link rel="icon" href="data:,">'
PAGE = """<!doctype html>
<html lang="en" class="js"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>Test</title>
{icon}{policy}
<link rel="stylesheet" href="main.css"><link rel="stylesheet" href="palette.css">
<link rel="stylesheet" href="assets/search.css">
<script defer src="assets/search.js"></script></head>
<body data-md-color-scheme="{scheme}" data-md-color-primary="indigo" data-md-color-accent="indigo">
<header class="md-header md-header--shadow"><nav class="md-header__inner md-grid">
<a class="md-header__button md-logo" href="#">L</a>
<div class="md-header__title"><div class="md-header__ellipsis"><div class="md-header__topic">
<span class="md-ellipsis">LLM Glossary</span></div></div></div>{search}</nav></header>
<main class="md-main"><div class="md-content"><article class="md-content__inner md-typeset">
<h1>A page</h1><p>With some text and <a id="link" href="#">a link</a>.</p><input id="field">
</article></div></main>
</body></html>"""


def search_files() -> dict[str, bytes]:
    """Everything the box may load: the small glossary's names, and two pages of text."""
    index = small_index("en")
    pages = [
        ("learning-rate", "How it works", "A rate too large makes the loss bounce. " * 9),
        ("lora", "In plain words", "Two thin matrices <b>ride along</b>; the loss still falls."),
    ]
    text_index, text = text_files(
        full_text(
            [
                (DOCUMENTS.index(slug), slug, page_text([Section("how", heading, prose)]))
                for slug, heading, prose in pages
            ],
            "",
        )
    )
    own = {"names": index.names, "definitions": index.definitions, "text": text_index}
    written = {f"names/{name}": script(name, data).encode() for name, data in own.items()}
    return {**written, **text}


def write_site(folder: Path, *, policy: bool = True, scheme: str = "default") -> None:
    # MkDocs renders without escaping, so that the template has to see to it.
    loader = jinja2.FileSystemLoader([ROOT / "overrides", THEME])
    environment = jinja2.Environment(loader=loader, autoescape=False)  # noqa: S701
    environment.filters["url"] = lambda path: path or "./"
    search = environment.get_template("partials/search.html").render(
        t=TEXTS,
        search={
            "data": "search/names/",
            "scripts": [
                "assets/vendor/minisearch.js",
                "assets/search-engine.js",
                "assets/search-text.js",
            ],
            "base": "terms/",
            "suggest": "https://example.org/new?title={query}",
        },
    )
    for name in ("main", "palette"):
        (sheet,) = (THEME / "assets/stylesheets").glob(f"{name}.*.min.css")
        shutil.copy(sheet, folder / f"{name}.css")
    shutil.copytree(ROOT / "docs/assets", folder / "assets")
    for name, content in search_files().items():
        file = folder / "search" / f"{name}.js"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    meta = f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">' if policy else ""
    (folder / "index.html").write_text(
        PAGE.format(icon=ICON, search=search, policy=meta, scheme=scheme), encoding="utf-8"
    )
    (folder / "terms").mkdir()
    for slug in {address.partition("#")[0] for address in DOCUMENTS}:
        (folder / "terms" / slug).write_text(f"{ICON}<title>{slug}</title>", encoding="utf-8")


class _Quiet(SimpleHTTPRequestHandler):
    extensions_map = {**SimpleHTTPRequestHandler.extensions_map, "": "text/html"}  # noqa: RUF012

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("site")
    write_site(folder)
    handler = functools.partial(_Quiet, directory=str(folder))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()


@pytest.fixture
def page(browser: Browser, site: str) -> Iterator[Page]:
    """A wide page that must not complain about anything."""
    yield from _open(browser, site, width=1440)


@pytest.fixture
def phone(browser: Browser, site: str) -> Iterator[Page]:
    yield from _open(browser, site, width=360)


def _open(browser: Browser, site: str, width: int) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": width, "height": 800})
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(site)
    yield page
    context.close()
    assert not complaints


def box(page: Page) -> Any:  # noqa: ANN401 - playwright's Locator, whose methods are not all typed
    return page.get_by_role("combobox", name="Search")


def test_nothing_is_loaded_before_the_box_is_used(page: Page) -> None:
    assert page.evaluate("window.MiniSearch === undefined && window.glossarySearch === undefined")
    box(page).fill("lora")
    expect(page.get_by_role("option").first).to_be_visible()
    assert page.evaluate("Boolean(window.MiniSearch && window.glossarySearch)")


def test_hits_say_what_matched_and_why(page: Page) -> None:
    box(page).fill("變壓器")
    hit = page.get_by_role("option").first
    expect(hit).to_contain_text("Transformer")
    expect(hit).to_contain_text("变压器 — not used; see Transformer. a power device")
    expect(hit).to_contain_text("Basics")
    expect(page.get_by_role("status")).to_have_text("1 result")


def test_a_definition_is_shown_with_its_marks(page: Page) -> None:
    box(page).fill("分类器")
    expect(page.get_by_role("option").first.locator("mark")).to_have_text("分类器")


def test_the_pattern_of_a_combobox(page: Page) -> None:
    field = box(page)
    field.fill("lora")
    options = page.get_by_role("option")
    expect(options).to_have_count(2)
    expect(field).to_have_attribute("aria-expanded", "true")
    assert field.get_attribute("aria-controls") == page.get_by_role("listbox").get_attribute("id")
    for key, chosen in [("ArrowDown", 0), ("ArrowDown", 1), ("ArrowDown", 0), ("ArrowUp", 1)]:
        field.press(key)
        expect(options.nth(chosen)).to_have_attribute("aria-selected", "true")
        assert field.get_attribute("aria-activedescendant") == options.nth(chosen).get_attribute(
            "id"
        )
    expect(page.get_by_role("option", selected=True)).to_have_count(1)
    field.press("Escape")
    expect(field).to_have_attribute("aria-expanded", "false")
    expect(field).not_to_be_focused()
    expect(page.get_by_role("listbox")).to_be_hidden()


def test_enter_goes_to_the_first_hit_and_arrows_to_another(page: Page) -> None:
    box(page).fill("lora+")
    expect(page.get_by_role("option").first).to_be_visible()
    box(page).press("Enter")
    page.wait_for_url("**/terms/lora-plus")
    page.go_back()
    box(page).fill("warm")
    expect(page.get_by_role("option").first).to_be_visible()
    box(page).press("ArrowDown")
    box(page).press("Enter")
    page.wait_for_url("**/terms/learning-rate#warm-up")


def test_enter_before_the_index_has_come_waits_for_it(page: Page) -> None:
    held: list[Any] = []
    page.route("**/search/names/names.js", lambda route: held.append(route))  # noqa: PLW0108 - playwright marks the function
    box(page).fill("lora")
    box(page).press("Enter")
    page.wait_for_timeout(200)
    held[0].continue_()
    page.wait_for_url("**/terms/lora")


def test_enter_while_composing_chooses_characters(page: Page) -> None:
    box(page).fill("lora")
    expect(page.get_by_role("option").first).to_be_visible()
    box(page).dispatch_event("compositionstart")
    box(page).dispatch_event("keydown", {"key": "Enter", "isComposing": True})
    box(page).dispatch_event("compositionend")
    # Safari sends the Enter that ends a composition after it, with this code.
    box(page).dispatch_event("keydown", {"key": "Enter", "keyCode": 229})
    page.wait_for_timeout(200)
    assert "/terms/" not in page.url


@pytest.mark.parametrize("shortcut", ["/", "Control+k", "Meta+k"])
def test_shortcuts_open_the_box_but_not_while_typing(page: Page, shortcut: str) -> None:
    page.locator("#field").focus()
    page.keyboard.press(shortcut)
    expect(box(page)).not_to_be_focused()
    page.locator("#field").blur()
    page.keyboard.press(shortcut)
    expect(box(page)).to_be_focused()
    expect(box(page)).to_have_value("")


def test_no_result_offers_the_nearest_names_and_a_suggestion(page: Page) -> None:
    box(page).fill("混肴局阵")
    expect(page.get_by_role("status")).to_have_text("Nothing found.")
    expect(page.get_by_role("link", name="confusion matrix")).to_be_visible()
    suggestion = page.get_by_role("link", name="Suggest “混肴局阵”")
    assert suggestion.get_attribute("href") == (
        "https://example.org/new?title=%E6%B7%B7%E8%82%B4%E5%B1%80%E9%98%B5"
    )


def test_what_is_typed_is_never_markup(page: Page) -> None:
    box(page).fill("<img src=x onerror=alert(1)> zzzz")
    expect(page.locator(".glossary-search__none")).to_contain_text("<img src=x")
    expect(page.locator(".glossary-search img")).to_have_count(0)


def test_an_address_may_bring_the_query(page: Page, site: str) -> None:
    page.goto(f"{site}?q=xuexilv")
    expect(page.get_by_role("option").first).to_contain_text("learning rate")


def test_the_address_keeps_the_query_while_the_box_is_open(page: Page) -> None:
    box(page).fill("lora+")
    page.wait_for_url("**/?q=lora%2B")
    box(page).press("Enter")
    page.wait_for_url("**/terms/lora-plus")
    page.go_back()
    expect(page.get_by_role("option").first).to_contain_text("LoRA+")
    box(page).press("Escape")
    assert "?" not in page.url


def test_passages_follow_the_names(page: Page) -> None:
    box(page).fill("loss bounce")
    passage = page.get_by_role("group", name="learning rate").get_by_role("option")
    expect(passage).to_contain_text("How it works")
    expect(passage.locator("mark").first).to_have_text("loss")
    expect(page.get_by_text("In the text")).to_be_visible()
    href = passage.get_attribute("href") or ""
    assert href.endswith("/terms/learning-rate#how")
    expect(page.get_by_role("status")).to_have_text("1 passage")


def test_names_and_passages_are_counted_and_walked_as_one_list(page: Page) -> None:
    field = box(page)
    field.fill("rate")
    expect(page.get_by_role("status")).to_have_text(re.compile(r"\d+ results?, 1 passage"))
    options = page.get_by_role("option")
    field.press("ArrowUp")
    last = options.last
    expect(last).to_have_attribute("aria-selected", "true")
    assert field.get_attribute("aria-activedescendant") == last.get_attribute("id")
    expect(last).to_contain_text("How it works")
    ids = [option.get_attribute("id") for option in options.all()]
    assert len(set(ids)) == len(ids)


def test_a_text_is_never_markup(page: Page) -> None:
    box(page).fill("ride along")
    passage = page.get_by_role("group", name="LoRA").get_by_role("option")
    expect(passage).to_contain_text("<b>ride along</b>")
    expect(page.locator(".glossary-search b")).to_have_count(0)


def test_text_that_cannot_be_loaded_leaves_the_names(browser: Browser, site: str) -> None:
    page = browser.new_page()
    page.route("**/search/names/text.js", lambda route: route.abort())
    page.goto(site)
    box(page).fill("learning rate")
    expect(page.get_by_role("option").first).to_contain_text("learning rate")
    expect(page.get_by_role("status")).to_have_text(re.compile(r"^\d+ results?$"))
    page.close()


def test_the_focus_goes_back_to_where_it_was(page: Page) -> None:
    link = page.locator("#link")
    link.focus()
    page.keyboard.press("/")
    expect(box(page)).to_be_focused()
    page.keyboard.press("Escape")
    expect(link).to_be_focused()


def test_the_box_does_not_move_the_page(page: Page) -> None:
    before = page.locator(".md-header__title").bounding_box()
    box(page).fill("lora")
    expect(page.get_by_role("option").first).to_be_visible()
    assert page.locator(".md-header__title").bounding_box() == before


def test_a_click_beside_the_box_closes_it(page: Page) -> None:
    box(page).fill("lora")
    expect(page.get_by_role("option").first).to_be_visible()
    page.mouse.click(100, 700)
    expect(page.get_by_role("listbox")).to_be_hidden()


def test_on_a_phone_it_fills_the_screen(phone: Page) -> None:
    expect(box(phone)).to_be_hidden()
    opener = phone.get_by_role("button", name="Search")
    opener.click()
    expect(box(phone)).to_be_focused()
    box(phone).fill("lora")
    expect(phone.get_by_role("option").first).to_be_visible()
    # Not wait_for_function: what it polls with, the page's policy forbids.
    expect(phone.locator(".glossary-search__inner")).to_have_css("transform", "none")
    inner = phone.locator(".glossary-search__inner").bounding_box()
    assert inner == {"x": 0, "y": 0, "width": 360, "height": 800}
    assert phone.evaluate("document.documentElement.scrollWidth") == 360
    phone.get_by_role("button", name="Close search").click()
    expect(box(phone)).to_be_hidden()
    expect(opener).to_be_focused()


def test_on_a_phone_the_results_end_above_the_keyboard(phone: Page) -> None:
    phone.get_by_role("button", name="Search").click()
    box(phone).fill("loss")
    expect(phone.get_by_role("option").first).to_be_visible()
    # What a keyboard does to the part of the page that is to be seen.
    phone.evaluate(
        """() => {
          Object.defineProperty(visualViewport, "height", { value: 420 });
          visualViewport.dispatchEvent(new Event("resize"));
        }"""
    )
    expect(phone.locator(".glossary-search__inner")).to_have_css("height", "420px")


def test_without_script_there_is_no_box(browser: Browser, site: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(site)
    expect(page.locator(".glossary-search")).to_be_hidden()
    context.close()


def test_it_works_from_a_folder(browser: Browser, tmp_path: Path) -> None:
    write_site(tmp_path, policy=False)
    page = browser.new_page()
    page.goto((tmp_path / "index.html").as_uri())
    box(page).fill("低秩適配")
    expect(page.get_by_role("option").first).to_contain_text("LoRA")
    href = page.get_by_role("option").first.get_attribute("href")
    assert href == (tmp_path / "terms/lora").as_uri()
    page.close()


def test_a_failed_load_says_so_and_the_next_focus_tries_again(browser: Browser, site: str) -> None:
    page = browser.new_page()
    page.route("**/search/names/names.js", lambda route: route.abort())
    page.goto(site)
    box(page).fill("lora")
    expect(page.get_by_role("status")).to_have_text("The search could not be loaded.")
    page.unroute("**/search/names/names.js")
    box(page).press("Escape")
    box(page).focus()
    expect(page.get_by_role("option").first).to_contain_text("LoRA")
    page.close()


def test_the_texts_reach_the_script_unharmed(page: Page) -> None:
    texts = json.loads(page.locator(".glossary-search").get_attribute("data-text") or "")
    assert texts["suggest"] == TEXTS["search_suggest"]
    assert texts["name_zh-Hant"] == TEXTS["search_name_zh_hant"]
