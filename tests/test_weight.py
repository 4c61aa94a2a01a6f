"""What a first visit costs, what the security policy stops, and what pruning must not change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Literal

import brotli
import lightningcss
import pytest
from playwright.sync_api import Browser, Page, Response

from bench.browser import served
from conftest import PROJECT

pytestmark = pytest.mark.browser


@dataclass(frozen=True)
class Budget:
    """Limits of a first visit before any interaction.

    Attributes:
        requests: All, with the icon.
        bytes: Of all bodies, compressed with Brotli.
    """

    requests: int
    bytes: int


# The one place for limits. The index grows with the glossary and so has room to.
BUDGETS = {
    "": Budget(4, 30_000),
    "terms/": Budget(4, 60_000),
    "terms/rlhf/": Budget(4, 35_000),
    "en/terms/lora/": Budget(4, 38_000),
    "paths/for-colleagues/": Budget(4, 30_000),
}
SHARED = {".css": 12_800, ".js": 8_500}
KINDS = [*BUDGETS, "categories/", "categories/alignment/", "contribute/write-a-page/"]

OBSERVE = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) =>
  violations.push(`${event.violatedDirective}: ${event.blockedURI} ${event.sample}`));
window.shifts = [];
new PerformanceObserver((list) => list.getEntries().forEach((entry) =>
  shifts.push([entry.value, ...entry.sources.map((source) => source.node?.outerHTML?.slice(0, 99))])
)).observe({ type: "layout-shift", buffered: true });
"""
COMPUTED = """() => {
  const shown = (element, part) => {
    const style = getComputedStyle(element, part);
    return Array.from(style, (name) => `${name}: ${style.getPropertyValue(name)}`)
      .filter((line) => !line.startsWith("--"));
  };
  // Of elements that no rule can tell apart, such as the entries of a list, one is looked at.
  const own = (e) => [e.tagName, e.className, ...e.getAttributeNames()].join(" ");
  const kind = (e) => {
    const place = [e.matches(":first-child"), e.matches(":last-child"), e.matches(":empty")];
    let above = "";
    for (let up = e.parentElement; up; up = up.parentElement) above += own(up) + ">";
    return [own(e), e.dataset.level, e.dataset.category, place, above].join("|");
  };
  const all = [...document.querySelectorAll("body, body :not(svg *, math *)")];
  return [...new Map(all.map((element) => [kind(element), element])).values()].map((element) => [
    element.cloneNode().outerHTML?.slice(0, 120) ?? "",
    ...[null, "::before", "::after"].map((part) => shown(element, part).join("\\n")),
  ]);
}"""


def weight(body: bytes) -> int:
    return len(brotli.compress(body, quality=10))


@pytest.fixture(scope="session")
def address(site: Path) -> Iterator[str]:
    with served(site) as address:
        yield address


@pytest.mark.parametrize("path", BUDGETS)
def test_a_first_visit_stays_within_its_budget(browser: Browser, address: str, path: str) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    responses: list[Response] = []
    page.on("response", lambda response: responses.append(response))  # noqa: PLW0108 - playwright marks the function
    page.goto(address + path, wait_until="networkidle")
    icon = page.locator("link[rel=icon]").evaluate("link => link.href")
    bodies = {response.url: response.body() for response in responses}
    # Chromium without a window does not ask for the icon.
    bodies.setdefault(icon, context.request.get(icon).body())
    weights = {url.removeprefix(address): weight(body) for url, body in bodies.items()}
    context.close()
    assert all(url.startswith(address) for url in bodies)
    assert len(weights) <= BUDGETS[path].requests, weights
    assert sum(weights.values()) <= BUDGETS[path].bytes, weights
    for url, size in weights.items():
        assert size <= SHARED.get(Path(url).suffix, size), url


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_moves_while_a_page_loads(browser: Browser, address: str, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 844}, color_scheme="light")
    context.add_init_script('localStorage.setItem("theme", "slate")')
    context.add_init_script(OBSERVE)
    page = context.new_page()
    for path in KINDS:
        page.goto(address + path, wait_until="networkidle")
        assert page.locator("body").get_attribute("data-md-color-scheme") == "slate"
        assert page.evaluate("shifts") == [], path
    context.close()


@pytest.mark.parametrize("prefix", ["", "zh-Hant/", "en/"])
def test_the_security_policy_is_never_violated(browser: Browser, address: str, prefix: str) -> None:
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    context.add_init_script(OBSERVE)
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    for path in ("terms/", "paths/", "categories/alignment/", "contribute/rules/", "404.html"):
        page.goto(address + prefix + path)
        assert page.evaluate("violations") == [], path
    page.goto(f"{address}{prefix}terms/lora/")
    use(page)
    assert page.evaluate("violations") == []
    assert complaints == []
    context.close()


def use(page: Page) -> None:
    """Do on a term page all that scripts do there."""
    page.locator(".theme-switch").click()
    page.locator("article p a.term").first.hover()
    page.locator("article p a.term").first.focus()
    page.keyboard.press("Escape")
    for button in page.locator(".copy").all():
        button.click()
    page.mouse.wheel(0, 2000)
    page.keyboard.press("/")
    page.keyboard.type("xxyyzz")
    page.locator(".glossary-search__none a").first.wait_for()
    page.keyboard.press("Control+A")
    page.keyboard.type("lora")
    page.get_by_role("option").first.wait_for()


def test_an_injected_script_does_not_run(browser: Browser, address: str) -> None:
    context = browser.new_context()
    context.add_init_script(OBSERVE)
    page = context.new_page()
    page.route(
        "**/terms/lora/",
        lambda route: route.fulfill(
            body=route.fetch().text().replace("</h1>", "</h1><script>window.ran = 1</script>"),
            content_type="text/html",
        ),
    )
    page.goto(f"{address}terms/lora/")
    assert page.evaluate("window.ran") is None
    assert len(page.evaluate("violations")) == 1
    context.close()


def test_pages_work_from_a_folder(browser: Browser, site: Path) -> None:
    """A file is 'self' to Chromium; other browsers may see it differently."""
    context = browser.new_context()
    context.add_init_script(OBSERVE)
    page = context.new_page()
    page.goto((site / "terms/lora/index.html").as_uri())
    page.keyboard.press("/")
    page.keyboard.type("lora")
    page.get_by_role("option").first.wait_for()
    assert page.evaluate("violations") == []
    context.close()


def complete_sheet() -> str:
    """Return the style sheet with all of the theme's rules, minified in the same way."""
    theme = Path(str(files("material"))) / "templates/assets/stylesheets"
    sheets = [next(theme.glob(f"{name}.*.css")) for name in ("main", "palette")]
    sheets += [
        PROJECT / "docs/assets" / name
        for name in ("site.css", "diagrams.css", "formulas.css", "search.css")
    ]
    return lightningcss.process_stylesheet("\n".join(path.read_text("utf-8") for path in sheets))


@pytest.mark.parametrize(
    ("path", "width", "scheme"),
    [
        ("", 390, "light"),
        ("terms/rlhf/", 1280, "dark"),
        ("en/terms/lora/", 390, "light"),
        ("terms/", 1280, "light"),
        ("paths/for-engineers/", 390, "dark"),
        ("contribute/write-a-page/", 1280, "light"),
    ],
)
def test_pruning_changes_no_element(
    browser: Browser, address: str, path: str, width: int, scheme: Literal["light", "dark"]
) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, reduced_motion="reduce"
    )
    pruned = context.new_page()
    pruned.goto(address + path)
    complete = context.new_page()
    complete.route(
        "**/assets/site.*.css",
        lambda route: route.fulfill(body=complete_sheet(), content_type="text/css"),
    )
    complete.goto(address + path)
    differing = []
    for ours, theirs in zip(pruned.evaluate(COMPUTED), complete.evaluate(COMPUTED), strict=True):
        lines = {
            line
            for mine, other in zip(ours[1:], theirs[1:], strict=True)
            for line in set(mine.split("\n")) ^ set(other.split("\n"))
        }
        if lines:
            differing.append((ours[0], sorted(lines)))
    context.close()
    assert differing == []
