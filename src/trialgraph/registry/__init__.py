"""Where records come from: files, folders, archives, standard input and the ClinicalTrials.gov API v2.

This room knows JSON and the network, and no RDF.
"""
