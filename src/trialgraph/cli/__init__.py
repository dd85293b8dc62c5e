"""The command line: parse, call, print.

Exit status, which every command keeps to:

    0   done
    1   the data do not conform, or `--strict` met a record that cannot be taken
    2   the command line or a setting cannot be used
    3   there is no release here, or it is damaged
    4   another build or update is writing here; try again later
    5   a query was not answered: it does not parse, is refused or ran into a limit
    6   the registry did not answer usefully
    7   a source file cannot be used: ontology, shapes or curated data
    8   a release was made, but records were set aside
"""

from trialgraph.cli.main_group import main

__all__ = ["main"]
