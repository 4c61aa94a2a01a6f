#!/usr/bin/env python3
"""Keeps the branch ``previews``: one folder of plain files a pull request. Runs with rights.

    preview_site.py publish REMOTE NUMBER ARTIFACT   puts the site in ARTIFACT at pr-NUMBER/
    preview_site.py prune REMOTE OPEN                deletes all but the numbers in the file OPEN

Standard library only. The artifact is a stranger's zip file: it is unpacked here, and only if
every member is a plain file of a known kind with a plain name. The branch is a single commit
without a past, or every preview ever made would stay in the repository.
"""

from __future__ import annotations

import re
import shutil
import stat
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable
from pathlib import Path

BRANCH = "previews"
FOLDER = re.compile(r"pr-([0-9]{1,6})")
KINDS = (
    "css csv epub gif html ico jpg js json jsonld map pdf png svg tbx tsv txt webmanifest webp "
    "woff2 xml zip"
)
# No leading dot, so neither "..", ".git" nor ".github"; no separator but "/", no space, no colon.
PART = "[A-Za-z0-9_-][A-Za-z0-9._-]*"
# Besides, _headers, which other hosts read, and the checksums of the downloads.
NAME = re.compile(
    rf"(?:{PART}/)*{PART}\.(?:{KINDS.replace(' ', '|')})|_headers|downloads/SHA256SUMS"
)
LONGEST_NAME = 240
MOST_FILES = 20_000
LARGEST_FILE = 100_000_000
LARGEST_SITE = 800_000_000
CHUNK = 1 << 20


class UntrustedDataError(Exception):
    """The artifact is not a site that our build would have made."""


def check_members(members: Iterable[zipfile.ZipInfo]) -> list[zipfile.ZipInfo]:
    """Return the files among `members`.

    Raises:
        UntrustedDataError: One has a name, kind or size that no page of the site has.
    """
    files = [member for member in members if not member.is_dir()]
    if len(files) > MOST_FILES:
        raise UntrustedDataError("too many files")
    seen: set[str] = set()
    folders: set[str] = set()
    for member in files:
        name = member.filename
        # orig_filename: zipfile cuts the name at a NUL.
        if len(name) > LONGEST_NAME or name != member.orig_filename or not NAME.fullmatch(name):
            raise UntrustedDataError(f"name {name[:80]!r} is not allowed")
        if stat.S_IFMT(member.external_attr >> 16) not in {0, stat.S_IFREG}:
            raise UntrustedDataError(f"{name} is not a plain file")
        if name.lower() in seen:
            raise UntrustedDataError(f"{name} is there twice")
        seen.add(name.lower())
        parts = name.lower().split("/")
        folders.update("/".join(parts[:end]) for end in range(1, len(parts)))
    if "index.html" not in seen:
        raise UntrustedDataError("there is no index.html")
    if clash := sorted(seen & folders):
        raise UntrustedDataError(f"{clash[0]} is both file and folder")
    return files


def unpack(artifact: Path, target: Path) -> int:
    """Write the site in the zip file `artifact` to `target`, which must not exist.

    Returns:
        How many files were written.

    Raises:
        UntrustedDataError: Something in it is not allowed; `target` is then not there.
    """
    try:
        with zipfile.ZipFile(artifact) as archive:
            members = check_members(archive.infolist())
            left = LARGEST_SITE
            for member in members:
                left -= _write(archive, member, target / member.filename, left)
    except UntrustedDataError:
        shutil.rmtree(target, ignore_errors=True)
        raise
    except Exception as error:  # zipfile and each decompressor raise their own on broken data
        shutil.rmtree(target, ignore_errors=True)
        raise UntrustedDataError("not a readable zip file") from error
    return len(members)


def _write(archive: zipfile.ZipFile, member: zipfile.ZipInfo, path: Path, left: int) -> int:
    """Write one member, counting what really comes out: a header may lie about the size."""
    path.parent.mkdir(parents=True, exist_ok=True)
    size = 0
    with archive.open(member) as source, path.open("xb") as file:
        while chunk := source.read(CHUNK):
            size += len(chunk)
            if size > min(LARGEST_FILE, left):
                raise UntrustedDataError("too large")
            file.write(chunk)
    return size


def closed(names: Iterable[str], still_open: set[int]) -> list[str]:
    """Return those folders of `names` that belong to no open pull request."""
    matches = [(name, FOLDER.fullmatch(name)) for name in names]
    return [name for name, match in matches if match and int(match[1]) not in still_open]


def publish(remote: str, number: int, artifact: Path) -> None:
    """Replace the folder of one pull request on the branch."""
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder)
        _fetch(tree, remote)
        target = tree / f"pr-{number}"
        shutil.rmtree(target, ignore_errors=True)
        count = unpack(artifact, target)
        _push(tree, f"Preview of #{number}")
    sys.stdout.write(f"{count} files at pr-{number}/\n")


def prune(remote: str, still_open: set[int]) -> None:
    """Delete the folders of closed pull requests from the branch."""
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder)
        if not _fetch(tree, remote):
            return
        gone = closed(sorted(path.name for path in tree.iterdir()), still_open)
        for name in gone:
            shutil.rmtree(tree / name)
        if gone:
            _push(tree, "Without closed pull requests")
    sys.stdout.write(f"deleted: {', '.join(gone) or 'none'}\n")


def _git(tree: Path, *arguments: str) -> str:
    command = ["git", "-c", "core.hooksPath=/dev/null", "-C", str(tree), *arguments]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout  # noqa: S603


def _fetch(tree: Path, remote: str) -> bool:
    """Make `tree` hold the branch's files, staged for a first commit; tell if it exists."""
    _git(tree, "init", "--quiet", "--initial-branch", BRANCH)
    _git(tree, "remote", "add", "origin", remote)
    if not _git(tree, "ls-remote", "--heads", "origin", BRANCH):
        return False
    _git(tree, "fetch", "--quiet", "--depth", "1", "origin", BRANCH)
    _git(tree, "read-tree", "-m", "-u", "FETCH_HEAD")
    return True


def _push(tree: Path, message: str) -> None:
    # Even with no preview left the branch has a file: git cannot check out nothing.
    (tree / "README.txt").write_text("Made by .github/scripts/preview_site.py.\n", "utf-8")
    _git(tree, "add", "--all", "--force")
    identity = ("-c", "user.name=github-actions[bot]", "-c", "user.email=bot@invalid")
    _git(tree, *identity, "commit", "--quiet", "--message", message)
    _git(tree, "push", "--quiet", "--force", "origin", f"HEAD:refs/heads/{BRANCH}")


def main() -> None:
    """Run one of the two commands."""
    match sys.argv[1:]:
        case ["publish", remote, number, folder] if FOLDER.fullmatch(f"pr-{number}"):
            artifacts = [path for path in Path(folder).glob("*") if path.is_file()]
            if len(artifacts) != 1:
                sys.exit(f"{folder} holds {len(artifacts)} files, not one artifact.")
            try:
                publish(remote, int(number), artifacts[0])
            except UntrustedDataError as error:
                sys.exit(f"Not published: {error}.")
        case ["prune", remote, listing]:
            prune(remote, {int(line) for line in Path(listing).read_text("utf-8").split()})
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main()
