// Asks a server with Comunica, as its documentation says, and writes what it got as one line of JSON.
// Arguments: the folder it is installed in, the address of the server.
import { createRequire } from "node:module";

const [folder, root] = process.argv.slice(2);
const { QueryEngine } = createRequire(`${folder}/`)("@comunica/query-sparql");
const engine = new QueryEngine();
const TRIAL = "<https://w3id.org/trialgraph/id/NCT06095583>";
const PREFIXES = "PREFIX tg: <https://w3id.org/trialgraph/ontology#> PREFIX void: <http://rdfs.org/ns/void#>";

async function rows(query, sources) {
  const stream = await engine.queryBindings(`${PREFIXES} ${query}`, { sources });
  return (await stream.toArray()).map((row) => Object.fromEntries([...row].map(([name, term]) => [name.value, term.value])));
}

const typed = [{ type: "sparql", value: `${root}/sparql` }];
const quads = await engine.queryQuads(`${PREFIXES} CONSTRUCT { ?a ?p ?o } WHERE { ${TRIAL} tg:arm ?a . ?a ?p ?o }`, { sources: typed });
console.log(JSON.stringify({
  select: await rows(`SELECT ?drug { ${TRIAL} tg:intervention/tg:drug ?drug }`, typed),
  ask: await engine.queryBoolean(`ASK { ${TRIAL} ?p ?o }`, { sources: typed }),
  construct: (await quads.toArray()).length,
  // Without a type it must find out from the service description that this is an endpoint.
  found: await rows(`SELECT (COUNT(*) AS ?n) { ${TRIAL} tg:arm ?a }`, [`${root}/sparql`]),
  // Documents, which it reads itself.
  void: await rows("SELECT ?endpoint { ?dataset void:sparqlEndpoint ?endpoint }", 
    [{ type: "file", value: `${root}/.well-known/void` }]),
  file: await rows(`SELECT ?label { ${TRIAL} tg:arm ?arm . ?arm <http://www.w3.org/2000/01/rdf-schema#label> ?label }`,
    [{ type: "file", value: `${root}/data/NCT06095583.ttl` }]),
}));
