"""Data of the search as classic scripts, which a page opened from a folder may load too."""

from __future__ import annotations

import json


def assignment(name: str, data: object) -> str:
    """Write JavaScript that sets ``window.<name>`` to `data`; safe also within an element."""
    return f"window.{name}={_json(data)};\n"


def _json(data: object) -> str:
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    for character in "<\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text
