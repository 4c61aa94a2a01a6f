#!/usr/bin/env python3
"""Takes pictures of the changed pages: three languages, desktop and phone.

screenshots.py SUMMARY.json SITE OUTPUT
"""

from __future__ import annotations

import functools
import http.server
import json
import shutil
import sys
import threading
from pathlib import Path

from playwright.sync_api import sync_playwright

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
PREFIXES = {"zh": "", "zh-Hant": "zh-Hant/", "en": "en/"}
WIDTHS = {"desktop": 1280, "phone": 390}
# A pull request that touches more is looked at on the preview.
MOST_PAGES = 20


class _Silent(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


def take(site: Path, pages: list[str], output: Path) -> int:
    """Write ``<page>.<language>.<width>.png`` for every page that the site has.

    Args:
        site: The built site.
        pages: Addresses without language, with a closing slash; empty for the home page.
        output: The folder of the pictures.

    Returns:
        How many pictures were taken.
    """
    browser_path = next(filter(None, map(shutil.which, BROWSERS)), None)
    handler = functools.partial(_Silent, directory=str(site))
    taken = 0
    with (
        http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server,
        sync_playwright() as playwright,
    ):
        threading.Thread(target=server.serve_forever, daemon=True).start()
        browser = playwright.chromium.launch(executable_path=browser_path)
        for device, width in WIDTHS.items():
            page = browser.new_page(viewport={"width": width, "height": 900})
            for address in pages:
                name = address.strip("/").replace("/", ".") or "index"
                for language, prefix in PREFIXES.items():
                    path = f"{prefix}{address}"
                    if not (site / path / "index.html").is_file():  # deleted or renamed
                        continue
                    page.goto(f"http://127.0.0.1:{server.server_port}/{path}")
                    page.screenshot(path=output / f"{name}.{language}.{device}.png", full_page=True)
                    taken += 1
        browser.close()
        server.shutdown()
    return taken


def main() -> None:
    """Read the summary and take the pictures."""
    summary, site, output = map(Path, sys.argv[1:])
    changed = json.loads(summary.read_text("utf-8"))
    pages = [f"terms/{slug}/" for slug in changed["slugs"]]
    pages += [f"{page}/" if page else "" for page in changed["pages"]]
    output.mkdir(parents=True, exist_ok=True)
    taken = take(site, pages[:MOST_PAGES], output)
    sys.stdout.write(f"{taken} screenshots of {len(pages[:MOST_PAGES])} pages\n")


if __name__ == "__main__":
    main()
