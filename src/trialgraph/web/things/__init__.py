"""One thing of the graph: dereferenced, as a page, as data."""
