"""What templates may use beside what a view gives them."""

from typing import Any, Final
from urllib.parse import urlsplit

from flask import Flask
from jinja2 import Template

from trialgraph.syntaxes.xml_text import NOT_XML, REPLACEMENT
from trialgraph.web.context import commonmark
from trialgraph.web.context.bundles import read_bundles
from trialgraph.web.context.node import page_address, web_address

_FORMAT_TITLES: Final = {
    "turtle": "Turtle",
    "ntriples": "N-Triples",
    "nquads": "N-Quads",
    "trig": "TriG",
    "rdfxml": "RDF/XML",
    "jsonld": "JSON-LD",
    "json": "JSON",
    "xml": "XML",
    "csv": "CSV",
    "tsv": "TSV",
}


def host(address: str) -> str:
    """Return the host of an address.

    >>> host("https://clinicaltrials.gov/study/NCT06095583")
    'clinicaltrials.gov'
    """
    return urlsplit(address).netloc


def pubmed(pmid: str) -> str:
    """Return the address of a publication in PubMed; nothing when the number is none.

    >>> pubmed("30280641"), pubmed("x' onclick='")
    ('https://pubmed.ncbi.nlm.nih.gov/30280641/', '')
    """
    return f"https://pubmed.ncbi.nlm.nih.gov/{pmid}/" if pmid.isascii() and pmid.isdigit() else ""


class _Legible(Template):
    """A template whose pages hold no character that neither HTML nor XML has; U+FFFD stands in its place."""

    def render(self, *given: Any, **named: Any) -> str:
        """Return the page."""
        return NOT_XML.sub(REPLACEMENT, super().render(*given, **named))


def prepare(app: Flask) -> None:
    """Give the templates of the application their filters and names."""
    app.jinja_env.template_class = _Legible
    app.jinja_env.filters.update(web_address=web_address, page_address=page_address, host=host, pubmed=pubmed)
    app.jinja_env.filters.update(markdown=commonmark.render)
    app.jinja_env.globals.update(format_titles=_FORMAT_TITLES, bundle=read_bundles().address)
