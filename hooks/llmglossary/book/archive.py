"""Zip files whose bytes depend on nothing but their members."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

# The format knows no earlier date.
_FIRST = (1980, 1, 1, 0, 0, 0)
_PLAIN_FILE = 0o100644 << 16
_UNIX = 3


@dataclass(frozen=True)
class Member:
    """One file.

    Attributes:
        name: Its path in the archive, with forward slashes.
        data: Its content.
        stored: Whether to leave it uncompressed.
    """

    name: str
    data: bytes
    stored: bool = False


def write(target: BinaryIO, members: Iterable[Member], made: datetime) -> None:
    """Write `members` in the order given.

    Args:
        target: Open for writing.
        members: Each with a name of its own.
        made: The time that every member bears.
    """
    time = max(made.timetuple()[:6], _FIRST)
    with zipfile.ZipFile(target, "w") as archive:
        for member in members:
            info = zipfile.ZipInfo(member.name, time)
            info.external_attr = _PLAIN_FILE
            # Otherwise it says on which system it was made.
            info.create_system = _UNIX
            info.compress_type = zipfile.ZIP_STORED if member.stored else zipfile.ZIP_DEFLATED
            archive.writestr(info, member.data, compresslevel=9)
