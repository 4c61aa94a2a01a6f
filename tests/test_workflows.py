"""What runs on GitHub: harmless to run for strangers, and deaf to what they put in artifacts."""

from __future__ import annotations

import importlib.util
import json
import re
import stat
import struct
import subprocess
import sys
import zipfile
from pathlib import Path
from types import ModuleType
from typing import Any

import jsonschema
import pytest
import yaml

from llmglossary.record import LEVELS, ConceptRecord, LanguageNames

PROJECT = Path(__file__).resolve().parent.parent
GITHUB = PROJECT / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))
FORMS = sorted(path for path in (GITHUB / "ISSUE_TEMPLATE").glob("*.yml") if path.stem != "config")


def _yaml(path: Path) -> dict[Any, Any]:
    found = yaml.safe_load(path.read_text("utf-8"))
    assert isinstance(found, dict)
    return found


def _script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, GITHUB / "scripts" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


summary = _script("summary")
preview_comment = _script("preview_comment")
preview_site = _script("preview_site")


# --- the workflows themselves ------------------------------------------------------------------


@pytest.mark.parametrize(
    "command",
    [
        [
            *("jactionlint", "--no-color", "--no-hints", "--strict-exit"),
            *(str(path) for path in (*WORKFLOWS, GITHUB / "dependabot.yml")),
        ],
        ["zizmor", "--quiet", "--offline", "--no-progress", "--persona", "pedantic", ".github"],
    ],
    ids=lambda command: str(command[0]),
)
def test_linters_find_nothing(command: list[str]) -> None:
    tool = Path(sys.executable).parent / command[0]
    done = subprocess.run(
        [str(tool), *command[1:]], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_workflow_is_pinned_and_without_rights(path: Path) -> None:
    text = path.read_text("utf-8")
    workflow = _yaml(path)
    assert workflow["permissions"] == {}
    assert "concurrency" in workflow
    used = re.findall(r"^\s*-?\s*uses:.*$", text, re.MULTILINE)
    pin = re.compile(r"\s*-?\s*uses: [\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")
    assert [line for line in used if not pin.fullmatch(line)] == []
    for name, job in workflow["jobs"].items():
        assert job["timeout-minutes"] <= 60, name
        assert isinstance(job["permissions"], dict), name
        for step in job["steps"]:
            assert "${{" not in step.get("run", ""), f"{name}: pass it through env"
            if step.get("uses", "").startswith("actions/checkout@"):
                assert step["with"]["persist-credentials"] is False
                assert "ref" not in step["with"], "the triggering commit, or the default branch"


def test_every_action_has_one_pin() -> None:
    pins: dict[str, set[str]] = {}
    for path in WORKFLOWS:
        for action, commit in re.findall(r"uses: ([\w./-]+)@(\S+)", path.read_text("utf-8")):
            pins.setdefault(action, set()).add(commit)
    assert {action: found for action, found in pins.items() if len(found) > 1} == {}


def test_only_trusted_code_has_rights() -> None:
    """A workflow that a stranger's pull request starts may read, and knows no secret."""
    for path in WORKFLOWS:
        workflow = _yaml(path)
        events = workflow[True]  # YAML 1.1 reads the key `on` as true
        assert "pull_request_target" not in events
        if "pull_request" not in events:
            continue
        assert "secrets." not in path.read_text("utf-8")
        for name, job in workflow["jobs"].items():
            if not str(job.get("if", "")).startswith("github.event_name == 'push' &&"):
                assert job["permissions"] == {"contents": "read"}, f"{path.name}: {name}"


def test_preview_runs_only_scripts_of_the_default_branch() -> None:
    preview = _yaml(GITHUB / "workflows" / "preview.yml")
    assert (
        _yaml(GITHUB / "workflows" / "build.yml")["name"]
        in preview[True]["workflow_run"]["workflows"]
    )
    for job in preview["jobs"].values():
        for step in job["steps"]:
            if "download-artifact" in step.get("uses", ""):
                assert step["with"]["skip-decompress"] is True
                assert step["with"]["path"].startswith("${{ runner.temp }}/")


# --- the comment -------------------------------------------------------------------------------

GOOD = {
    "slugs": ["rlhf", "dpo"],
    "pages": ["", "contribute/names"],
    "errors": 2,
    "warnings": 1,
    "codes": {"unknown-key": 2},
}
DEEP = b"[" * 100_000


@pytest.mark.parametrize(
    "change",
    [
        {"slugs": ["rlhf](https://evil.example)"]},
        {"slugs": ["<img src=x onerror=alert(1)>"]},
        {"slugs": ["rlhf\n@everyone"]},
        {"slugs": ["rlhf\n"]},
        {"slugs": ["RLHF"]},
        {"slugs": ["rlhf\u202e"]},
        {"slugs": ["../../etc/passwd"]},
        {"slugs": ["$(id)"]},
        {"slugs": ["a" * 65]},
        {"slugs": [""]},
        {"slugs": ["１"]},
        {"slugs": [1]},
        {"slugs": [["rlhf"]]},
        {"slugs": "rlhf"},
        {"slugs": {"rlhf": 1}},
        {"slugs": ["a"] * 501},
        {"pages": ["contribute/names)"]},
        {"pages": ["../contribute"]},
        {"pages": ["/contribute"]},
        {"pages": ["contribute//names"]},
        {"pages": ["a/b/c/d/e"]},
        {"pages": ["contribute/names\n"]},
        {"pages": [None]},
        {"pages": ["a"] * 501},
        {"errors": 10**30},
        {"errors": -1},
        {"errors": True},
        {"errors": "2"},
        {"errors": 1.5},
        {"errors": None},
        {"warnings": float("inf")},
        {"warnings": float("nan")},
        {"codes": {"`x` @everyone": 1}},
        {"codes": {"x\n\n# big": 1}},
        {"codes": {"ok": "1 | <b>"}},
        {"codes": {f"c{i}": 1 for i in range(101)}},
        {"codes": ["ok"]},
        {"number": 1},
    ],
    ids=lambda change: ascii(change)[:40],
)
def test_hostile_summary_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(preview_comment.UntrustedDataError):
        preview_comment.parse_summary(json.dumps({**GOOD, **change}).encode())


@pytest.mark.parametrize(
    "data",
    [b"", b"null", b"[]", b"{}", b"\xff\xfe", DEEP, b'{"errors": ' + b"9" * 5000 + b"}"],
    ids=["empty", "null", "list", "bare", "encoding", "deep", "long number"],
)
def test_broken_summary_is_refused(data: bytes) -> None:
    with pytest.raises(preview_comment.UntrustedDataError):
        preview_comment.parse_summary(data)


def _zip(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


@pytest.mark.parametrize(
    "files",
    [{}, {"other.json": b"{}"}, {"summary.json": b" " * 200_000}, {"summary.json": b"<b>"}],
    ids=["empty", "other", "large", "markup"],
)
def test_hostile_artifact_is_refused(tmp_path: Path, files: dict[str, bytes]) -> None:
    _zip(tmp_path / "summary.zip", files)
    with pytest.raises(preview_comment.UntrustedDataError):
        preview_comment.read_summary(tmp_path)


def test_artifact_that_is_no_zip_or_not_alone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(preview_comment.UntrustedDataError):
        preview_comment.read_summary(tmp_path / "missing")
    (tmp_path / "a").write_bytes(b"no zip")
    with pytest.raises(preview_comment.UntrustedDataError):
        preview_comment.read_summary(tmp_path)
    good = _zip(tmp_path / "b", {"summary.json": json.dumps(GOOD).encode()})
    with pytest.raises(preview_comment.UntrustedDataError):
        preview_comment.read_summary(tmp_path)
    (tmp_path / "a").unlink()
    assert preview_comment.read_summary(tmp_path).errors == 2
    # A flipped bit in the compressed data is found by the checksum.
    data = bytearray(good.read_bytes())
    data[50] ^= 0xFF
    good.write_bytes(data)
    with pytest.raises(preview_comment.UntrustedDataError):
        preview_comment.read_summary(tmp_path)


RUN = "https://github.com/o/r/actions/runs/7"
PREVIEW = "https://o.github.io/r/preview/pr-3/"


def test_comment_links_each_changed_page_in_each_language() -> None:
    body = preview_comment.compose(
        preview_comment.parse_summary(json.dumps(GOOD).encode()),
        run_url=RUN,
        preview_url=PREVIEW,
        built=True,
    )
    for slug in ("rlhf", "dpo"):
        for prefix in ("", "zh-Hant/", "en/"):
            assert f"({PREVIEW}{prefix}terms/{slug}/)" in body
    for prefix in ("", "zh-Hant/", "en/"):
        assert f"({PREVIEW}{prefix}contribute/names/)" in body
        assert f"({PREVIEW}{prefix})" in body
    assert "2 errors, 1 warnings" in body
    assert "| `unknown-key` | 2 |" in body
    assert RUN in body
    assert body.startswith(preview_comment.MARKER)


def test_comment_links_no_page_that_is_not_there() -> None:
    good = preview_comment.parse_summary(json.dumps(GOOD).encode())
    for built, preview_url in ((False, PREVIEW), (True, None)):
        body = preview_comment.compose(good, run_url=RUN, preview_url=preview_url, built=built)
        assert "`rlhf`" in body
        assert "terms/rlhf" not in body
    assert "did not succeed" in preview_comment.compose(
        None, run_url=RUN, preview_url=PREVIEW, built=False
    )


def test_comment_fits_whatever_passes() -> None:
    """GitHub takes 65,536 characters."""
    largest = {
        "slugs": [f"{i:064d}" for i in range(500)],
        "pages": ["/".join([f"{i:064d}"] * 4) for i in range(500)],
        "errors": 99_999,
        "warnings": 99_999,
        "codes": {f"{i:064d}": 99_999 for i in range(100)},
    }
    body = preview_comment.compose(
        preview_comment.parse_summary(json.dumps(largest).encode()),
        run_url=RUN,
        preview_url=PREVIEW,
        built=True,
    )
    assert len(body) < 65_536


def test_pull_request_is_chosen_by_its_newest_commit() -> None:
    pulls = [{"number": 3, "head": {"sha": "a"}}, {"number": 4, "head": {"sha": "b"}}]
    assert preview_comment.choose(pulls, "b") == 4
    assert preview_comment.choose(pulls, "c") is None
    assert preview_comment.choose([], "a") is None
    assert preview_comment.choose([pulls[0], {**pulls[0], "number": 9}], "a") is None


def _fake_gh(folder: Path, answer: str) -> Path:
    """A `gh` that writes down its arguments and gives one answer."""
    folder.mkdir()
    tool = folder / "gh"
    tool.write_text(
        f"#!{sys.executable}\nimport json, sys\n"
        f"open({str(folder / 'calls')!r}, 'a').write(json.dumps(sys.argv[1:]) + '\\n')\n"
        f"print({answer!r})\n"
    )
    tool.chmod(0o755)
    return folder


def _run_comment(
    bin_folder: Path, *arguments: str, **environment: str
) -> tuple[subprocess.CompletedProcess[str], list[list[str]]]:
    done = subprocess.run(
        [sys.executable, str(GITHUB / "scripts" / "preview_comment.py"), *arguments],
        env={
            "PATH": str(bin_folder),
            "GITHUB_REPOSITORY": "o/r",
            "GITHUB_SERVER_URL": "https://github.com",
            **environment,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    calls = (bin_folder / "calls").read_text() if (bin_folder / "calls").exists() else ""
    return done, [json.loads(line) for line in calls.splitlines()]


def test_branch_named_to_harm_reaches_the_api_as_one_value(tmp_path: Path) -> None:
    pulls = json.dumps([{"number": 12, "head": {"sha": "abc"}}])
    branch = "x$(touch${IFS}pwned);`id`&state=closed"
    done, calls = _run_comment(
        _fake_gh(tmp_path / "bin", pulls),
        "find",
        HEAD_OWNER="eve",
        HEAD_BRANCH=branch,
        HEAD_SHA="abc",
    )
    assert done.stdout == "number=12\n"
    assert calls[0][-4:] == ["-f", "state=open", "-f", f"head=eve:{branch}"]
    assert not list(tmp_path.rglob("pwned"))


def test_own_comment_is_updated_and_hostile_summary_leaves_no_trace(tmp_path: Path) -> None:
    hostile = {**GOOD, "slugs": ["<script>alert(1)</script>"]}
    (tmp_path / "artifact").mkdir()
    _zip(tmp_path / "artifact" / "summary.zip", {"summary.json": json.dumps(hostile).encode()})
    comments = [
        {"id": 1, "user": {"login": "eve"}, "body": preview_comment.MARKER},
        {"id": 2, "user": {"login": preview_comment.AUTHOR}, "body": preview_comment.MARKER},
    ]
    done, calls = _run_comment(
        _fake_gh(tmp_path / "bin", json.dumps(comments)),
        "post",
        str(tmp_path / "artifact"),
        NUMBER="12",
        RUN_ID="7",
        BUILT="true",
        PREVIEWS="false",
    )
    assert done.returncode == 0, done.stderr
    assert calls[-1][:4] == ["api", "--method", "PATCH", "repos/o/r/issues/comments/2"]
    assert "script" not in calls[-1][-1]


# --- the published preview ---------------------------------------------------------------------


def _member(name: str, kind: int = stat.S_IFREG) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(name)
    member.external_attr = (kind | 0o644) << 16
    return member


@pytest.mark.parametrize(
    "name",
    [
        "../index.html",
        "terms/../../x.html",
        "/etc/x.html",
        "C:/x.html",
        "a\\..\\x.html",
        ".git/config.txt",
        "a/.github/x.txt",
        ".htaccess",
        "terms//x.html",
        "x.html\n",
        "x y.html",
        "x.php",
        "x.html.sh",
        "CNAME",
        "-rf/" + "a" * 240 + ".html",
        "x\u202elmth.html",
        "词.html",
    ],
    ids=ascii,
)
def test_preview_refuses_names(name: str) -> None:
    with pytest.raises(preview_site.UntrustedDataError):
        preview_site.check_members([_member("index.html"), _member(name)])


def test_preview_accepts_what_the_build_makes() -> None:
    names = ["index.html", "en/search/index.js", "downloads/SHA256SUMS", "downloads/downloads.json"]
    names += ["downloads/llm-glossary-zh-Hant-screen.pdf", "downloads/llm-glossary-offline.zip"]
    assert len(preview_site.check_members([_member(name) for name in names])) == len(names)
    with pytest.raises(preview_site.UntrustedDataError):
        preview_site.check_members([_member("index.html"), _member("SHA256SUMS")])


def test_preview_refuses_links_devices_doubles_and_floods() -> None:
    index = _member("index.html")
    for bad in (
        [_member("a.html", stat.S_IFLNK)],
        [_member("a.html", stat.S_IFCHR)],
        [_member("a.html"), _member("A.html")],
        [_member("a.html"), _member("a.html/b.html")],
        [_member(f"{i}.html") for i in range(preview_site.MOST_FILES)],
    ):
        with pytest.raises(preview_site.UntrustedDataError):
            preview_site.check_members([index, *bad])
    with pytest.raises(preview_site.UntrustedDataError):
        preview_site.check_members([_member("terms/index.html")])


def test_preview_counts_what_comes_out_not_what_the_header_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preview_site, "LARGEST_FILE", 1000)
    bomb = _zip(tmp_path / "bomb.zip", {"index.html": b"<p>", "a.html": b"0" * 10_000_000})
    with pytest.raises(preview_site.UntrustedDataError):
        preview_site.unpack(bomb, tmp_path / "out")
    assert not (tmp_path / "out").exists()
    # The size in the central directory of the zip file says 10 bytes.
    data = bomb.read_bytes().replace(struct.pack("<I", 10_000_000), struct.pack("<I", 10))
    bomb.write_bytes(data)
    with pytest.raises(preview_site.UntrustedDataError):
        preview_site.unpack(bomb, tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("keep", [0, 10, 100, -30, -4])
def test_preview_refuses_cut_off_zip_files(tmp_path: Path, keep: int) -> None:
    whole = _zip(tmp_path / "site.zip", {"index.html": b"<p>" * 100, "en/index.html": b"<p>"})
    whole.write_bytes(whole.read_bytes()[:keep])
    with pytest.raises(preview_site.UntrustedDataError):
        preview_site.unpack(whole, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_names_of_the_real_site_are_allowed() -> None:
    for name in (
        "index.html",
        "404.html",
        "zh-Hant/terms/kv-cache/index.html",
        "assets/vendor/mermaid.min.3f2a9c1b04.js",
        "assets/vendor/mermaid.min.js.LICENSE.txt",
        "_headers",
        "robots.txt",
        "sitemap.xml",
        "glossary.json",
        "downloads/llm-glossary-offline.zip",
        "downloads/llm-glossary.zh-Hant.epub",
    ):
        assert preview_site.NAME.fullmatch(name), name


def test_previews_are_published_replaced_and_pruned(tmp_path: Path) -> None:
    remote = tmp_path / "remote.git"
    subprocess.run(["git", "init", "--quiet", "--bare", str(remote)], check=True)

    def run(*arguments: str) -> None:
        script = str(GITHUB / "scripts" / "preview_site.py")
        subprocess.run([sys.executable, script, *arguments], check=True, capture_output=True)

    def published() -> set[str]:
        listing = ["git", "-C", str(remote), "ls-tree", "-r", "--name-only", "previews"]
        return set(subprocess.check_output(listing, text=True).split()) - {"README.txt"}

    (tmp_path / "open").write_text("4\n")
    run("prune", str(remote), str(tmp_path / "open"))  # there is no branch yet
    artifact = tmp_path / "artifact"
    artifact.mkdir()
    _zip(artifact / "site.zip", {"index.html": b"1", "old.html": b"1"})
    run("publish", str(remote), "3", str(artifact))
    run("publish", str(remote), "4", str(artifact))
    _zip(artifact / "site.zip", {"index.html": b"2"})
    run("publish", str(remote), "3", str(artifact))
    assert published() == {"pr-3/index.html", "pr-4/index.html", "pr-4/old.html"}
    count = ["git", "-C", str(remote), "rev-list", "--count", "previews"]
    assert subprocess.check_output(count, text=True).strip() == "1"
    run("prune", str(remote), str(tmp_path / "open"))
    assert published() == {"pr-4/index.html", "pr-4/old.html"}
    (tmp_path / "open").write_text("")
    run("prune", str(remote), str(tmp_path / "open"))
    assert published() == set()
    run("publish", str(remote), "5", str(artifact))
    assert published() == {"pr-5/index.html"}


def test_summary_is_one_that_the_trusted_side_accepts() -> None:
    names = (
        "docs/terms/rlhf/index.zh.md\0docs/terms/rlhf/term.yml\0docs/terms/index.zh.md\0README\0"
        "docs/index.en.md\0docs/contribute/style-zh.zh.md\0docs/paths/from-zero/index.en.md\0"
        "docs/paths/from-zero/path.yml\0docs/a b/x.zh.md\0docs/contribute/x.fr.md\0"
    )
    problems = [
        {"severity": "error", "code": "unknown-key"},
        {"severity": "warning", "code": "unused-source"},
    ]
    made = summary.summarize(
        problems, summary.changed_slugs(names.encode()), summary.changed_pages(names.encode())
    )
    parsed = preview_comment.parse_summary(json.dumps(made).encode())
    assert parsed.slugs == ("rlhf",)
    assert parsed.pages == ("", "contribute/style-zh", "paths/from-zero", "terms")
    assert (parsed.errors, parsed.warnings) == (1, 1)


# --- forms, owners, editor ---------------------------------------------------------------------


def _fields(path: Path) -> dict[str, dict[str, Any]]:
    return {field["id"]: field for field in _yaml(path)["body"] if "id" in field}


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_issue_form_is_one_that_github_accepts(path: Path) -> None:
    form = _yaml(path)
    assert {"name", "description", "body"} <= form.keys()
    kinds = {"markdown", "input", "textarea", "dropdown", "checkboxes"}
    ids = [field["id"] for field in form["body"] if field["type"] != "markdown"]
    assert len(ids) == len(set(ids))
    assert all(re.fullmatch(r"[A-Za-z0-9_-]+", id_) for id_ in ids)
    labels = [f["attributes"]["label"] for f in form["body"] if f["type"] != "markdown"]
    assert len(labels) == len(set(labels))
    for field in form["body"]:
        assert field["type"] in kinds
        options = field["attributes"].get("options", ["one"])
        assert options
        if field["type"] == "dropdown":
            assert len(options) == len(set(options))
            assert all(isinstance(option, str) for option in options)


def test_issue_forms_offer_what_a_record_can_hold() -> None:
    forms = {path.stem: _fields(path) for path in FORMS}

    def first_words(form: str, field: str) -> list[str]:
        return [option.split(" ")[0] for option in forms[form][field]["attributes"]["options"]]

    categories = _yaml(PROJECT / "docs" / "categories.yml")["categories"]
    assert first_words("term", "category") == [category["key"] for category in categories]
    assert first_words("term", "level") == list(LEVELS)
    assert {"category", "level", "relations", "sources"} <= forms["term"].keys()
    assert {"category", "level", "relations", "sources"} <= ConceptRecord.model_fields.keys()
    assert set(first_words("name", "status")) <= LanguageNames.model_fields.keys()
    # The site opens the report of an error with these filled in.
    assert {"term", "language"} <= forms["error"].keys()
    assert forms["error"]["language"]["attributes"]["options"] == ["zh-Hans", "zh-Hant", "en"]


def test_owners_are_asked_about_files_that_exist() -> None:
    for line in (GITHUB / "CODEOWNERS").read_text("utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        pattern, *owners = line.split()
        assert owners
        assert all(re.fullmatch(r"@[\w-]+/[\w-]+", owner) for owner in owners)
        if pattern.startswith("/") and "zh-Hant" not in pattern:
            assert any(PROJECT.glob(pattern.strip("/"))), pattern


def _expand(body: str | list[str]) -> str:
    """Write a snippet out as if every default were accepted."""
    text = body if isinstance(body, str) else "\n".join(body)
    text = text.replace("$CURRENT_YEAR-$CURRENT_MONTH-$CURRENT_DATE", "2026-11-22")
    text = re.sub(r"\$\{\d+\|([^,|]+)[^|]*\|\}", r"\1", text)
    text = re.sub(r"\$\{\d+:([^}]*)\}", r"\1", text)
    return re.sub(r"(?<!\\)\$\d+", "", text).replace("\\$", "$")


def test_snippets_write_what_the_check_accepts(tree: Path) -> None:
    snippets = json.loads((PROJECT / ".vscode" / "glossary.code-snippets").read_text("utf-8"))
    written = {name: _expand(snippet["body"]) for name, snippet in snippets.items()}
    record = yaml.safe_load(written["Concept record"])
    schema = json.loads((PROJECT / "docs/contribute/schema/term.json").read_text("utf-8"))
    jsonschema.validate(record, schema)
    names = {"zh": yaml.safe_load(written["Rejected name"])}
    jsonschema.validate(
        {**record, "names": {**record["names"], "zh": {**record["names"]["zh"], **names["zh"]}}},
        schema,
    )
    source = re.findall(
        r"^@\w+\{([^,]+),", (tree / "docs/references.bib").read_text("utf-8"), re.MULTILINE
    )
    category = _yaml(tree / "docs" / "categories.yml")["categories"][0]["key"]
    folder = tree / "docs" / "terms" / "from-a-snippet"
    folder.mkdir()
    some = next(path.parent.name for path in sorted(tree.glob("docs/terms/*/term.yml")))
    for name, snippet in (
        ("term.yml", "Concept record"),
        ("index.zh.md", "Article in Chinese"),
        ("index.en.md", "Article in English"),
    ):
        text = written[snippet].replace("author2020word", source[0])
        text = text.replace("category: alignment", f"category: {category}")
        text = text.replace("requires: [large-language-model]", f"related: [{some}]")
        (folder / name).write_text(text.rstrip() + "\n", "utf-8")
    done = subprocess.run(
        [sys.executable, str(PROJECT / "hooks/cli.py"), "--root", str(tree), "check", str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
