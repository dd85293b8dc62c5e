r"""What XML 1.0 can hold of a text: three control characters, no U+FFFE and U+FFFF (rule 2, Char).

>>> holds("tab\t"), holds("bell \x07")
(True, False)
>>> shown("R&D \x07")
'R&amp;D �'
"""

import re
from typing import Final

NOT_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
NOT_XML_BYTES: Final = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]")
"""The same in UTF-8."""
REPLACEMENT: Final = "\ufffd"
_MARKUP: Final = re.compile('[&<>"\r]')
# A carriage return that is not written as a reference is read as a line feed (XML 1.0, section 2.11).
_ENTITIES: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\r": "&#13;"}


def holds(text: str) -> bool:
    """Tell whether XML can hold a text."""
    return NOT_XML.search(text) is None


def escape(text: str) -> str:
    """Return a text as content or as the value of an attribute between double quotes."""
    return _MARKUP.sub(lambda match: _ENTITIES[match[0]], text) if _MARKUP.search(text) else text


def shown(text: str) -> str:
    """Return a text that people read, as `escape` does, with U+FFFD for each character that XML cannot hold."""
    return escape(NOT_XML.sub(REPLACEMENT, text))
