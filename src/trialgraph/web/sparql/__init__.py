"""The SPARQL endpoint, its description and the example queries."""
