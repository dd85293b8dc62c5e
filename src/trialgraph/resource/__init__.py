"""One thing: what the graph says of it and its parts, and that as text in any RDF syntax.

Both wings use this room, so that the command line gives the bytes that the server gives.
"""
