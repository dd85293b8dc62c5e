"""RDF as text: each syntax written from canonical N-Triples, and converted from one to another."""
