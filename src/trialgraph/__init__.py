"""Clinical-trial records as RDF: lossless, validated, published.

The making wing (`registry`, `mapping`, `interpretation`, `linking`, `validation`, `release`, `build`) writes a
release; the serving wing (`query`, `web`) only reads one. They meet in `store`, and nowhere else.
"""

__version__ = "0.1.0"
