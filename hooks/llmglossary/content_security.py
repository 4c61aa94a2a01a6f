"""The Content-Security-Policy of the pages: what a browser may load and run on them.

Everything comes from the site itself. The few scripts that stand in a page are named by the hash
of their text, which the build computes from that very text; nothing else that stands in a page
runs, and no style is written on elements. So markup that found its way into a page can do nothing.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable

_INLINE = re.compile(r"<script>(.*?)</script>", re.DOTALL)


def policy(scripts: Iterable[str], *, draws_in_browser: bool = False) -> str:
    """Return the policy of a page.

    Args:
        scripts: The texts of the scripts that stand in the page.
        draws_in_browser: Whether Mermaid runs on the page: it styles what it draws with elements
            and attributes whose text is not known beforehand.
    """
    directives = {
        "default-src": ["'none'"],
        "script-src": ["'self'", *sorted({source(text) for text in scripts})],
        "style-src": ["'self'", *(["'unsafe-inline'"] if draws_in_browser else [])],
        # The theme's icons are data: addresses within the style sheet.
        "img-src": ["'self'", "data:"],
        # Nothing here connects; tools that audit a page ask for robots.txt from within it.
        "connect-src": ["'self'"],
        "base-uri": ["'none'"],
        "form-action": ["'none'"],
    }
    return "; ".join(f"{name} {' '.join(values)}" for name, values in directives.items())


def header(policy: str) -> str:
    """Return a page's policy with what browsers obey only in a header."""
    return f"{policy}; frame-ancestors 'none'"


def inline_scripts(html: str) -> list[str]:
    """Return the texts of the scripts that stand in a page."""
    return _INLINE.findall(html)


def source(script: str) -> str:
    """Return what allows a script that stands in a page, by its text."""
    digest = hashlib.sha256(script.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
