"""The EPUB: what readers' programs find in it, and that nothing half-made is ever written."""

from __future__ import annotations

import io
import json
import re
import subprocess
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import cast
from urllib.parse import unquote, urlsplit
from xml.etree.ElementTree import Element

import pytest
from defusedxml import ElementTree

from conftest import PROJECT, make_tree
from llmglossary import diagrams
from llmglossary.book import content, drawing, epub, names
from llmglossary.book.problems import BookError
from llmglossary.load import load
from llmglossary.localize import HTML_LANG
from llmglossary.record import LANGUAGES, Language

XHTML = "{http://www.w3.org/1999/xhtml}"
SVG = "{http://www.w3.org/2000/svg}"
MATHML = "{http://www.w3.org/1998/Math/MathML}"
OPF = "{http://www.idpf.org/2007/opf}"
DC = "{http://purl.org/dc/elements/1.1/}"
TYPE = "{http://www.idpf.org/2007/ops}type"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
# A PNG of one pixel.
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415408d763f8"
    "cfc0000003010100c9fe92ef0000000049454e44ae426082"
)


@dataclass
class Made:
    """A book, and the EPUB made of it."""

    book: content.Book
    path: Path
    files: dict[str, bytes]

    def document(self, name: str) -> Element:
        root: Element = ElementTree.fromstring(self.files[f"EPUB/{name}"])
        return root

    @property
    def pages(self) -> dict[str, Element]:
        return {
            name.removeprefix("EPUB/"): self.document(name.removeprefix("EPUB/"))
            for name in self.files
            if name.endswith(".xhtml")
        }

    @property
    def package(self) -> Element:
        return self.document("package.opf")


def _make(root: Path, target: Path, language: Language, **part: object) -> Made:
    glossary, _ = load(root)
    book = content.build(glossary, language, **part)  # type: ignore[arg-type]
    path = target / f"{language}.epub"
    epub.write(book, path)
    with zipfile.ZipFile(path) as packed:
        assert packed.testzip() is None
        return Made(book, path, {name: packed.read(name) for name in packed.namelist()})


@pytest.fixture(scope="session", params=LANGUAGES)
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Made:
    """The whole book of the real project."""
    return _make(PROJECT, tmp_path_factory.mktemp("epub"), cast("Language", request.param))


@pytest.fixture(scope="session", params=LANGUAGES)
def small(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Made:
    """The book of the fixture, with a concept not translated and sections of lesser concepts."""
    folder = tmp_path_factory.mktemp("small")
    return _make(make_tree(folder / "project"), folder, cast("Language", request.param))


def _check(command: list[str], path: Path) -> None:
    report = path.with_suffix(".json")
    done = subprocess.run(
        [*command, str(path), "--json", str(report), "--quiet"],
        capture_output=True,
        text=True,
        check=False,
    )
    messages = json.loads(report.read_text("utf-8"))["messages"]
    assert [(m["severity"], m["message"], m["locations"][:1]) for m in messages] == []
    assert done.returncode == 0, done.stdout + done.stderr


def test_epubcheck_finds_nothing(made: Made, epubcheck: list[str]) -> None:
    _check(epubcheck, made.path)


def test_epubcheck_finds_nothing_in_unfinished_books(small: Made, epubcheck: list[str]) -> None:
    _check(epubcheck, small.path)


def test_the_container_is_what_readers_expect(made: Made) -> None:
    with zipfile.ZipFile(made.path) as packed:
        first = packed.infolist()[0]
        assert (first.filename, first.compress_type) == ("mimetype", zipfile.ZIP_STORED)
        assert packed.read("mimetype") == b"application/epub+zip"
        day = made.book.edition.date
        assert {i.date_time for i in packed.infolist()} == {(day.year, day.month, day.day, 0, 0, 0)}


def test_the_same_sources_make_the_same_bytes(tmp_path: Path) -> None:
    root = make_tree(tmp_path / "project")
    first = _make(root, tmp_path, "zh").path.read_bytes()
    assert _make(root, tmp_path, "zh").path.read_bytes() == first


def test_contents_spine_and_book_are_in_the_same_order(made: Made) -> None:
    nav = made.document("nav.xhtml")
    toc = next(n for n in nav.iter(f"{XHTML}nav") if n.get(TYPE) == "toc")
    listed = [a.get("href") for a in toc.iter(f"{XHTML}a")]
    expected = ["about.xhtml"]
    for chapter in made.book.chapters:
        expected.append(epub.category_file(chapter.key))
        expected += [epub.concept_file(concept.slug) for concept in chapter.concepts]
    expected.append("bibliography.xhtml")
    expected += [f"names-{language}.xhtml" for language in names.indexes(made.book)]
    expected.append("colophon.xhtml")
    assert listed == expected
    hrefs = {i.get("id"): i.get("href") for i in made.package.iter(f"{OPF}item")}
    spine = [hrefs[i.get("idref")] for i in made.package.iter(f"{OPF}itemref")]
    assert spine == ["cover.xhtml", "nav.xhtml", *expected]
    # The first level names the categories, the second their concepts.
    top = toc.find(f"{XHTML}ol")
    assert top is not None
    titles = [li.find(f"{XHTML}a") for li in top]
    assert [c.title for c in made.book.chapters] == [
        a.text for a in titles if a is not None and (a.get("href") or "").startswith("c-")
    ]


def test_landmarks_and_list_of_diagrams_lead_somewhere(made: Made) -> None:
    nav = made.document("nav.xhtml")
    kinds = {n.get(TYPE): n for n in nav.iter(f"{XHTML}nav")}
    assert set(kinds) == {"toc", "loi", "landmarks"}
    landmarks = {a.get(TYPE) for a in kinds["landmarks"].iter(f"{XHTML}a")}
    assert landmarks == {"cover", "toc", "bodymatter", "bibliography", "index"}
    listed = list(kinds["loi"].iter(f"{XHTML}a"))
    drawn = [svg for page in made.pages.values() for svg in page.iter(f"{SVG}svg")]
    assert len(listed) == len(drawn) >= len(made.book.concepts)
    # The chapters are drawn too.
    assert any((a.get("href") or "").startswith("c-alignment") for a in listed)


def _links(page: Element) -> Iterator[str]:
    for element in page.iter():
        for name in ("href", "src"):
            value = element.get(name)
            if value:
                yield value


def test_every_link_leads_to_a_place_in_the_book(made: Made) -> None:
    _check_links(made)


def test_every_link_leads_to_a_place_in_an_unfinished_book(small: Made) -> None:
    _check_links(small)


def _check_links(made: Made) -> None:
    pages = made.pages
    ids = {name: {e.get("id") for e in page.iter() if e.get("id")} for name, page in pages.items()}
    for own, page in pages.items():
        found = [e.get("id") for e in page.iter() if e.get("id")]
        assert len(found) == len(set(found)), f"{own} has an id twice"
        for value in _links(page):
            parts = urlsplit(value)
            if parts.scheme:
                assert parts.scheme in {"https", "http", "mailto"}, value
                assert not value.startswith(made.book.edition.address + "terms/"), value
                continue
            target = unquote(parts.path) or own
            assert f"EPUB/{target}" in made.files, f"{own}: {value}"
            if parts.fragment:
                assert parts.fragment in ids[target], f"{own}: {value}"


def test_the_package_lists_each_file_once_and_says_what_it_holds(made: Made) -> None:
    items = {i.get("href") or "": i for i in made.package.iter(f"{OPF}item")}
    packed = {name.removeprefix("EPUB/") for name in made.files if name.startswith("EPUB/")}
    assert set(items) == packed - {"package.opf"}
    for name, page in made.pages.items():
        properties = set((items[name].get("properties") or "").split())
        assert ("mathml" in properties) == (next(page.iter(f"{MATHML}math"), None) is not None)
        assert ("svg" in properties) == (next(page.iter(f"{SVG}svg"), None) is not None)
    assert items["nav.xhtml"].get("properties") == "nav"
    assert items["cover.svg"].get("properties") == "cover-image"


def test_title_language_and_accessibility_are_declared(made: Made) -> None:
    package = made.package
    tag = HTML_LANG[made.book.language]
    assert package.findtext(f".//{DC}language") == tag
    assert package.findtext(f".//{DC}title") == made.book.edition.title
    assert (package.findtext(f".//{DC}identifier") or "").startswith("urn:uuid:")
    declared: dict[str, set[str]] = {}
    for meta in package.iter(f"{OPF}meta"):
        declared.setdefault(meta.get("property") or "", set()).add(meta.text or "")
    assert declared["schema:accessMode"] == {"textual", "visual"}
    assert declared["schema:accessModeSufficient"] == {"textual"}
    assert {"MathML", "alternativeText", "tableOfContents", "index", "structuralNavigation"} <= (
        declared["schema:accessibilityFeature"]
    )
    assert declared["schema:accessibilityHazard"] == {"none"}
    assert declared["schema:accessibilitySummary"] == {made.book.strings["book_accessibility"]}
    assert "dcterms:conformsTo" not in declared, "nobody has certified it"


def test_every_passage_declares_its_language(made: Made) -> None:
    tag = HTML_LANG[made.book.language]
    for name, page in made.pages.items():
        assert page.get("lang") == page.get(LANG) == tag, name
        for element in page.iter():
            assert element.get("lang") == element.get(LANG), name
    page = made.pages[epub.concept_file("rlhf")]
    cells = [td for td in page.iter(f"{XHTML}td") if td.get("lang")]
    assert [td.get("lang") for td in cells] == ["zh-Hans", "zh-Hant", "en"]
    sources = next(s for s in page.iter(f"{XHTML}section") if s.get(TYPE) == "bibliography")
    foreign = None if tag == "en" else "en"
    assert {li.get("lang") for li in sources.iter(f"{XHTML}li")} == {foreign}


def test_each_concept_says_what_its_page_says(made: Made) -> None:
    pages = made.pages
    for concept in made.book.concepts:
        page = pages[epub.concept_file(concept.slug)]
        heading = page.find(f".//{XHTML}h1")
        assert heading is not None
        assert (heading.text or "").strip() == concept.page.name
        ids = {e.get("id") for e in page.iter()}
        assert concept.article is not None
        assert {h.id for h in concept.article.headings} <= ids, concept.slug
        assert {"names", "related", "sources"} <= ids
        assert {f"ref-{n + 1}" for n in range(len(concept.page.references))} <= ids
        formulas = list(page.iter(f"{MATHML}math"))
        assert len(formulas) == concept.html.count("<math")
        assert all(formula.get("alttext") for formula in formulas)
        assert len(list(page.iter(f"{SVG}svg"))) == concept.html.count("<svg")


def test_no_source_of_formulas_or_diagrams_and_no_tooltip_shows(made: Made) -> None:
    for name, page in made.pages.items():
        for element in list(page.iter()):
            for child in list(element):
                if child.tag in {f"{XHTML}pre", f"{XHTML}code", f"{MATHML}annotation"}:
                    child.text, child[:] = "", []
        text = "".join(page.itertext())
        for trace in ("\\frac", "\\mathbb", "flowchart ", "accTitle", "{#", "/// caption", "[@"):
            assert trace not in text, f"{name}: {trace}"
        assert not [e for e in page.iter() if e.get("data-definition") or e.get("tabindex")]


def test_drawings_have_names_descriptions_and_their_colours(made: Made) -> None:
    for name, page in made.pages.items():
        for svg in page.iter(f"{SVG}svg"):
            title, description = svg.find(f"{SVG}title"), svg.find(f"{SVG}desc")
            assert title is not None
            assert title.text, name
            assert description is not None
            assert description.text, name
            values = [value for element in svg.iter() for value in element.attrib.values()]
            assert not [v for v in values if "var(" in v or "color-mix(" in v], name
            shapes = [e for e in svg.iter() if "shape" in (e.get("class") or "").split()]
            assert all((e.get("fill") or "").startswith("#") for e in shapes), name


@pytest.mark.parametrize(
    "source",
    [
        'pie title 份额\n  "甲" : 60\n  "乙" : 40\n',
        "xychart-beta\n  x-axis [a, b]\n  y-axis 0 --> 4\n  bar [1, 3]\n  line [2, 4]\n",
        "timeline\n  2017 : Transformer\n  2020 : GPT-3\n",
        "sequenceDiagram\n  a->>b: x\n  Note over a: y\n",
    ],
    ids=lambda source: source.split()[0],
)
def test_every_kind_of_diagram_is_painted(source: str) -> None:
    drawn = diagrams.render(source, id="d")
    svg = ElementTree.fromstring(drawn[drawn.index("<svg") : drawn.rindex("</svg>") + 6])
    drawing.paint(svg)
    colours = {
        element.get(name)
        for element in svg.iter()
        for name in ("fill", "stroke")
        if element.get(name)
    }
    assert len(colours) > 3
    for colour in colours:
        assert re.fullmatch(r"none|#[0-9a-f]{3,6}", str(colour)), colour


# --- the index of names ------------------------------------------------------------------------


def test_the_index_has_each_name_and_sends_rejected_ones_on(made: Made) -> None:
    for language, letters in names.indexes(made.book).items():
        lines = [name for letter in letters for name in letter.names]
        assert len(lines) == len({(n.text, n.slug, n.anchor) for n in lines})
        for concept in made.book.concepts:
            own = concept.concept.record.names.get(language)
            mine = {n.text: n for n in lines if n.slug == concept.slug and n.anchor is None}
            assert set(own.accepted) <= set(mine)
            assert all(mine[text].see is None for text in own.accepted)
            for rejected in own.rejected:
                if rejected.name not in own.accepted:
                    assert mine[rejected.name].see == own.preferred
        page = made.pages[f"names-{language}.xhtml"]
        shown = [e for e in page.iter(f"{XHTML}li") if e.get(TYPE) == "index-entry"]
        assert len(shown) == len(lines)
        assert {a.get("lang") for li in shown for a in li.iter(f"{XHTML}a")} == {
            HTML_LANG[language]
        }
    initials = [letter.initial for letter in names.index(made.book, "en")]
    assert initials == sorted(initials, key=lambda initial: (initial == "#", initial))
    assert next(iter(names.indexes(made.book))) == made.book.language


def test_the_index_reads_chinese_names_aloud(made: Made) -> None:
    def reading(language: Language, text: str) -> str | None:
        letters = names.index(made.book, language)
        found = [n for letter in letters for n in letter.names if n.text == text]
        return found[0].reading

    assert reading("zh", "奖励模型") == "jiǎng lì mó xíng"
    assert reading("zh-Hant", "獎勵模型") == "ㄐㄧㄤˇ ㄌㄧˋ ㄇㄛˊ ㄒㄧㄥˊ"
    assert reading("zh", "Transformer") is None


# --- parts, and what cannot be done --------------------------------------------------------------


def test_a_part_sends_other_links_to_the_site(tmp_path: Path, epubcheck: list[str]) -> None:
    made = _make(PROJECT, tmp_path, "en", terms=["rlhf", "ppo"])
    page = made.pages[epub.concept_file("rlhf")]
    hrefs = set(_links(page))
    assert epub.concept_file("ppo") in hrefs
    assert f"{made.book.edition.address}en/terms/reward-model/" in hrefs
    assert f"{made.book.edition.address}en/terms/reward-model/#overoptimization" in hrefs
    whole = _make(PROJECT, tmp_path, "en", category="alignment")
    identifiers = [m.package.findtext(f".//{DC}identifier") for m in (made, whole)]
    assert identifiers[0] != identifiers[1]
    titles = [m.package.findtext(f".//{DC}title") for m in (made, whole)]
    assert titles == [
        "LLM Glossary · reinforcement learning from human feedback …",
        "LLM Glossary · Alignment",
    ]
    _check(epubcheck, made.path)


def _article(root: Path) -> Path:
    return root / "docs/terms/gradient-descent/index.zh.md"


def test_an_image_goes_along(tmp_path: Path, epubcheck: list[str]) -> None:
    root = make_tree(tmp_path / "project")
    article = _article(root)
    (article.parent / "a b.png").write_bytes(PIXEL)
    text = article.read_text("utf-8") + "\n![一个点](a%20b.png){width=1 height=1}\n"
    article.write_text(text, "utf-8")
    made = _make(root, tmp_path, "zh")
    assert made.files["EPUB/images/gradient-descent-1.png"] == PIXEL
    _check(epubcheck, made.path)


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("```mermaid\n", "```mermaid client\n", "book-diagram"),
        ("## ", "![点](missing.png){width=1 height=1}\n\n## ", "book-image"),
        ("## ", "![点](a.tiff){width=1 height=1}\n\n## ", "book-image"),
        ("## ", "[表](../../assets/table.csv)\n\n## ", "book-link"),
    ],
)
def test_what_cannot_be_put_in_is_named_with_its_line(
    tmp_path: Path, old: str, new: str, code: str
) -> None:
    root = make_tree(tmp_path / "project")
    article = _article(root)
    text = article.read_text("utf-8").replace(old, new, 1)
    article.write_text(text, "utf-8")
    glossary, _ = load(root)
    target = tmp_path / "book.epub"
    with pytest.raises(BookError) as caught:
        epub.write(content.build(glossary, "zh"), target)
    (problem,) = caught.value.problems
    assert (problem.path, problem.code) == ("docs/terms/gradient-descent/index.zh.md", code)
    assert text.splitlines()[problem.line - 1] == new.splitlines()[0]
    assert problem.fix
    assert not target.exists()


def test_named_characters_become_characters() -> None:
    from llmglossary.book.xhtml import plain_entities  # noqa: PLC0415

    assert plain_entities("a&nbsp;b &amp; &lt;c&gt; &eacute; &#8217;") == (
        "a\u00a0b &amp; &lt;c&gt; é &#8217;"
    )
    assert io.BytesIO(plain_entities("&unknown;").encode()).read() == b"&unknown;"
