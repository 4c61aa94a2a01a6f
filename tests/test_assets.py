"""What pages load: pruning, names made from content, the security policy, compressed twins."""

from __future__ import annotations

import base64
import gzip
import hashlib
import re
from pathlib import Path

import brotli
import pytest

from conftest import PROJECT, build
from llmglossary import assets, compress, content_security, hosting, styles

SEARCH_NAMES = re.compile(r"(?:en/|zh-Hant/)?search/[0-9a-f]{10}/(?:names|definitions)\.js")
HASHED = re.compile(r"\.[0-9a-f]{6,10}\.(css|js|svg)$")


def pruned(theme: str, *names: str, own: str = "") -> str:
    return styles.sheet([theme], [own], names).css


@pytest.mark.parametrize(
    ("rule", "stays"),
    [
        (".used{top:0}", True),
        (".other{top:0}", False),
        (".used .other{top:0}", False),
        (".used:hover>p::before{top:0}", True),
        ("#used{top:0}", True),
        ("#other{top:0}", False),
        ("p{top:0}", True),
        # What is not required may be absent.
        (".used:not(.other){top:0}", True),
        (".used:is(.other,p){top:0}", True),
        ("[dir=used] p{top:0}", True),
        ('[dir="other"] p{top:0}', False),
        ("[hidden]{top:0}", True),
        ("@media print{.used{top:0}}", True),
        ("@media print{.other{top:0}}", False),
        ("@supports (top:0){@media print{.other{top:0}}}", False),
    ],
)
def test_a_rule_stays_if_what_it_requires_may_occur(rule: str, stays: bool) -> None:  # noqa: FBT001
    assert ("{top:0}" in pruned(rule, "used")) is stays


def test_of_several_selectors_those_stay_that_may_apply() -> None:
    assert pruned(".a .b,.a,p.c{top:0}", "a", "c") == ".a,p.c{top:0}"


def test_our_own_rules_always_stay() -> None:
    assert pruned("", own=".nowhere{top:0}") == ".nowhere{top:0}"


def test_unused_custom_properties_go_with_what_only_they_refer_to() -> None:
    theme = ":root{--used:1px;--chain:var(--end);--end:2px;--unused:3px}p{top:var(--used)}"
    assert pruned(theme) == ":root{--used:1px}p{top:var(--used)}"
    assert "--end" in pruned(theme, own="p{left:var(--chain)}")
    assert "--unused" not in pruned(theme, own="p{left:var(--chain)}")


def test_an_animation_stays_while_something_runs_it() -> None:
    frames = "@keyframes turn{to{rotate:1turn}}"
    assert "keyframes turn" in pruned(f"{frames}p{{animation:turn 1s}}")
    assert pruned(f"{frames}.other{{animation:turn 1s}}") == ""


def test_a_lost_class_is_found_on_a_finished_page() -> None:
    sheet = styles.sheet([".tabs .tab{top:0}.note{top:0}"], [], {"note"})
    assert sheet.missing('<div class="note tabs"><p class=tab>') == {"tabs", "tab"}
    assert sheet.missing('<p id="tab" class="note">.tab</p>') == frozenset()


def test_names_are_read_from_markdown() -> None:
    text = (
        "!!! note\n\n??? tip\n\n/// caption\n\n## Head {#id .given}\n"
        '<p class="raw other">\n\nProse names nothing. Nor 1.5 or {0.5}.\n'
    )
    assert styles.marks(text) == {"note", "tip", "caption", "given", "raw", "other"}


def test_a_new_class_in_a_template_keeps_its_rules(tree: Path) -> None:
    """Whoever uses a part of Material's in a template need not know that the sheet is pruned."""
    (tree / "overrides").unlink()
    for path in sorted((PROJECT / "overrides").rglob("*.html")):
        copy = tree / "overrides" / path.relative_to(PROJECT / "overrides")
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(path.read_text("utf-8"), "utf-8")
    home = tree / "overrides/home.html"
    text = home.read_text("utf-8")
    home.write_text(text.replace("<h1>", '<a class="md-button">x</a><h1>'), "utf-8")
    result = build(tree)
    assert result.returncode == 0, result.stdout + result.stderr
    (sheet,) = (tree / "site/assets").glob("site.*.css")
    assert ".md-typeset .md-button{" in sheet.read_text("utf-8")


def test_a_class_that_comes_from_nowhere_known_fails_the_build(tree: Path) -> None:
    hook = tree / "class.py"
    hook.write_text(
        "def on_page_content(html, **_):\n    return html + '<p class=' + 'md-' + 'button>x</p>'\n",
        "utf-8",
    )
    config = tree / "mkdocs.yml"
    text = config.read_text("utf-8")
    config.write_text(
        text.replace("  - hooks/mkdocs_hooks.py", "  - hooks/mkdocs_hooks.py\n  - class.py"),
        "utf-8",
    )
    result = build(tree)
    assert result.returncode != 0
    assert "`md-button` were left out of the style sheet" in result.stdout + result.stderr


def test_a_name_changes_with_the_content_alone() -> None:
    one, same, other = (assets.named("a/site.min.css", text) for text in (b"1", b"1", b"2"))
    assert one == same
    assert one.path != other.path
    assert re.fullmatch(r"a/site\.min\.[0-9a-f]{10}\.css", one.path)


def test_pages_refer_to_hashed_names_only(site: Path) -> None:
    folder = site / "zh-Hant/terms/rlhf"
    page = (folder / "index.html").read_text("utf-8")
    loaded = re.findall(r'\ssrc="([^"]+)"', page)
    (scripts,) = re.findall(r'\sdata-scripts="([^"]+)"', page)
    loaded += scripts.split()
    loaded += re.findall(r'<link rel="(?:stylesheet|icon)"[^>]* href="([^"]+)"', page)
    assert len(loaded) == 6
    for address in loaded:
        assert HASHED.search(address), address
        digest = hashlib.sha256((folder / address).resolve().read_bytes()).hexdigest()
        assert digest.startswith(address.split(".")[-2])


def test_nothing_is_published_that_no_page_loads(site: Path) -> None:
    files = {path for path in (site / "assets").rglob("*") if path.is_file()}
    assert all(HASHED.search(path.name) or ".LICENSE." in path.name for path in files), files


def test_a_page_has_no_style_or_handler_that_the_policy_forbids(
    site: Path, fixture_site: Path
) -> None:
    forbidden = re.compile(r"<[a-z][^<>]*\s(?:style|on[a-z]+)=|<style")
    for folder in (site, fixture_site):
        for page in folder.rglob("*.html"):
            assert not forbidden.search(page.read_text("utf-8")), page


def test_the_policy_names_each_inline_script_by_its_hash(site: Path) -> None:
    for page in site.rglob("*.html"):
        text = page.read_text("utf-8")
        policy = re.search(r'<meta [^>]*content="(default-src [^"]+)"', text)
        assert policy, page
        assert 'http-equiv="Content-Security-Policy"' in text, page
        assert "unsafe" not in policy[1], page
        for script in content_security.inline_scripts(text):
            digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
            assert f"'sha256-{digest}'" in policy[1], page


def test_only_a_page_that_draws_in_the_browser_may_write_styles() -> None:
    assert "unsafe" not in content_security.policy(["x"])
    drawing = content_security.policy(["x"], draws_in_browser=True)
    assert "style-src 'self' 'unsafe-inline'" in drawing
    assert "script-src 'self' 'sha256-" in drawing


def test_headers_name_what_never_changes(site: Path) -> None:
    text = (site / hosting.FILE).read_text("utf-8")
    assert "frame-ancestors 'none'" in text
    named = re.findall(rf"^/(.+)\n  Cache-Control: {hosting.FOREVER}$", text, re.MULTILINE)
    folders = [path.removesuffix("*") for path in named if path.endswith("*")]
    assert (len(named), len(folders)) == (18, 6)
    for path in set(named) - {f"{folder}*" for folder in folders}:
        assert HASHED.search(path) or SEARCH_NAMES.fullmatch(path), path
        assert (site / path).is_file(), path
    for folder in folders:
        assert re.fullmatch(r"(?:en/|zh-Hant/)?search/(?:words|pages)/", folder)
        assert all(HASHED.search(path.name) for path in (site / folder).iterdir())


def test_twins_decompress_to_their_file_and_are_reproducible(tmp_path: Path) -> None:
    site = tmp_path / "site"
    site.mkdir()
    page = ("<p>" + "大模型术语 glossary " * 200).encode()
    (site / "index.html").write_bytes(page)
    (site / "small.css").write_bytes(b"p{}")
    (site / "picture.png").write_bytes(bytes(5000))
    first = compress.compress(site)
    assert first.files == 1
    twins = {
        path.name: path.read_bytes() for path in site.iterdir() if path.suffix in {".br", ".gz"}
    }
    assert set(twins) == {"index.html.br", "index.html.gz"}
    assert brotli.decompress(twins["index.html.br"]) == page
    assert gzip.decompress(twins["index.html.gz"]) == page
    assert compress.compress(site, cache=tmp_path / "cache") == first
    assert compress.compress(site, cache=tmp_path / "cache") == first
    assert {path.name: path.read_bytes() for path in site.glob("index.html.*")} == twins


def test_stale_twins_go_and_downloads_stay(tmp_path: Path) -> None:
    for name in ("gone.html.br", "gone.html.gz", "data.tar.gz"):
        (tmp_path / name).write_bytes(b"x")
    compress.compress(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["data.tar.gz"]


def test_the_cache_keeps_only_what_the_site_has(tmp_path: Path) -> None:
    site, cache = tmp_path / "site", tmp_path / "cache"
    site.mkdir()
    for text in ("old ", "new "):
        (site / "index.html").write_text(text * 1000, "utf-8")
        compress.compress(site, cache=cache)
    assert len([path for path in cache.rglob("*") if path.is_file()]) == 2
