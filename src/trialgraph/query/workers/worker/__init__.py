"""The query worker: one store, one query at a time, in a process that may be killed at any moment.

It stands alone on purpose: it imports pyoxigraph, sparq, the standard library, this folder and the writers of RDF
(`syntaxes`), so that little runs inside the sandbox. `fork_server.py` runs `process.py` as a process that forks
workers when told to.

Before the store answers anything the worker gives up what a query must not have: new sockets, other programs, files
opened for writing, signals to others, memory and file sizes without bound. So even if a SERVICE clause came past the
checks of the query's text, nothing could leave.
"""
