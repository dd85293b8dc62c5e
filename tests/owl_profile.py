"""A program for a process of its own: an ontology in RDF/XML held against OWL 2 DL and classified by HermiT.

The OWL API and HermiT are those in owlready2's package. The answer is JSON on standard output.
"""

import json
import sys
from importlib.util import find_spec
from pathlib import Path

import jpype


def main(path: str) -> dict:
    jar = Path(find_spec("owlready2").origin).parent / "hermit" / "HermiT.jar"
    jpype.startJVM(classpath=[str(jar)])
    manager = jpype.JClass("org.semanticweb.owlapi.apibinding.OWLManager").createOWLOntologyManager()
    ontology = manager.loadOntologyFromOntologyDocument(jpype.JClass("java.io.File")(path))
    report = jpype.JClass("org.semanticweb.owlapi.profiles.OWL2DLProfile")().checkOntology(ontology)
    configuration = jpype.JClass("org.semanticweb.HermiT.Configuration")()
    reasoner = jpype.JClass("org.semanticweb.HermiT.Reasoner")(configuration, ontology)
    consistent = bool(reasoner.isConsistent())
    unsatisfiable = reasoner.getUnsatisfiableClasses().getEntitiesMinusBottom() if consistent else ()
    return {
        "axioms": int(ontology.getAxiomCount()),
        "violations": sorted(str(violation) for violation in report.getViolations()),
        "consistent": consistent,
        "unsatisfiable": sorted(str(name) for name in unsatisfiable),
    }


if __name__ == "__main__":
    json.dump(main(sys.argv[1]), sys.stdout)
