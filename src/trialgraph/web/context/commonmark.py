"""The CommonMark of registry records as HTML that can do no harm.

Raw HTML is shown as text, images are left out, and links lead only to http and https and are not vouched for.

>>> print(render("* Age \\\\> 18\\n* <script>alert(1)</script>").strip())
<ul>
<li>Age &gt; 18</li>
<li>&lt;script&gt;alert(1)&lt;/script&gt;</li>
</ul>
>>> print(render("[a](javascript:alert(1)) [b](https://e.org)").strip())
<p>[a](javascript:alert(1)) <a href="https://e.org" rel="nofollow noopener ugc">b</a></p>
"""

from collections.abc import Sequence
from typing import Any, Final

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

from trialgraph.web.context.node import web_address


def _link_open(_renderer: Any, tokens: Sequence[Token], index: int, _options: Any, _environment: Any) -> str:
    address = web_address(str(tokens[index].attrGet("href") or ""))
    return str(Markup('<a href="{}" rel="nofollow noopener ugc">').format(address or "#"))


def _reader() -> MarkdownIt:
    reader = MarkdownIt("commonmark", {"html": False}).disable(["image", "html_block", "html_inline", "reference"])
    reader.validateLink = lambda url: web_address(url) is not None  # type: ignore[method-assign]
    reader.add_render_rule("link_open", _link_open)
    # The headings of a text must not compete with those of the page around it.
    reader.add_render_rule("heading_open", lambda *_: '<p class="heading">')
    reader.add_render_rule("heading_close", lambda *_: "</p>\n")
    return reader


_READER: Final = _reader()


def render(text: str) -> Markup:
    """Return CommonMark as HTML."""
    return Markup(_READER.render(text))  # noqa: S704 - markdown-it escapes all text, and its HTML is off
