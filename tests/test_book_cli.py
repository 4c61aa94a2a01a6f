"""`cli.py book`: which files it makes, what it says of them, and what it does when it cannot."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from conftest import PROJECT, make_tree
from llmglossary import strings
from llmglossary.book import downloads, press, provenance, settings
from llmglossary.record import LANGUAGES
from test_site import HTML, parse

MADE = "1767323046"  # 2026-01-02T03:04:06Z


def book(
    root: Path, *arguments: str, cwd: Path | None = None, **env: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(PROJECT / "hooks/cli.py"), "--root", str(root), "book", *arguments],
        cwd=cwd or root,
        env={**os.environ, "SOURCE_DATE_EPOCH": MADE, **env},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )


def listed(folder: Path) -> dict[str, dict[str, object]]:
    data = json.loads((folder / downloads.LIST).read_text("utf-8"))
    return {file["name"]: file for file in data["files"]}


def test_files_checksums_and_list_agree(tmp_path: Path) -> None:
    root = make_tree(tmp_path / "project")
    out = tmp_path / "out"
    done = book(root, "--format", "epub", "--lang", "zh,en", "--output", str(out))
    assert done.returncode == 0, done.stderr
    names = {"llm-glossary-zh.epub", "llm-glossary-en.epub"}
    assert {Path(line).name for line in done.stdout.splitlines()} == names
    assert {p.name for p in out.iterdir()} == names | {downloads.LIST, downloads.CHECKSUMS}
    lines = (out / downloads.CHECKSUMS).read_text("utf-8").splitlines()
    sums = {name: checksum for checksum, name in (line.split("  ") for line in lines)}
    for name, file in listed(out).items():
        data = (out / name).read_bytes()
        assert file["bytes"] == len(data)
        assert file["sha256"] == sums[name] == hashlib.sha256(data).hexdigest()
        assert file["date"] == "2026-01-02T03:04:06Z"
        assert file["kind"] == "epub"
    assert [f["language"] for f in listed(out).values()] == ["zh-Hans", "en"]
    if shutil.which("sha256sum"):
        subprocess.run(
            ["sha256sum", "--check", "--quiet", downloads.CHECKSUMS], cwd=out, check=True
        )

    # A second run with another language adds to the list, and the same sources the same bytes.
    before = {name: (out / name).read_bytes() for name in names}
    done = book(root, "--format", "epub", "--lang", "zh,zh-Hant", "--output", str(out))
    assert done.returncode == 0, done.stderr
    assert set(listed(out)) == names | {"llm-glossary-zh-Hant.epub"}
    assert {name: (out / name).read_bytes() for name in names} == before
    # A file that has gone is not listed any longer.
    (out / "llm-glossary-en.epub").unlink()
    assert "llm-glossary-en.epub" not in {file.name for file in downloads.read(out)}


def test_a_part_goes_where_one_stands_and_is_no_download(tmp_path: Path) -> None:
    root = make_tree(tmp_path / "project")
    here = tmp_path / "here"
    here.mkdir()
    arguments = ("--terms", "learning-rate, gradient-descent", "--lang", "en", "--format", "epub")
    done = book(root, *arguments, cwd=here)
    assert done.returncode == 0, done.stderr
    (made,) = here.iterdir()
    assert made.name == "llm-glossary-en-gradient-descent-and-1-more.epub"
    with zipfile.ZipFile(made) as packed:
        concepts = [name for name in packed.namelist() if name.startswith("EPUB/t-")]
    assert sorted(concepts) == ["EPUB/t-gradient-descent.xhtml", "EPUB/t-learning-rate.xhtml"]
    done = book(root, "--category", "training", "--lang", "zh", "--format", "epub", cwd=here)
    assert done.returncode == 0, done.stderr
    assert (here / "llm-glossary-zh-training.epub").is_file()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--lang", "fr"), "`fr` is none of zh, zh-Hant, en"),
        (("--lang", ","), "write one or more of zh"),
        (("--format", "docx"), "`docx` is none of pdf, epub, zip"),
        (("--size", "a5"), "`a5` is none of a4, screen"),
        (("--terms", "gradient-decent", "--format", "epub"), "write `gradient-descent`"),
        (("--terms", "../x", "--format", "epub"), "there is no concept `../x`"),
        (("--category", "trainig", "--format", "epub"), "write `training`"),
        (("--terms", "learning-rate", "--category", "training"), "not allowed with"),
        (("--terms", "learning-rate", "--format", "zip"), "zip holds the whole site"),
        (("--format", "zip"), "run `make site`"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_wrong_usage_is_explained(tmp_path: Path, arguments: tuple[str, ...], says: str) -> None:
    root = make_tree(tmp_path / "project")
    done = book(root, *arguments)
    assert done.returncode == 2, done.stderr
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(root.rglob("llm-glossary*"))


def test_a_wrong_date_is_explained(tmp_path: Path) -> None:
    root = make_tree(tmp_path / "project")
    done = book(root, "--format", "epub", SOURCE_DATE_EPOCH="yesterday")
    assert done.returncode == 2
    assert "seconds since 1970" in done.stderr


def test_no_book_is_made_of_a_glossary_with_errors(tmp_path: Path) -> None:
    root = make_tree(tmp_path / "project")
    record = root / "docs/terms/learning-rate/term.yml"
    record.write_text(record.read_text("utf-8").replace("level:", "levle:"), "utf-8")
    out = tmp_path / "out"
    done = book(root, "--format", "epub", "--output", str(out))
    assert done.returncode == 1
    assert "docs/terms/learning-rate/term.yml:" in done.stderr
    assert "unknown-key" in done.stderr
    assert "No file was written." in done.stderr
    assert not out.exists()


def test_a_book_that_fails_leaves_the_last_good_one(tmp_path: Path) -> None:
    root = make_tree(tmp_path / "project")
    out = tmp_path / "out"
    arguments = ("--format", "epub", "--lang", "zh,en", "--output", str(out))
    assert book(root, *arguments).returncode == 0
    good, entry = (out / "llm-glossary-zh.epub").read_bytes(), listed(out)["llm-glossary-zh.epub"]
    article = root / "docs/terms/gradient-descent/index.zh.md"
    text = article.read_text("utf-8").replace("```mermaid\n", "```mermaid client\n")
    article.write_text(text, "utf-8")
    line = text.splitlines().index("```mermaid client") + 1
    done = book(root, *arguments)
    assert done.returncode == 1
    assert f"docs/terms/gradient-descent/index.zh.md:{line}:1 book-diagram: " in done.stderr
    assert "→" in done.stderr
    # The English one could be made.
    assert "llm-glossary-en.epub" in done.stdout
    assert "llm-glossary-zh.epub" not in done.stdout
    assert (out / "llm-glossary-zh.epub").read_bytes() == good
    assert listed(out)["llm-glossary-zh.epub"] == entry
    assert not [path for path in out.iterdir() if path.name.startswith(".")]


def test_the_zip_and_the_page_of_downloads(tmp_path: Path, fixture_site: Path) -> None:
    root = make_tree(tmp_path / "project")
    shutil.copytree(fixture_site, root / "site")
    page = root / "site/en/downloads/index.html"
    unfilled = page.read_text("utf-8")
    assert "make book" in unfilled
    done = book(root, "--format", "epub,zip", "--lang", "en")
    assert done.returncode == 0, done.stderr
    folder = root / "site/downloads"
    assert set(listed(folder)) == {"llm-glossary-en.epub", "llm-glossary-offline.zip"}
    for prefix in ("", "zh-Hant/", "en/"):
        own = root / "site" / prefix / "downloads/index.html"
        document = parse(own)
        links = {
            (own.parent / (a.get("href") or "")).resolve(): a
            for a in document.iter(f"{HTML}a")
            if a.get("download") is not None
        }
        assert set(links) == {folder / name for name in listed(folder)}
        shown = "".join(document.itertext())
        for file in downloads.read(folder):
            assert file.sha256 in shown
            assert file.size in shown
        assert "make book" not in shown

    # The zip holds the site without the files, and its page says where they are.
    with zipfile.ZipFile(folder / "llm-glossary-offline.zip") as packed:
        names = packed.namelist()
        inside = packed.read("llm-glossary/en/downloads/index.html").decode()
    assert not [name for name in names if name.endswith((".epub", ".zip", ".json.map"))]
    assert 'href="https://llm-glossary.example/en/downloads/"' in inside
    assert "make book" not in inside

    # Once more: what is filled is filled anew, and the zip of a filled site is the same.
    before = (folder / "llm-glossary-offline.zip").read_bytes()
    filled = page.read_text("utf-8")
    assert book(root, "--format", "epub,zip", "--lang", "en").returncode == 0
    assert (folder / "llm-glossary-offline.zip").read_bytes() == before
    assert page.read_text("utf-8") == filled


def test_help_names_every_option() -> None:
    done = subprocess.run(
        [sys.executable, str(PROJECT / "hooks/cli.py"), "book", "--help"],
        capture_output=True,
        text=True,
        check=True,
    )
    for option in ("--lang", "--format", "--size", "--terms", "--category", "--output", "--site"):
        assert option in done.stdout


# --- the parts -----------------------------------------------------------------------------------


def test_names_of_files() -> None:
    assert downloads.file_name("pdf-a4", "zh") == "llm-glossary-zh.pdf"
    assert downloads.file_name("pdf-screen", "zh-Hant") == "llm-glossary-zh-Hant-screen.pdf"
    assert downloads.file_name("epub", "en", "alignment") == "llm-glossary-en-alignment.epub"
    assert downloads.file_name("zip", None) == "llm-glossary-offline.zip"


def test_jobs_share_the_content_of_a_language() -> None:
    made = [(job.language, job.kind) for job in press.jobs(LANGUAGES, downloads.KINDS)]
    assert made == [
        *((language, kind) for language in LANGUAGES for kind in ("pdf-a4", "pdf-screen", "epub")),
        (None, "zip"),
    ]


@pytest.mark.parametrize(
    ("size", "shown"),
    [(999, "999 B"), (2_763_174, "2.76 MB"), (278_525, "279 kB"), (10**7, "10 MB")],
)
def test_sizes_are_for_people(size: int, shown: str) -> None:
    file = downloads.Download(
        name="x.epub",
        kind="epub",
        language="en",
        bytes=size,
        sha256="0" * 64,
        date="2026-01-02T03:04:06Z",  # type: ignore[arg-type]
        commit=None,
        modified=False,
    )
    assert file.size == shown


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{", '{"files": [{"name": "x"}]}', '{"files": 1}', "\x00", "[" * 10_000],
    ids=ascii,
)
def test_a_broken_list_is_no_list(tmp_path: Path, text: str) -> None:
    (tmp_path / downloads.LIST).write_text(text, "utf-8")
    assert downloads.read(tmp_path) == ()


def test_a_list_cannot_name_files_elsewhere(tmp_path: Path) -> None:
    folder = tmp_path / "downloads"
    folder.mkdir()
    (tmp_path / "x.epub").write_bytes(b"x")
    (folder / "x.epub").write_bytes(b"x")
    state = provenance.of(PROJECT)
    good = downloads.describe(folder / "x.epub", "epub", "en", state)
    bad = good.model_copy(update={"name": "../x.epub"})
    text = json.dumps({"files": [f.model_dump(mode="json") for f in (good, bad)]})
    (folder / downloads.LIST).write_text(text, "utf-8")
    assert downloads.read(folder) == (good,)


def test_a_page_escapes_what_it_shows(tmp_path: Path) -> None:
    shutil.copytree(PROJECT / "overrides", tmp_path / "overrides")
    shutil.copy(PROJECT / "mkdocs.yml", tmp_path)
    (tmp_path / "x.epub").write_bytes(b"x")
    file = downloads.describe(tmp_path / "x.epub", "epub", "en", provenance.of(tmp_path))
    hostile = file.model_copy(update={"name": '"><script>alert(1)</script>.epub'})
    fillers = downloads.pages(tmp_path, [hostile])
    filled = fillers["en/downloads/index.html"]("<p><!--downloads-->x<!--/downloads--></p>")
    assert "<script>" not in filled
    assert filled.startswith("<p><!--downloads-->")
    # A page without the place for it stays as it is.
    assert fillers["en/downloads/index.html"]("<p>x</p>") == "<p>x</p>"


def test_provenance_without_a_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", MADE)
    state = provenance.of(tmp_path)
    assert (state.commit, state.modified) == (None, False)
    assert state.made.isoformat() == "2026-01-02T03:04:06+00:00"


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLMGLOSSARY_SITE_URL", "https://other.example/sub/")
    monkeypatch.setenv("LLMGLOSSARY_REPOSITORY", "https://git.example/other/")
    options = settings.read(PROJECT)
    assert settings.address(options) == "https://other.example/sub/"
    assert settings.repository(options) == "https://git.example/other"


def test_every_kind_has_words_in_every_language() -> None:
    for words in strings.load().values():
        for kind in downloads.KINDS:
            assert words[f"download_{kind}"]
            assert words[f"download_{kind}_for"]
