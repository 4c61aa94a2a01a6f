"""What readers do, in a real browser."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from bench.browser import served
from conftest import PROJECT, build, make_tree, watched
from llmglossary import rename, vendor

pytestmark = pytest.mark.browser

PAGES = [
    "",
    "terms/",
    "terms/rlhf/",
    "categories/",
    "categories/alignment/",
    "paths/",
    "paths/for-colleagues/",
    "contribute/",
    "contribute/rules/",
    "contribute/status/",
    "downloads/",
    "contribute/write-a-page/",
    "404.html",
]
PREFIXES = ["", "zh-Hant/", "en/"]
Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")


@pytest.fixture(scope="session")
def address(site: Path) -> Iterator[str]:
    with served(site) as address:
        yield address


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="zh-CN")
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext, address: str) -> Iterator[Page]:
    """A page on which any error or request to another origin fails the test."""
    page, problems = watched(context, (address, "data:", "blob:"))
    yield page
    assert problems == []


@pytest.mark.parametrize("prefix", PREFIXES)
def test_pages_load_clean_and_fit_a_phone(page: Page, address: str, prefix: str) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    for path in PAGES:
        page.goto(address + prefix + path)
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= 360, f"{prefix}{path} is {width} px wide"
        page.evaluate("scrollTo(10_000, 0)")
        assert page.evaluate("scrollX") == 0, f"{prefix}{path} scrolls sideways"


def test_every_term_page_loads_clean_and_shows_its_diagrams(
    page: Page, address: str, site: Path
) -> None:
    for folder in sorted(path.parent.name for path in (site / "terms").glob("*/index.html")):
        page.goto(f"{address}terms/{folder}/")
        drawn = page.locator("figure svg")
        assert drawn.count() >= 1, folder
        for index in range(drawn.count()):
            box = drawn.nth(index).bounding_box()
            assert box, folder
            assert box["width"] > 100, folder
            assert box["height"] > 40, folder
        assert page.evaluate("document.documentElement.scrollWidth") <= 1280, folder


def test_the_language_switch_lands_on_the_same_concept(page: Page, address: str) -> None:
    page.goto(address + "terms/rlhf/")
    switch = page.locator(".language-switch")
    switch.get_by_text("繁").click()
    expect(page).to_have_url(address + "zh-Hant/terms/rlhf/")
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hant")
    expect(page.locator("h1")).to_contain_text("基於人類回饋的強化學習")
    switch.get_by_text("EN").click()
    expect(page).to_have_url(address + "en/terms/rlhf/")
    expect(page.locator("h1")).to_contain_text("reinforcement learning from human feedback")
    switch.get_by_text("简").click()
    expect(page).to_have_url(address + "terms/rlhf/")


def test_the_theme_follows_the_system_and_the_reader(browser: Browser, address: str) -> None:
    context = browser.new_context(color_scheme="dark")
    page = context.new_page()
    page.goto(address)
    body = page.locator("body")
    expect(body).to_have_attribute("data-md-color-scheme", "slate")
    page.locator(".theme-switch").click()
    expect(body).to_have_attribute("data-md-color-scheme", "default")
    page.goto(address + "en/terms/rlhf/")
    expect(body).to_have_attribute("data-md-color-scheme", "default")
    context.close()


@pytest.mark.parametrize(
    ("prefix", "query", "slug"),
    [
        ("", "强化学习", "reinforcement-learning"),
        ("zh-Hant/", "強化學習", "reinforcement-learning"),
        ("", "強化學習", "reinforcement-learning"),
        ("en/", "rlhf", "rlhf"),
        ("", "rlhf", "rlhf"),
        ("en/", "reward model", "reward-model"),
        ("zh-Hant/", "reward model", "reward-model"),
    ],
)
def test_search_finds_the_right_page_first(
    page: Page, address: str, prefix: str, query: str, slug: str
) -> None:
    page.goto(address + prefix)
    page.keyboard.press("/")
    page.keyboard.type(query)
    first = page.get_by_role("option").first
    expect(first).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{address}{prefix}terms/{slug}/")


@pytest.mark.parametrize("width", [360, 1280])
def test_the_home_page_opens_the_search(page: Page, address: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 740})
    page.goto(address)
    page.locator(".home-search").click()
    page.keyboard.type("MoE")
    hit = page.get_by_role("option").first
    expect(hit).to_contain_text("混合专家模型")
    expect(hit).to_be_in_viewport(ratio=1)


def test_the_drawer_opens_on_a_phone(page: Page, address: str) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(address + "terms/lora/")
    link = page.locator(".site-nav").get_by_role("link", name="对齐", exact=True)
    expect(link).not_to_be_in_viewport()
    page.locator(".md-header label[for=__drawer]").click()
    expect(link).to_be_in_viewport(ratio=1)
    link.click()
    expect(page).to_have_url(address + "categories/alignment/")


def test_tooltips_open_by_keyboard_and_close_by_escape(page: Page, address: str) -> None:
    page.goto(address + "en/terms/rlhf/")
    term = page.locator("article a.term").first
    definition = "e => getComputedStyle(e, '::after').content"
    assert term.evaluate(definition) == "none"
    page.locator("h1").click()
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('article a.term')"):
            break
    focused = page.locator("a.term:focus")
    expect(focused).to_have_count(1)
    assert focused.evaluate(definition) == json.dumps(focused.get_attribute("data-definition"))
    page.keyboard.press("Escape")
    assert focused.evaluate(definition) == "none"


def test_tooltips_work_without_a_script(browser: Browser, address: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address + "en/terms/rlhf/")
    term = page.locator("article a.term").first
    term.hover()
    shown = term.evaluate("e => getComputedStyle(e, '::after').content")
    assert shown == json.dumps(term.get_attribute("data-definition"))
    context.close()


def test_a_tap_shows_the_definition_and_a_second_follows(browser: Browser, address: str) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 740}, has_touch=True)
    page = context.new_page()
    page.goto(address + "en/terms/rlhf/")
    term = page.locator("article p a.term").first
    target = term.get_attribute("href")
    assert target
    term.tap()
    expect(term).to_have_class("term term--open")
    expect(page).to_have_url(address + "en/terms/rlhf/")
    term.tap()
    expect(page).not_to_have_url(address + "en/terms/rlhf/")
    context.close()


def test_the_index_filters_by_text_level_and_category(page: Page, address: str) -> None:
    page.goto(address + "terms/")
    shown = page.locator(".entry:visible")
    everything = shown.count()
    page.get_by_label("筛选").fill("rlhf")
    assert 0 < shown.count() < everything
    page.get_by_label("筛选").fill("jiang li")
    expect(shown.filter(has_text="奖励模型").first).to_be_visible()
    page.get_by_label("筛选").fill("no such thing")
    expect(page.get_by_role("status").last).to_contain_text("没有")
    page.get_by_label("筛选").fill("")
    page.locator(".index-filter").get_by_text("对齐").click()
    expect(shown.first).to_be_visible()
    assert all(entry.get_attribute("data-category") == "alignment" for entry in shown.all())


def test_the_index_filters_by_keyboard_without_a_script(browser: Browser, address: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address + "en/terms/")
    everything = page.locator(".entry:visible").count()
    page.locator("[name=level][value='']").focus()
    page.keyboard.press("ArrowRight")
    beginner = page.locator(".entry:visible")
    assert 0 < beginner.count() < everything
    assert all(e.get_attribute("data-level") == "beginner" for e in beginner.all())
    context.close()


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("prefix", PREFIXES)
def test_axe_finds_no_violation(
    browser: Browser, address: str, prefix: str, scheme: Scheme
) -> None:
    libraries = vendor.ensure(PROJECT / ".cache" / "vendor", packages=vendor.TEST_LIBRARIES)
    axe = next(path for path in libraries if path.name == "axe.min.js")
    context = browser.new_context(
        viewport={"width": 1280, "height": 900},
        color_scheme=scheme,
        reduced_motion="reduce",
        bypass_csp=True,  # axe itself is a script in the page
    )
    page = context.new_page()
    violations = []
    for path in PAGES:
        page.goto(address + prefix + path)
        page.add_script_tag(path=axe)
        result = page.evaluate("axe.run({resultTypes: ['violations']})")
        violations += [
            f"{prefix}{path}: {v['id']}: {v['help']} {n['target']} {n.get('any', [{}])[:1]}"
            for v in result["violations"]
            for n in v["nodes"][:3]
        ]
    context.close()
    assert violations == []


@pytest.mark.parametrize("script", [True, False])
def test_an_old_address_leads_to_the_section_asked_for(
    browser: Browser, tmp_path: Path, *, script: bool
) -> None:
    for folder, html in (
        ("old", rename.redirect_page("../new/", "name", "en", {"moved": "Moved to"})),
        ("new", "<!doctype html><title>new</title><p id=how>here</p>"),
    ):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "index.html").write_text(html, "utf-8")
    (tmp_path / "favicon.ico").touch()
    context = browser.new_context(java_script_enabled=script)
    with served(tmp_path) as home:
        page, problems = watched(context, (home,))
        page.goto(home + "old/#how")
        # Without a script the browser still finds the page, though not the section.
        expect(page).to_have_url(home + ("new/#how" if script else "new/"))
    context.close()
    assert problems == []


def test_a_diagram_left_to_the_browser_is_drawn_there(browser: Browser, tmp_path: Path) -> None:
    """The way of fences marked `client`, and of platforms without merman."""
    root = make_tree(tmp_path / "project")
    article = root / "docs/terms/gradient-descent/index.zh.md"
    article.write_text(
        article.read_text("utf-8").replace("```mermaid", "```mermaid client"), "utf-8"
    )
    result = build(root)
    assert result.returncode == 0, result.stdout + result.stderr
    requests: list[str] = []
    complaints: list[str] = []
    page = browser.new_page()
    page.on("request", lambda request: requests.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    with served(root / "site") as home:
        page.goto(home + "terms/gradient-descent/")
        expect(page.locator("div.mermaid svg")).to_be_visible(timeout=15_000)
        expect(page.locator("div.mermaid")).to_contain_text("参数")
    assert all(url.startswith(home) for url in requests)
    assert complaints == []  # none about the security policy
    page.close()
