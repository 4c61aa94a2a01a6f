"""The built site: every file, link and machine-readable statement, without a browser."""

from __future__ import annotations

import json
import pickle
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit
from xml.etree.ElementTree import Element

import html5lib
import jsonschema
import pytest
from defusedxml import ElementTree

from conftest import FIXTURE, PROJECT, build, make_tree
from llmglossary.linked_data import glossary_schema
from llmglossary.localize import HTML_LANG, URL_PREFIX
from llmglossary.record import LANGUAGES

BASE = "https://llm-glossary.example/"
HTML = "{http://www.w3.org/1999/xhtml}"


def pages(site: Path) -> list[Path]:
    return sorted(site.rglob("*.html"))


def parse(path: Path) -> Element:
    document: Element = pickle.loads(_parsed(path.read_bytes()))  # noqa: S301 - made below
    return document


@cache
def _parsed(page: bytes) -> bytes:
    # Parsing takes ten times as long as unpacking, and most tests look at all pages.
    return pickle.dumps(html5lib.parse(page.decode()), pickle.HIGHEST_PROTOCOL)


def url_of(site: Path, page: Path) -> str:
    path = page.relative_to(site).as_posix()
    return BASE + (path.removesuffix("index.html") if path.endswith("index.html") else path)


def references(document: Element) -> Iterator[tuple[str, str]]:
    for element in document.iter():
        for name in ("href", "src"):
            value = element.get(name)
            if value is not None and isinstance(element.tag, str):
                yield element.tag.removeprefix(HTML), value


@pytest.fixture(scope="session", params=["fixture_site", "site"])
def any_site(request: pytest.FixtureRequest) -> Path:
    built: Path = request.getfixturevalue(request.param)
    return built


def test_every_internal_link_and_anchor_leads_somewhere(any_site: Path) -> None:
    documents = {url_of(any_site, page): parse(page) for page in pages(any_site)}
    ids = {
        url: {element.get("id") for element in document.iter() if element.get("id")}
        for url, document in documents.items()
    }
    broken = []
    for url, document in documents.items():
        if url.endswith("404.html"):
            continue
        for tag, value in references(document):
            target = urlsplit(urljoin(url, value))
            address = target._replace(fragment="", query="").geturl()
            if not address.startswith(BASE):
                continue
            if address in ids:
                fragment = unquote(target.fragment)
                if tag == "a" and fragment and fragment not in ids[address]:
                    broken.append(f"{url}: no anchor {value}")
            elif not (any_site / unquote(address.removeprefix(BASE))).is_file():
                broken.append(f"{url}: {value}")
    assert broken == []


def test_nothing_is_loaded_from_another_origin(any_site: Path) -> None:
    for page in pages(any_site):
        for element in parse(page).iter():
            if not isinstance(element.tag, str):
                continue
            tag = element.tag.removeprefix(HTML)
            address = element.get("src") or (element.get("href") if tag == "link" else None)
            if address and tag == "link" and element.get("rel") in {"canonical", "alternate"}:
                continue
            assert not address or not urlsplit(address).netloc, f"{page}: {tag} {address}"
    for sheet in any_site.rglob("*.css"):
        assert not re.search(r"url\(\s*[\"']?(https?:)?//", sheet.read_text("utf-8")), sheet


def test_each_page_declares_its_language_and_its_alternates(any_site: Path) -> None:
    for page in pages(any_site):
        document = parse(page)
        url = url_of(any_site, page)
        path = url.removeprefix(BASE)
        language = next(lang for lang in reversed(LANGUAGES) if path.startswith(URL_PREFIX[lang]))
        assert document.get("lang") == HTML_LANG[language], page
        if page.name == "404.html":
            continue
        links = list(document.iter(f"{HTML}link"))
        canonical = [link.get("href") for link in links if link.get("rel") == "canonical"]
        assert canonical == [url], page
        own = path.removeprefix(URL_PREFIX[language])
        alternates = {
            link.get("hreflang"): link.get("href") for link in links if link.get("hreflang")
        }
        assert alternates == {
            "zh-Hans": BASE + own,
            "zh-Hant": f"{BASE}zh-Hant/{own}",
            "en": f"{BASE}en/{own}",
            "x-default": BASE + own,
        }, page


def test_every_language_has_every_page(any_site: Path) -> None:
    found = {
        language: {
            page.relative_to(any_site).as_posix().removeprefix(URL_PREFIX[language])
            for page in pages(any_site)
            if page.relative_to(any_site).as_posix().startswith(URL_PREFIX[language] or "")
            and (language != "zh" or page.relative_to(any_site).parts[0] not in LANGUAGES[1:])
        }
        for language in LANGUAGES
    }
    assert found["zh"] == found["zh-Hant"] == found["en"]
    assert "404.html" in found["zh"]


def test_ids_are_unique_on_each_page(any_site: Path) -> None:
    for page in pages(any_site):
        ids = [e.get("id") for e in parse(page).iter() if e.get("id")]
        repeated = {i for i in ids if ids.count(i) > 1}
        assert not repeated, f"{page}: {repeated}"


def test_no_source_of_formulas_or_diagrams_shows_in_the_text(any_site: Path) -> None:
    for page in pages(any_site):
        if "contribute" in page.parts:
            continue  # those pages explain the notation
        document = parse(page)
        for element in list(document.iter()):
            for child in list(element):
                if child.tag in {f"{HTML}{t}" for t in ("script", "style", "code", "pre")} or (
                    isinstance(child.tag, str) and child.tag.endswith("annotation")
                ):
                    child.text, child[:] = "", []
        text = "".join(document.itertext())
        for trace in ("\\frac", "\\mathbb", "flowchart ", "accTitle", "{#", "/// caption", "[@"):
            assert trace not in text, f"{page}: {trace}"


def test_finished_pages_are_not_parsed_again(any_site: Path) -> None:
    """The mermaid2 plugin parses every page that holds these letters."""
    for page in (any_site / "terms").rglob("*.html"):
        assert "mermaid" not in page.read_text("utf-8"), page


def test_the_sitemap_lists_every_page(any_site: Path) -> None:
    tree = ElementTree.parse(any_site / "sitemap.xml")
    listed = {e.text for e in tree.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")}
    assert listed == {url_of(any_site, p) for p in pages(any_site) if p.name != "404.html"}


def test_glossary_json_satisfies_its_schema(any_site: Path) -> None:
    data = json.loads((any_site / "glossary.json").read_text("utf-8"))
    published = json.loads((PROJECT / "docs/contribute/schema/glossary.json").read_text("utf-8"))
    assert published == glossary_schema()
    jsonschema.Draft202012Validator(published).validate(data)
    for concept in data["concepts"]:
        for language, url in concept["urls"].items():
            page = any_site / url.removeprefix(BASE) / "index.html"
            assert page.is_file(), (language, url)


def test_term_pages_carry_a_defined_term(site: Path) -> None:
    page = parse(site / "en/terms/rlhf/index.html")
    scripts = [s for s in page.iter(f"{HTML}script") if s.get("type") == "application/ld+json"]
    data = json.loads("".join(scripts[0].itertext()))
    assert data["@type"] == "DefinedTerm"
    assert data["name"] == "reinforcement learning from human feedback"
    assert {"RLHF", "基于人类反馈的强化学习"} <= set(data["alternateName"])
    assert data["inDefinedTermSet"] == f"{BASE}en/terms/"
    index = parse(site / "en/terms/index.html")
    scripts = [s for s in index.iter(f"{HTML}script") if s.get("type") == "application/ld+json"]
    data = json.loads("".join(scripts[0].itertext()))
    assert data["@type"] == "DefinedTermSet"
    assert data["@id"] == f"{BASE}en/terms/"
    assert len(data["hasDefinedTerm"]) >= 24


def test_names_from_a_record_cannot_inject_markup(fixture_site: Path) -> None:
    page = (fixture_site / "en/terms/loss-function/index.html").read_text("utf-8")
    assert "error &lt;function&gt;" in page
    assert "error <function>" not in page


def _article(page: Path) -> str:
    """Return what a golden file holds: the article, without what libraries draw."""
    text = page.read_text("utf-8")
    article = text[text.index("<article") : text.index("</article>")]
    article = re.sub(r"<svg.*?</svg>", "<svg/>", article, flags=re.DOTALL)
    article = re.sub(r"<math.*?</math>", "<math/>", article, flags=re.DOTALL)
    return re.sub(r"\n\s*\n+", "\n", article)


GOLDEN = [
    "terms/gradient-descent",
    "zh-Hant/terms/gradient-descent",
    "en/terms/gradient-descent",
    "en/terms/learning-rate",
    "terms/loss-function",
    "zh-Hant/terms/loss-function",
    "zh-Hant/terms",
    "en/categories/training",
]


@pytest.mark.parametrize("path", GOLDEN)
def test_pages_look_as_they_did(fixture_site: Path, path: str, pytestconfig: pytest.Config) -> None:
    golden = FIXTURE / "golden" / (path.replace("/", "_") + ".html")
    text = _article(fixture_site / path / "index.html")
    if pytestconfig.getoption("--update-golden"):
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(text, "utf-8")
    assert text == golden.read_text("utf-8")


def test_a_missing_translation_is_no_page_in_disguise(fixture_site: Path) -> None:
    page = (fixture_site / "en/terms/learning-rate/index.html").read_text("utf-8")
    assert "Not translated yet" in page
    assert '<p class="term-definition" lang="zh-Hans">' in page
    assert "下山" not in page
    assert "<svg" in page


def test_properdocs_builds_the_same_pages(tmp_path: Path, fixture_site: Path) -> None:
    root = make_tree(tmp_path / "project")
    result = build(root, "properdocs")
    assert result.returncode == 0, result.stdout + result.stderr
    theirs = {
        p.relative_to(root / "site").as_posix(): _article(p)
        for p in pages(root / "site")
        if "<article" in p.read_text("utf-8")
    }
    ours = {
        p.relative_to(fixture_site).as_posix(): _article(p)
        for p in pages(fixture_site)
        if "<article" in p.read_text("utf-8")
    }
    assert theirs == ours


def test_a_build_leaves_no_trace_in_the_sources(fixture_site: Path) -> None:
    """Nothing derived is written below docs/, apart from vendored libraries."""
    docs = fixture_site.parent / "docs"
    assert list(docs.rglob("index.zh-Hant.md")) == []
    result = subprocess.run(
        ["git", "status", "--porcelain", "--", "docs"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "vendor" not in result.stdout


def test_term_pages_lead_to_their_source_and_to_a_prefilled_report(site: Path) -> None:
    page = (site / "zh-Hant/terms/rlhf/index.html").read_text("utf-8")
    repository = "https://git.example/llm-glossary"
    # A derived page is edited where it is written.
    assert f'href="{repository}/edit/main/docs/terms/rlhf/index.zh.md"' in page
    report = f"{repository}/issues/new?template=error.yml&amp;title=rlhf%3A+&amp;term=rlhf"
    assert f'href="{report}&amp;language=zh-Hant"' in page
