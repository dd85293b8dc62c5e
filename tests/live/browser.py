"""A real browser for the tests, and pages whose console must stay silent."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
SWITCHES = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"]
needs_browser = pytest.mark.skipif(BROWSER is None, reason="no Chromium here")


@contextmanager
def browser() -> Iterator[Any]:
    """Give a running browser; skips where playwright is not installed."""
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as running:
        opened = running.chromium.launch(executable_path=BROWSER, args=SWITCHES)
        try:
            yield opened
        finally:
            opened.close()


@contextmanager
def silent_page(opened: Any, width: int = 1200, **options: Any) -> Iterator[Any]:
    """Give a page; fails at the end when it wrote an error to its console."""
    context = opened.new_context(viewport={"width": width, "height": 900}, **options)
    page, said = context.new_page(), []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.set_default_timeout(20_000)
    try:
        yield page
    finally:
        context.close()
    assert not said
