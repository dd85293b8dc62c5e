"""Links to outside vocabularies, from mapping tables that say how each link was found.

>>> from trialgraph.settings import packaged
>>> sets = [read_sssom(path) for path in sorted((packaged("data") / "links").glob("*.sssom.tsv"))]
>>> any(triple[1] == "<http://www.w3.org/2004/02/skos/core#exactMatch>" for triple in link_triples(sets))
True
>>> check(sets)
[]
"""

from trialgraph.linking.checking import Finding, check, malformed
from trialgraph.linking.links import link_triples
from trialgraph.linking.sssom import Mapping, MappingSet, read_sssom

__all__ = ["Finding", "Mapping", "MappingSet", "check", "link_triples", "malformed", "read_sssom"]
