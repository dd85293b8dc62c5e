"""SPARQL as text: one lexer, one grammar, one parsed query, and changes to it by places."""
