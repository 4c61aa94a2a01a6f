"""What a host has to be told beyond the files: ``_headers``, as Netlify and others read it."""

from __future__ import annotations

from collections.abc import Iterable

FILE = "_headers"
FOREVER = "public, max-age=31536000, immutable"


def headers(policy: str, immutable: Iterable[str]) -> str:
    """Return the text of ``_headers``.

    Pages get no ``Cache-Control`` here: these hosts have them checked on every visit anyway, and
    would join the value of two rules that both match.

    Args:
        policy: The Content-Security-Policy of all pages.
        immutable: Paths from the site's root of files that never change under their name.
    """
    everywhere = {
        "Content-Security-Policy": policy,
        "Referrer-Policy": "strict-origin-when-cross-origin",
        "X-Content-Type-Options": "nosniff",
    }
    rules = ["/*", *(f"  {name}: {value}" for name, value in everywhere.items())]
    for path in sorted(immutable):
        rules += [f"/{path}", f"  Cache-Control: {FOREVER}"]
    return "\n".join(rules) + "\n"
