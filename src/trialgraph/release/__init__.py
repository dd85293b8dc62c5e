"""What a release gives to take away: dumps in every RDF syntax, and its descriptions.

Everything here is a function of triples, statistics and a time given in; nothing depends on a request,
and the store on disk is reached only through `trialgraph.store`.
"""
