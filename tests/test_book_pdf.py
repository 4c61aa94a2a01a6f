"""The PDF: what a reader finds in it, opened and read back."""

from __future__ import annotations

import io
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from functools import cached_property
from pathlib import Path
from typing import Any, cast

import pikepdf
import pypdf
import pytest

from conftest import PROJECT, make_tree
from llmglossary import formulas
from llmglossary.book import content, joining, pdf, typst_formula, typst_writer
from llmglossary.book.problems import BookError
from llmglossary.load import load
from llmglossary.record import LANGUAGES, Language
from llmglossary.store import Store

# Articles with formulas, tables, listings, lists and links among each other.
SELECTION = ("token", "self-attention", "reward-model", "rlhf", "lora")
TAGS = {"zh": "zh-CN", "zh-Hant": "zh-TW", "en": "en-US"}
CACHE = PROJECT / ".cache"


@dataclass
class Made:
    """A book, and the PDF made of it."""

    book: content.Book
    path: Path
    count: int

    @cached_property
    def reader(self) -> pypdf.PdfReader:
        return pypdf.PdfReader(self.path)

    @cached_property
    def texts(self) -> list[str]:
        return [page.extract_text() for page in self.reader.pages]

    @cached_property
    def file(self) -> pikepdf.Pdf:
        return pikepdf.open(self.path)

    @cached_property
    def outline(self) -> list[tuple[int, str, int]]:
        """Depth, title and page (from 1) of every bookmark."""

        def walk(items: list[Any], depth: int) -> Iterator[tuple[int, str, int]]:
            for item in items:
                if isinstance(item, list):
                    yield from walk(item, depth + 1)
                else:
                    page = self.reader.get_destination_page_number(item)
                    assert page is not None
                    yield depth, str(item.title), page + 1

        return list(walk(self.reader.outline, 1))

    def page_of(self, name: str) -> int:
        """Return the page (from 1) of a named destination."""
        page = self.reader.get_destination_page_number(self.reader.named_destinations[name])
        assert page is not None
        return page + 1


def _book(root: Path, language: Language, terms: tuple[str, ...] | None = None) -> content.Book:
    glossary, problems = load(root)
    assert not [p for p in problems if p.severity == "error"]
    return content.build(glossary, language, terms=terms)


def _write(book: content.Book, path: Path, cache: Path = CACHE, most: float | None = None) -> Made:
    """Make a PDF, in parts of at most so many concepts."""
    with pytest.MonkeyPatch.context() as patch:
        if most is not None:
            patch.setattr(pdf, "_MOST", most)
        return Made(book, path, pdf.write(book, path, cache=cache))


def _make(root: Path, folder: Path, language: Language) -> Made:
    return _write(_book(root, language), folder / f"{language}.pdf")


@pytest.fixture(scope="module", params=LANGUAGES)
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A book of some concepts of the real glossary, joined of several parts."""
    book = _book(PROJECT, cast("Language", request.param), SELECTION)
    return _write(book, tmp_path_factory.mktemp("pdf") / "book.pdf", most=1.5)


def _squeezed(text: str) -> str:
    """Return a text without what lines and pages put between its words."""
    return re.sub(r"\s+", "", re.sub(r"-\n(?=[a-z])", "", text))


def test_pages_are_counted_and_the_file_says_what_it_is(made: Made) -> None:
    assert made.count == len(made.reader.pages) > len(SELECTION) * 3
    root, edition = made.file.Root, made.book.edition
    assert str(root.Lang) == TAGS[made.book.language]
    assert bool(root.MarkInfo.Marked)
    assert root.StructTreeRoot
    info = made.file.docinfo
    assert str(info.Title) == edition.title
    assert str(info.Author) == made.book.strings["book_author"]
    assert str(info.Subject) == edition.description
    metadata = bytes(root.Metadata.read_bytes()).decode()
    assert "<pdfuaid:part>1</pdfuaid:part>" in metadata
    assert "<pdfaid:part>2</pdfaid:part>" in metadata
    assert "<pdfaid:conformance>A</pdfaid:conformance>" in metadata


def test_the_outline_is_the_book(made: Made) -> None:
    expected = []
    for chapter in made.book.chapters:
        expected.append((1, chapter.title))
        for concept in chapter.concepts:
            name, short = concept.page.name, concept.page.abbreviation
            expected.append((2, f"{name} {short}" if short and short != name else name))
    words = made.book.strings
    start = [(1, words["book_about"]), (1, words["book_contents"])]
    end = [words[f"book_index_{language}"] for language in LANGUAGES]
    bookmarks = [(depth, title) for depth, title, _ in made.outline]
    assert bookmarks[: 2 + len(expected)] == start + expected
    assert {title for depth, title in bookmarks if depth == 2} >= set(end)
    pages = [page for _, _, page in made.outline]
    assert pages == sorted(pages)
    # Every bookmark lands where its title stands.
    for _, title, page in made.outline:
        assert _squeezed(title) in _squeezed(made.texts[page - 1])


def test_the_contents_list_what_the_outline_has(made: Made) -> None:
    maker = pdf._Maker(made.book, pdf._PAPERS["a4"], CACHE, Store(None))
    expected = [re.findall(r'^\((\d), "(.+?)", ', entry)[0] for entry in maker._listed()]
    listed = [entry for entry in made.outline if entry[1] != made.book.strings["book_contents"]]
    assert [int(level) for level, _ in expected] == [level for level, *_ in listed]
    for (_, title), (_, found, _) in zip(expected, listed, strict=True):
        assert found.startswith(title)


def test_contents_name_the_pages_where_things_are(made: Made) -> None:
    start = made.page_of("contents")
    first_chapter = made.page_of(f"chapter:{made.book.chapters[0].key}")
    contents = _squeezed("\n".join(made.texts[start - 1 : first_chapter - 1]))
    for _, title, page in made.outline:
        if title != made.book.strings["book_contents"]:
            assert re.search(re.escape(_squeezed(title)) + rf"[.\s]*{page}", contents), title
    # The number printed at the foot of a page is the one that the contents count by.
    for number, text in enumerate(made.texts[1:], 2):
        assert text.rstrip().endswith(str(number))


def test_index_names_the_pages_where_concepts_are(made: Made) -> None:
    start, end = made.page_of("index"), made.page_of("diagrams")
    index = _squeezed("\n".join(made.texts[start - 1 : end - 1]))
    for concept in made.book.concepts:
        page = made.page_of(f"term:{concept.slug}")
        for language in LANGUAGES:
            name = _squeezed(concept.concept.name(language))
            # The reading stands between, in Chinese.
            assert re.search(re.escape(name) + rf"[^0-9]*{page}", index), (name, page)


def test_references_name_the_pages_where_concepts_are(made: Made) -> None:
    """Those in articles too, whichever part they lead to."""
    before, after = made.book.strings["book_page"].split("{page}")
    pages = {_squeezed(c.page.name): made.page_of(f"term:{c.slug}") for c in made.book.concepts}
    names = "|".join(sorted(map(re.escape, pages), key=len, reverse=True))
    pattern = f"({names})→{re.escape(_squeezed(before))}(\\d+){re.escape(_squeezed(after))}"
    found = re.findall(pattern, _squeezed("".join(made.texts)))
    assert len(found) > len(SELECTION)
    for name, number in found:
        assert pages[name] == int(number), name


def test_every_internal_link_lands_on_what_it_names(made: Made) -> None:
    found = 0
    slugs = {concept.slug: concept for concept in made.book.concepts}
    for page in made.file.pages:
        for annotation in page.get("/Annots", []):
            target = annotation.get("/Dest")
            if target is None:
                continue
            number = made.page_of(str(target)) if isinstance(target, pikepdf.String) else 0
            kind, _, name = str(target).partition(":")
            if kind != "term" or not number:
                continue
            concept = slugs[name.split(":")[0]]
            # Running heads carry the concept's name on all of its pages.
            assert _squeezed(concept.page.name) in _squeezed(made.texts[number - 1])
            found += 1
    assert found > 4 * len(SELECTION)


def test_the_file_is_sound_and_has_no_address_of_the_typesetter_left(made: Made) -> None:
    assert made.file.check_pdf_syntax() == []
    actions = [
        str(annotation.A.get("/URI"))
        for page in made.file.pages
        for annotation in page.get("/Annots", [])
        if "/A" in annotation
    ]
    assert actions
    assert not [action for action in actions if not re.match("https?://", action)]
    # What is read out for a link is where it leads.
    told = [
        str(annotation.Contents)
        for page in made.file.pages
        for annotation in page.get("/Annots", [])
        if str(annotation.get("/Dest")).startswith("term:")
    ]
    assert {concept.page.name for concept in made.book.concepts} <= set(told)


def test_all_fonts_are_embedded_and_no_glyph_is_missing(made: Made) -> None:
    fonts = [
        obj
        for obj in made.file.objects
        if isinstance(obj, pikepdf.Dictionary) and obj.get("/Type") == "/FontDescriptor"
    ]
    assert fonts
    for font in fonts:
        assert any(key in font for key in ("/FontFile", "/FontFile2", "/FontFile3"))
        # Subset: the name starts with six letters and a plus.
        assert re.match(r"/[A-Z]{6}\+", str(font.FontName))
    assert not any("\ufffd" in text or "\u25a1" in text for text in made.texts)
    # Glyph 0 is .notdef: no text shows it.
    for page in made.file.pages:
        for instruction in pikepdf.parse_content_stream(page):
            if str(instruction.operator) not in {"Tj", "TJ"}:
                continue
            shown: Any = instruction.operands
            for part in shown[0] if str(instruction.operator) == "TJ" else shown:
                if isinstance(part, pikepdf.String):
                    codes = bytes(part)
                    assert b"\0\0" not in [codes[i : i + 2] for i in range(0, len(codes), 2)]


def test_no_picture_is_made_of_pixels(made: Made) -> None:
    images = [
        obj
        for obj in made.file.objects
        if isinstance(obj, pikepdf.Stream) and obj.get("/Subtype") == "/Image"
    ]
    assert images == []


def test_formulas_and_diagrams_are_all_there_with_a_description(made: Made) -> None:
    alternatives: dict[str, list[str]] = {}
    for obj in made.file.objects:
        if isinstance(obj, pikepdf.Dictionary) and "/S" in obj and "/Alt" in obj:
            alternatives.setdefault(str(obj.S), []).append(str(obj.Alt))
    roots = [typst_writer.parse(concept.html) for concept in made.book.concepts]
    tex = [e.text for root in roots for e in root.iter("annotation")]
    assert sorted(alternatives["/Formula"]) == sorted(str(t) for t in tex)
    titles = [svg.findtext("title") for root in roots for svg in root.iter("svg")]
    maps = len(alternatives["/Figure"]) - len(titles)
    assert 0 <= maps <= len(made.book.chapters)
    for title in titles:
        assert any(text.startswith(str(title)) for text in alternatives["/Figure"])


def test_text_is_found_as_readers_type_it(made: Made) -> None:
    """Sentences of whole paragraphs are in the text of the page, character by character."""
    pages = [_squeezed(text) for text in made.texts]
    found = 0
    for concept in made.book.concepts:
        for paragraph in typst_writer.parse(concept.html).iter("p"):
            if len(paragraph) or not paragraph.text:
                continue
            sentence = re.split(r"(?<=[。.])", paragraph.text)[0]
            if made.book.language == "en":
                sentence = typst_writer.curled(sentence)
            # A hyphen at the end of a line may be the word's own.
            wanted = _squeezed(sentence)
            assert any(wanted in page for page in pages) or "-" in wanted, sentence
            found += 1
    assert found >= 10


def test_no_source_of_formulas_or_diagrams_is_shown(made: Made) -> None:
    text = "\n".join(made.texts)
    for trace in (r"\frac", r"\mathrm", "$$", "flowchart", "accTitle", ":::", "-->", "<br", "[@"):
        assert trace not in text


def test_the_text_has_its_languages(made: Made) -> None:
    """Names in other languages are marked as such."""
    tags = {
        str(obj.Lang)
        for obj in made.file.objects
        if isinstance(obj, pikepdf.Dictionary) and "/Lang" in obj
    }
    assert {TAGS[language].split("-")[0] for language in LANGUAGES} <= {
        tag.split("-")[0] for tag in tags
    }


def test_a_small_page_holds_the_same_book(tmp_path: Path) -> None:
    root = make_tree(tmp_path / "project")
    large = _make(root, tmp_path, "zh")
    small_path = tmp_path / "small.pdf"
    pages = pdf.write(large.book, small_path, size="screen", cache=CACHE)
    small = Made(large.book, small_path, pages)
    assert [(d, t) for d, t, _ in small.outline] == [(d, t) for d, t, _ in large.outline]
    box = small.reader.pages[0].mediabox
    assert float(box.width) < float(large.reader.pages[0].mediabox.width) / 1.5
    # A concept without an article is there with its names and the note that says so.
    assert _squeezed(large.book.strings["book_missing"]) in _squeezed("".join(large.texts))


def test_the_same_book_makes_the_same_bytes(tmp_path: Path) -> None:
    root = make_tree(tmp_path / "project")
    first = _make(root, tmp_path, "en").path.read_bytes()
    assert _make(root, tmp_path, "en").path.read_bytes() == first


@pytest.mark.parametrize(
    ("old", "new", "code", "line"),
    [
        ("累积过去的梯度。", "累积过去的梯度\U00012345。", "book-glyph", 16),
        (
            "累积过去的梯度。",
            "| a | b |\n| --- | --- |\n| " + "x" * 160 + " | " + "y" * 160 + " |\n",
            "book-table",
            16,
        ),
        ("```mermaid\n", "```mermaid client\n", "book-diagram", 20),
    ],
)
def test_what_cannot_be_set_is_named_and_nothing_is_written(
    tmp_path: Path, old: str, new: str, code: str, line: int
) -> None:
    root = make_tree(tmp_path / "project")
    article = root / "docs/terms/gradient-descent/index.zh.md"
    text = article.read_text("utf-8")
    assert old in text
    article.write_text(text.replace(old, new, 1), "utf-8")
    glossary, _ = load(root)
    book = content.build(glossary, "zh")
    path = tmp_path / "book.pdf"
    path.write_bytes(b"the last good one")
    with pytest.raises(BookError) as caught:
        pdf.write(book, path, cache=CACHE)
    problem = next(p for p in caught.value.problems if p.code == code)
    assert problem.path == "docs/terms/gradient-descent/index.zh.md"
    assert problem.line == line
    assert path.read_bytes() == b"the last good one"
    assert [p.name for p in tmp_path.iterdir() if p.is_file()] == ["book.pdf"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_article_of_the_glossary_can_be_set(language: Language) -> None:
    glossary, _ = load(PROJECT)
    book = content.build(glossary, language)
    for paper in pdf._PAPERS.values():
        measure = paper.measure
        for concept in book.concepts:
            assert pdf.write_article(concept, book, measure).problems == []


def _tree(made: Made) -> list[tuple[int, str, str]]:
    """Return depth, kind and text of every tag, in the order of reading."""
    found: list[tuple[int, str, str]] = []

    def walk(element: pikepdf.Object, depth: int, parent: pikepdf.Object) -> None:
        if not isinstance(element, pikepdf.Dictionary) or "/S" not in element:
            return
        assert element.P.objgen == parent.objgen
        found.append((depth, str(element.S), str(element.get("/Alt", element.get("/T", "")))))
        for kid in cast("Any", element.get("/K", [])):
            walk(kid, depth + 1, element)

    root = made.file.Root.StructTreeRoot
    for kid in root.K:
        walk(kid, 0, root)
    return found


def _marks(element: pikepdf.Object) -> Iterator[tuple[tuple[int, int], int]]:
    """Yield page and number of what is marked as an element's."""
    for kid in cast("Any", element.K):
        if isinstance(kid, int):
            yield cast("Any", element).Pg.objgen, kid
        elif "/MCID" in kid:
            yield kid.get("/Pg", element.get("/Pg")).objgen, int(kid.MCID)


def test_tags_are_one_tree_and_pages_know_theirs(made: Made) -> None:
    root = made.file.Root.StructTreeRoot
    tags = _tree(made)
    assert [kind for depth, kind, _ in tags if depth == 0] == ["/Document"]
    kinds = {kind for _, kind, _ in tags}
    assert {"/TOC", "/TOCI", "/Note", "/Table", "/TH", "/Formula", "/Figure", "/L"} <= kinds
    headings = [text for _, kind, text in tags if kind in {"/H1", "/H2"}]
    assert [_squeezed(title) for _, title, _ in made.outline] == [_squeezed(t) for t in headings]
    numbers = list(root.ParentTree.Nums)
    assert numbers[::2] == sorted(numbers[::2])
    parents = {int(n): at for n, at in zip(numbers[::2], numbers[1::2], strict=True)}
    asked: list[int] = []
    for page in made.file.pages:
        asked.append(int(page.obj.StructParents))
        for mark, element in enumerate(parents[asked[-1]]):
            assert (page.obj.objgen, mark) in set(_marks(element))
        for annotation in page.get("/Annots", []):
            asked.append(int(annotation.StructParent))
            kids = [kid for kid in parents[asked[-1]].K if isinstance(kid, pikepdf.Dictionary)]
            assert annotation.objgen in [kid.Obj.objgen for kid in kids if "/Obj" in kid]
    assert len(asked) == len(set(asked))
    assert set(asked) == set(parents)
    names = [bytes(name) for name in list(root.IDTree.Names)[::2]]
    assert names == sorted(set(names))
    for name, element in zip(names, list(root.IDTree.Names)[1::2], strict=True):
        assert bytes(element.ID) == name
    for element in made.file.objects:
        if isinstance(element, pikepdf.Dictionary) and element.get("/S") == "/TD":
            for attributes in element.get("/A", []):
                assert {bytes(head) for head in attributes.get("/Headers", [])} <= set(names)


def test_parts_make_the_book_that_one_makes(made: Made, tmp_path: Path) -> None:
    whole = _write(made.book, tmp_path / "whole.pdf", most=100)
    assert [_squeezed(text) for text in whole.texts] == [_squeezed(text) for text in made.texts]
    assert whole.outline == made.outline
    assert _tree(whole) == _tree(made)
    places, expected = made.reader.named_destinations, whole.reader.named_destinations
    assert set(places) == set(expected)
    for name in places:
        assert made.page_of(name) == whole.page_of(name)
        assert places[name].top == pytest.approx(expected[name].top, abs=0.1)


def test_what_was_kept_makes_the_same_book(tmp_path: Path) -> None:
    """Cold, warm, and after an edit that moves pages: always what nothing kept would make."""
    root = make_tree(tmp_path / "project")

    def bytes_of(name: str, cache: str) -> bytes:
        folder = tmp_path / cache
        if not folder.exists():
            folder.mkdir()
            (folder / "fonts").symlink_to(CACHE / "fonts")
        book = _book(root, "zh")
        return _write(book, tmp_path / name, folder, most=1).path.read_bytes()

    cold = bytes_of("cold.pdf", "one")
    assert bytes_of("warm.pdf", "one") == cold
    article = root / "docs/terms/gradient-descent/index.zh.md"
    text = article.read_text("utf-8")
    longer = "累积过去的梯度。\n\n" * 40
    article.write_text(text.replace("累积过去的梯度。", longer, 1), "utf-8")
    edited = bytes_of("edited.pdf", "one")
    assert edited != cold
    assert edited == bytes_of("other.pdf", "two")
    article.write_text(text, "utf-8")
    assert bytes_of("back.pdf", "one") == cold


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda part: part.Root.StructTreeRoot.ParentTree.__delitem__("/Nums"), "no list"),
        (lambda part: part.Root.Names.Dests.Names.__delitem__(slice(0, 2)), "leads to"),
        (lambda part: part.Root.__delitem__("/Outlines"), "bookmarks"),
    ],
)
def test_a_file_in_another_form_is_refused(
    made: Made, damage: Callable[[Any], None], message: str
) -> None:
    with pikepdf.open(made.path) as part:
        damage(part)
        stream = io.BytesIO()
        part.save(stream)
    with pytest.raises(joining.JoiningError, match=message):
        joining.join([stream.getvalue()], [1] * len(made.outline))


def test_a_link_has_one_box_for_each_line(made: Made) -> None:
    def box(left: float, bottom: float, right: float, top: float) -> list[float]:
        return [left, bottom, right, bottom, right, top, left, top]

    # A name, an arrow and a number, the last on the next line.
    parts = [*box(90, 50, 99, 60), *box(99, 50, 105, 60), *box(10, 30, 25, 40)]
    lines = [list(line) for line in joining._lines(parts)]
    assert lines == [box(90, 50, 105, 60), box(10, 30, 25, 40)]
    for page in made.file.pages:
        for annotation in page.get("/Annots", []):
            assert [int(n) for n in annotation.Border] == [0, 0, 0]
            corners = annotation.get("/QuadPoints")
            assert corners is None or len(corners) > 8


def test_what_the_typesetter_refuses_is_named(tmp_path: Path) -> None:
    root = make_tree(tmp_path / "project")
    book = content.build(load(root)[0], "zh")
    made = pdf._Maker(book, pdf._PAPERS["a4"], CACHE, Store(None)).make()
    (part,) = made.parts(datetime.now(timezone.utc))
    lines = part.markup.splitlines()
    number = next(i for i, line in enumerate(lines, 1) if '#diagram("gradient' in line)
    said = {"message": "no", "hints": [], "diagnostic": f"─ main.typ:{number}:40"}
    problem = pdf._refused(said, book, made, part.markup)
    source = (root / problem.path).read_text("utf-8").splitlines()
    assert problem.path.endswith("index.zh.md")
    assert source[problem.line - 1] == "```mermaid"
    # In what stands around an article, its record is named.
    number = next(i for i, line in enumerate(lines, 1) if "#apparatus[" in line)
    said["diagnostic"] = f"─ main.typ:{number + 1}:1"
    assert pdf._refused(said, book, made, part.markup).path.endswith("/term.yml")
    assert pdf._refused({**said, "diagnostic": ""}, book, made, part.markup).path == "docs/terms"
    label = next(re.finditer(r'#note\("(note:[^"]+)"', part.markup))[1]
    told = {"message": f"label `<{label}>` occurs twice", "hints": [], "diagnostic": ""}
    assert pdf._refused(told, book, made, part.markup).path.endswith(".zh.md")


def test_a_note_in_the_head_of_a_long_table_stands_once(tmp_path: Path) -> None:
    root = make_tree(tmp_path / "project")
    article = root / "docs/terms/gradient-descent/index.zh.md"
    text = article.read_text("utf-8")
    cited = re.search(r"\[@[^]]+\]", text)
    assert cited
    table = f"| 甲 {cited[0]} | 乙 |\n| --- | --- |\n" + "| 一 | 二 |\n" * 60
    article.write_text(text.replace("累积过去的梯度。", f"累积过去的梯度。\n\n{table}", 1), "utf-8")
    made = _make(root, tmp_path, "zh")
    assert sum("甲" in page for page in made.texts) == 1


# --- formulas --------------------------------------------------------------------------------


def _typst(tex: str, *, display: bool = False) -> str:
    found = re.search("<math.*</math>", formulas.render(tex, display=display), re.DOTALL)
    assert found
    return typst_formula.convert(ET.fromstring(found[0])).body  # noqa: S314


@pytest.mark.parametrize(
    ("tex", "expected"),
    [
        ("x", "x"),
        ("xy", "x y"),
        (r"\frac{a}{b}", "frac(a, b)"),
        (r"x_i^2", "attach(x, b: i, t: 2)"),
        (r"\sqrt[3]{x}", "root(3, x)"),
        (r"\mathrm{KL}", '"KL"'),
        (r"\max_x f", 'attach(scripts(op("max")), b: x) f'),
        (r"\bigl(x", r'class("opening", lr(size: #1.2em, \()) x'),
        (r"\left(x\right)", r"lr(\( x \))"),
        (r"\binom{n}{k}", "binom(n, k)"),
        (r"f'", "attach(f, tr: #math.primes(1))"),
        (r"1{,}000", '1 class("normal", comma) 000'),
        (r"\hat{y}", "hat(y, size: #100%)"),
        (r"a, b; c: d", "a comma b semi c colon d"),
        (r"\text{若 } x", '"若 "x'),
        (r"\lceil x", r"\⌈ x"),
        (r"\#\$\&\_", r"\# \$ amp \_"),
    ],
)  # fmt: skip
def test_formulas_are_written_in_the_typesetters_words(tex: str, expected: str) -> None:
    assert _typst(tex) == expected


def test_norms_arrays_and_cases_keep_their_shape() -> None:
    assert _typst(r"\|w\|_2^2").count("‖") == 2
    cases = _typst(r"\begin{cases}1 & x>0\\ 0 & \text{其他}\end{cases}")
    assert "align: #left" in cases
    assert cases.startswith(r"lr(\{ mat(delim: #none")
    array = _typst(r"\begin{array}{c|c}a&b\\\hline c&d\end{array}")
    assert "augment: #(hline: (1, ), vline: (1, )" in array
    aligned = _typst(r"\begin{aligned}a&=b\\ &=c\end{aligned}", display=True)
    assert r"display(a) & display(\= b)" in aligned


def test_what_is_not_known_is_refused_not_guessed() -> None:
    element = ET.fromstring("<math><menclose><mi>x</mi></menclose></math>")  # noqa: S314
    with pytest.raises(typst_formula.UnsupportedFormulaError, match="menclose"):
        typst_formula.convert(element)


def test_tables_shrink_then_turn_then_fail() -> None:
    measure = typst_writer.Measure(width=280, height=370, text=10)
    wide = ["x" * 17] * 4
    assert typst_writer.fit_columns([["a", "b"]], 2, measure) == typst_writer.Columns(
        ("auto", "auto"), 0.9, turned=False
    )
    fitted = typst_writer.fit_columns([wide], 4, measure)
    assert fitted
    assert fitted.turned
    assert typst_writer.fit_columns([["x" * 60] * 4], 4, measure) is None


def test_quotation_marks_of_print() -> None:
    assert typst_writer.curled("it's \"so\" ('x')") == "it’s “so” (‘x’)"
    assert typst_writer.curled('"', before="a") == "”"
