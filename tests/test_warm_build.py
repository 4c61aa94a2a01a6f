"""A build that uses what an earlier one kept gives the very site that a cold one gives."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from conftest import PROJECT, build, make_tree


def site_of(root: Path) -> dict[str, bytes]:
    result = build(root)
    assert result.returncode == 0, result.stdout + result.stderr
    site = root / "site"
    return {
        path.relative_to(site).as_posix(): path.read_bytes()
        for path in sorted(site.rglob("*"))
        if path.is_file()
    }


def different(one: dict[str, bytes], other: dict[str, bytes]) -> set[str]:
    return {path for path in one.keys() | other.keys() if one.get(path) != other.get(path)}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The small project after a first build."""
    root = make_tree(tmp_path_factory.mktemp("warm") / "project")
    site_of(root)
    assert (root / ".cache").is_dir()
    yield root
    shutil.rmtree(root)


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def change_text(docs: Path) -> set[str]:
    article = docs / "terms/gradient-descent/index.zh.md"
    replace(article, "## 专业解释", "这一句是新的。\n\n## 专业解释")
    return {"terms/gradient-descent/index.html", "zh-Hant/terms/gradient-descent/index.html"}


def stop_mentioning(docs: Path) -> set[str]:
    """Take away what another page, which stays itself, shows as mentioning it."""
    article = docs / "terms/learning-rate/index.zh.md"
    article.write_text(article.read_text("utf-8").replace("损失函数", "高度表"), "utf-8")
    return {"terms/learning-rate/index.html", "terms/loss-function/index.html"}


def mention(docs: Path) -> set[str]:
    article = docs / "terms/learning-rate/index.zh.md"
    article.write_text(article.read_text("utf-8").replace("高度表", "损失函数"), "utf-8")
    return {"terms/loss-function/index.html", "zh-Hant/terms/loss-function/index.html"}


def change_heading(docs: Path) -> set[str]:
    replace(docs / "terms/gradient-descent/index.en.md", "### Momentum", "### On momentum")
    return {"en/terms/gradient-descent/index.html"}


def change_page_of_another_kind(docs: Path) -> set[str]:
    page = docs / "contribute/index.en.md"
    page.write_text(page.read_text("utf-8") + "\nOne more sentence.\n", "utf-8")
    return {"en/contribute/index.html"}


def draw_in_browser(docs: Path) -> set[str]:
    """Make a page one that is never left as it is."""
    replace(docs / "terms/gradient-descent/index.zh.md", "```mermaid\n", "```mermaid client\n")
    return {"terms/gradient-descent/index.html"}


def change_nothing(docs: Path) -> set[str]:  # noqa: ARG001 - as the others
    return set()


def add_name(docs: Path) -> set[str]:
    """Give a concept a name that stands in the text of another page."""
    record = docs / "terms/gradient-descent/term.yml"
    replace(record, "abbreviation: GD", "abbreviation: GD, admitted: [slope underfoot]")
    return {"en/terms/loss-function/index.html"}


def remove_name(docs: Path) -> set[str]:
    replace(docs / "terms/gradient-descent/term.yml", ", admitted: [slope underfoot]", "")
    return {"en/terms/loss-function/index.html"}


def add_name_for_taiwan(docs: Path) -> set[str]:
    """Change how a word of another page is converted."""
    record = docs / "terms/learning-rate/term.yml"
    replace(record, "preferred: 学习率}", "preferred: 学习率, admitted: [脚下的坡]}")
    replace(record, "preferred: 學習率}", "preferred: 學習率, admitted: [踏處之斜率]}")
    return {"zh-Hant/terms/gradient-descent/index.html"}


def change_definition(docs: Path) -> set[str]:
    """Change the tooltip of every link to a concept."""
    replace(docs / "terms/learning-rate/index.zh.md", "definition: ", "definition: 新定义，")
    return {"terms/gradient-descent/index.html"}


def change_source(docs: Path) -> set[str]:
    replace(docs / "references.bib", "Stochastic", "Very Stochastic")
    return {"terms/gradient-descent/index.html", "en/terms/loss-function/index.html"}


def add_translation(docs: Path) -> set[str]:
    """Give a concept the page in another language that was missing."""
    source = (docs / "terms/gradient-descent/index.en.md").read_text("utf-8")
    head, _, body = source.partition("translated_from:")
    text = head + "---\n" + body.partition("---\n")[2].replace("### Momentum {#momentum}\n", "")
    (docs / "terms/learning-rate/index.en.md").write_text(text, "utf-8")
    return {"en/terms/learning-rate/index.html", "en/terms/gradient-descent/index.html"}


def change_template(docs: Path) -> set[str]:
    template = own_copy(docs.parent / "overrides") / "term.html"
    replace(template, '<header class="term-head">', '<header class="term-head" id="head">')
    return {"terms/gradient-descent/index.html", "en/terms/loss-function/index.html"}


def change_hook(docs: Path) -> set[str]:
    """Change what the template is given."""
    hook = own_copy(docs.parent / "hooks") / "mkdocs_hooks.py"
    replace(hook, 'report_title=f"{concept.slug}: "', 'report_title=f"{concept.slug}! "')
    return {"terms/gradient-descent/index.html", "en/terms/loss-function/index.html"}


def change_navigation(docs: Path) -> set[str]:
    """Change a link that every page has."""
    replace(
        docs.parent / "mkdocs.yml",
        "nav: [index.md, terms/index.md",
        "nav: [terms/index.md, index.md",
    )
    return {"en/terms/loss-function/index.html"}


CHANGES = [
    change_text,
    change_nothing,
    stop_mentioning,
    mention,
    change_heading,
    change_page_of_another_kind,
    add_name,
    remove_name,
    add_name_for_taiwan,
    change_definition,
    change_source,
    add_translation,
    change_template,
    change_hook,
    change_navigation,
    draw_in_browser,
]


@pytest.mark.parametrize("change", CHANGES)
def test_a_warm_build_is_a_cold_build(
    project: Path, tmp_path: Path, change: Callable[[Path], set[str]]
) -> None:
    before = site_of(project)
    expected = change(project / "docs")
    warm = site_of(project)
    cold = tmp_path / "cold"
    shutil.copytree(project, cold, ignore=shutil.ignore_patterns(".cache", "site"))
    assert different(warm, site_of(cold)) == set()
    assert expected <= different(before, warm)


def test_a_redirect_stands_where_a_page_was(project: Path, tmp_path: Path) -> None:
    copy, cold = tmp_path / "copy", tmp_path / "cold"
    shutil.copytree(project, copy, ignore=shutil.ignore_patterns("site"))
    site_of(copy)
    cli = [sys.executable, str(PROJECT / "hooks/cli.py"), "--root", str(copy)]
    words = ["rename", "loss-function", "objective"]
    subprocess.run([*cli, *words], check=True, capture_output=True, timeout=60)
    warm = site_of(copy)
    shutil.copytree(copy, cold, ignore=shutil.ignore_patterns(".cache", "site"))
    assert different(warm, site_of(cold)) == set()
    assert b"url=../objective/" in warm["terms/loss-function/index.html"]


def written_since(site: Path, before: dict[str, int]) -> set[str]:
    return {path for path, time in times(site).items() if before.get(path) != time}


def times(site: Path) -> dict[str, int]:
    return {
        path.relative_to(site).as_posix(): path.stat().st_mtime_ns for path in site.rglob("*.html")
    }


def test_only_pages_that_change_are_written(project: Path) -> None:
    site_of(project)
    before = times(project / "site")
    changed = change_text(project / "docs")
    # Whether a translation is out of date depends on the original.
    changed.add("en/terms/gradient-descent/index.html")
    site_of(project)
    written = written_since(project / "site", before)
    # These are made whenever a site is built.
    always = {path for path in before if path.endswith(("404.html", "status/index.html"))}
    assert written - always == changed


def test_what_somebody_did_to_the_site_is_undone(project: Path) -> None:
    before = site_of(project)
    site = project / "site"
    page = site / "terms/gradient-descent/index.html"
    page.write_bytes(page.read_bytes().replace(b"</body>", b"!</body>"))
    (site / "en/terms/gradient-descent/index.html").unlink()
    next(site.glob("search/pages/*.js")).write_text("nothing")
    (site / "terms/nowhere").mkdir()
    (site / "terms/nowhere/index.html").write_text("not of this site")
    (site / "index.html.br").write_bytes(b"the twin of an earlier page")
    (site / ".nojekyll").touch()
    after = site_of(project)
    assert after.pop(".nojekyll") == b""
    (site / ".nojekyll").unlink()
    assert different(before, after) == set()
    assert not (site / "terms/nowhere").exists()


def test_a_warning_is_given_again(project: Path, tmp_path: Path) -> None:
    copy = tmp_path / "project"
    shutil.copytree(project, copy, ignore=shutil.ignore_patterns("site"))
    page = copy / "docs/contribute/index.zh.md"
    page.write_text(page.read_text("utf-8") + "\n[Nowhere](#nowhere)\n", "utf-8")
    begin = "    build = _build(config)\n    # Neither is needed"
    hook = own_copy(copy / "hooks") / "mkdocs_hooks.py"
    replace(hook, begin, '    _log.warning("finished %s", page.url)\n' + begin)
    command = [sys.executable, "-m", "mkdocs", "build"]
    first, second = (
        subprocess.run(command, cwd=copy, capture_output=True, text=True, check=True, timeout=300)
        for _ in range(2)
    )
    assert "nowhere" in first.stderr
    assert "finished terms/gradient-descent/" in first.stderr
    assert first.stderr.count("WARNING") == second.stderr.count("WARNING")


def test_a_build_that_broke_off_is_not_relied_on(project: Path, tmp_path: Path) -> None:
    copy = tmp_path / "project"
    shutil.copytree(project, copy)
    whole = site_of(copy)
    change_text(copy / "docs")
    hook = own_copy(copy / "hooks") / "mkdocs_hooks.py"
    text = hook.read_text("utf-8")
    # Breaks off with one page written and the others still to come.
    begin = "    build = _build(config)\n    # Neither is needed"
    replace(hook, begin, "    raise Abort\n" + begin)
    assert build(copy).returncode == 1
    hook.write_text(text, "utf-8")
    replace(copy / "docs/terms/gradient-descent/index.zh.md", "这一句是新的。\n\n", "")
    assert different(whole, site_of(copy)) == set()


def test_jobs_that_share_the_languages_out_make_the_same_site(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = site_of(project)
    copies = {name: tmp_path / name for name in ("zh", "zh-Hant", "en", "whole")}
    for name, copy in copies.items():
        shutil.copytree(project, copy, ignore=shutil.ignore_patterns(".cache", "site"))
        if name != "whole":
            monkeypatch.setenv("LLMGLOSSARY_LANGUAGES", name)
            subprocess.run(
                [sys.executable, "-m", "mkdocs", "build", "-q"], cwd=copy, check=True, timeout=300
            )
    monkeypatch.delenv("LLMGLOSSARY_LANGUAGES")
    assert (copies["en"] / "site/en/terms/gradient-descent/index.html").is_file()
    assert not (copies["en"] / "site/terms/gradient-descent/index.html").exists()
    folders = [str(copies[name] / ".cache") for name in ("zh", "zh-Hant", "en")]
    cli = [sys.executable, str(PROJECT / "hooks/cli.py"), "--root", str(copies["whole"])]
    subprocess.run([*cli, "merge-results", *folders], check=True, timeout=60)
    refuse_conversions(copies["whole"])
    assert different(alone, site_of(copies["whole"])) == set()


def test_nothing_is_converted_twice(project: Path, tmp_path: Path) -> None:
    copy = tmp_path / "project"
    shutil.copytree(project, copy, ignore=shutil.ignore_patterns("site"))
    refuse_conversions(copy)
    site_of(copy)


def shared_out(project: Path, copy: Path) -> Path:
    """Copy a project for three processes to build from nothing; return the copy's hook."""
    shutil.copytree(project, copy, ignore=shutil.ignore_patterns(".cache", "site"))
    hook = own_copy(copy / "hooks") / "mkdocs_hooks.py"
    replace(hook, "_MANY = 48", "_MANY = 1")
    replace(hook, "processors(), len(coming)", "3, len(coming)")
    return hook


linux = pytest.mark.skipif(sys.platform != "linux", reason="processes are copied on Linux only")


@linux
def test_pages_made_by_several_processes_are_those_of_one(project: Path, tmp_path: Path) -> None:
    alone = site_of(project)
    copy = tmp_path / "copy"
    hook = shared_out(project, copy)
    # This process now makes one of the three concepts' pages only.
    replace(
        hook,
        "    Page.render(page, config, files)\n",
        "    Page.render(page, config, files)\n"
        "    print(os.getpid(), page.file.src_uri, file=open('rendered', 'a'))\n",
    )
    assert different(alone, site_of(copy)) == set()
    lines = [line.split() for line in (copy / "rendered").read_text().splitlines()]
    own = lines[0][0]
    assert [process == own for process, path in lines if path.count("/") == 2].count(True) == 3
    # Nothing is made again of what others have made.
    before = times(copy / "site")
    site_of(copy)
    assert not any("terms/l" in path for path in written_since(copy / "site", before))


@linux
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("        return _facts(build, page)\n", "        return None\n"),
        ("None if file.src_uri in build.unkept else True", "None"),
    ],
)
def test_pages_that_other_processes_could_not_make_are_made(
    project: Path, tmp_path: Path, old: str, new: str
) -> None:
    alone = site_of(project)
    copy = tmp_path / "copy"
    replace(shared_out(project, copy), old, new)
    assert different(alone, site_of(copy)) == set()


def own_copy(folder: Path) -> Path:
    """Return `folder`, after putting a copy of what it links to in its place."""
    if folder.is_symlink():
        original = folder.resolve()
        folder.unlink()
        shutil.copytree(original, folder, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def refuse_conversions(project: Path) -> None:
    """Make a build fail that has to convert a page."""
    hooks = own_copy(project / "hooks")
    # A conversion would now fail; the library itself, and so what is kept, is unchanged.
    render = "    Page.render(page, config, files)\n"
    replace(hooks / "mkdocs_hooks.py", render, "    raise Abort\n")
