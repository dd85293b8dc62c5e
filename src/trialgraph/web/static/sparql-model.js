// What the release holds, for completion: prefixes, classes and properties with counts (from its VoID), coded values.
// Everything is asked of the endpoint itself, once a visit.
const ASKED = {
  terms: `PREFIX void: <http://rdfs.org/ns/void#> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
    SELECT ?class ?entities ?property ?triples WHERE {
      ?part void:class ?class ; void:entities ?entities .
      OPTIONAL { ?part void:propertyPartition ?of . ?of void:property ?property ; void:triples ?triples } }`,
  words: `PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
    PREFIX owl: <http://www.w3.org/2002/07/owl#> PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
    PREFIX tg: <https://w3id.org/trialgraph/ontology#>
    SELECT ?term ?label (SAMPLE(?d) AS ?definition) (SAMPLE(?r) AS ?range) (SAMPLE(?s) AS ?scheme) WHERE {
      VALUES ?kind { owl:Class owl:ObjectProperty owl:DatatypeProperty rdfs:Class rdf:Property }
      ?term a ?kind ; rdfs:label ?label .
      OPTIONAL { ?term skos:definition ?d } OPTIONAL { ?term rdfs:range ?r }
      OPTIONAL { ?term tg:scheme ?s } } GROUP BY ?term ?label`,
  values: `PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
    SELECT ?value ?label ?scheme WHERE { ?value skos:inScheme ?scheme ; skos:prefLabel ?label } LIMIT 4000`,
};
const TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type";
const KEYWORDS = `SELECT CONSTRUCT ASK DESCRIBE WHERE FROM NAMED PREFIX BASE DISTINCT REDUCED OPTIONAL UNION MINUS FILTER
  BIND VALUES GRAPH GROUP BY HAVING ORDER ASC DESC LIMIT OFFSET EXISTS NOT IN AS COUNT SUM MIN MAX AVG SAMPLE
  GROUP_CONCAT STR LANG LANGMATCHES DATATYPE BOUND IRI BNODE ABS CEIL FLOOR ROUND CONCAT STRLEN UCASE LCASE CONTAINS
  STRSTARTS STRENDS STRBEFORE STRAFTER YEAR MONTH DAY REGEX REPLACE COALESCE IF SUBSTR isIRI isLiteral`.split(/\s+/);

export const model = { prefixes: new Map(), classes: new Map(), properties: new Map(), words: new Map(), values: [] };

export const ask = async (query, { signal, accept } = {}) => fetch("/sparql", {
  method: "POST", signal, body: new URLSearchParams({ query }),
  headers: { Accept: accept || "application/sparql-results+json, text/turtle;q=0.9" },
});

const rows = async (query) => {
  const response = await ask(query);
  return response.ok ? (await response.json()).results.bindings : [];
};

// Read the model; parts that cannot be had leave completion poorer, never broken.
export const loadModel = async () => {
  const [context, terms, words, values] = await Promise.all([
    fetch("/prefixes.jsonld").then((response) => response.json()).catch(() => ({})),
    ...[ASKED.terms, ASKED.words, ASKED.values].map((query) => rows(query).catch(() => [])),
  ]);
  for (const [name, iri] of Object.entries(context["@context"] || {})) {
    if (typeof iri === "string") model.prefixes.set(name, iri);
    else if (iri["@id"]) model.prefixes.set(name, iri["@id"]);
  }
  for (const row of terms) {
    const name = row.class.value;
    const known = model.classes.get(name) || { count: 0, properties: new Map() };
    known.count = Math.max(known.count, Number(row.entities.value));
    if (row.property) {
      const property = row.property.value;
      const count = Number(row.triples.value);
      known.properties.set(property, Math.max(count, known.properties.get(property) || 0));
      model.properties.set(property, Math.max(count, model.properties.get(property) || 0));
    }
    model.classes.set(name, known);
  }
  for (const row of words) {
    const [label, definition, range, scheme] = ["label", "definition", "range", "scheme"].map((name) => row[name]?.value || "");
    model.words.set(row.term.value, { label, definition, range, scheme });
  }
  model.values = values.map((row) => ({ iri: row.value.value, label: row.label.value, scheme: row.scheme.value }));
  return model;
};

// "tg:arm" of an IRI, or null where no known prefix fits.
export const shorten = (iri) => {
  let best = null;
  for (const [name, start] of model.prefixes) {
    if (!iri.startsWith(start) || (best && best.start.length >= start.length)) continue;
    if (/^[A-Za-z0-9_]([\w.-]*[\w-])?$/.test(iri.slice(start.length))) best = { name, start };
  }
  return best && `${best.name}:${iri.slice(best.start.length)}`;
};

const expand = (term, text) => {
  if (term === "a") return TYPE;
  if (term.startsWith("<")) return term.slice(1, -1);
  const [name, local] = [term.slice(0, term.indexOf(":")), term.slice(term.indexOf(":") + 1)];
  const declared = new RegExp(`PREFIX\\s+${name.replace(/[^\w-]/g, "")}:\\s*<([^>]*)>`, "i").exec(text);
  const start = declared ? declared[1] : model.prefixes.get(name);
  return start === undefined ? null : start + local;
};

const TOKEN = /<[^<>"{}|\\^`\s]*>|"(?:[^"\\\n]|\\.)*"(?:@[\w-]+|\^\^\S+)?|'(?:[^'\\\n]|\\.)*'|#[^\n]*|[?$]\w+|[\w-]*:[\w.%-]*[\w-]|[\w-]*:|\w+|[{}()\[\].;,|/^*+!=<>&-]/g;

// The subject, predicate and place of the cursor in the text before it, as far as one can tell without a parse.
const placeOf = (before) => {
  const tokens = (before.match(TOKEN) || []).filter((token) => !token.startsWith("#"));
  let subject = null, predicate = null, position = 0;
  for (const token of tokens) {
    if ("{}().".includes(token) || /^(where|optional|union|filter|graph|select|minus)$/i.test(token)) { position = 0; }
    else if (token === ";") position = 1;
    else if (token === ",") position = 2;
    else if ("/|^*+!".includes(token)) position = 1;
    else if (position === 0) { subject = token; position = 1; }
    else if (position === 1) { predicate = token; position = 2; }
    else position = 3;
  }
  return { subject, predicate, position };
};

// Classes that the text gives a variable: said with `a`, or the range of the property that leads to it.
const classesOf = (subject, text) => {
  const tokens = text.match(TOKEN) || [];
  const found = new Set();
  let last = null;
  for (let at = 0; at < tokens.length - 1; at += 1) {
    if (tokens[at] === subject && tokens[at + 1] === "a" && tokens[at + 2]) found.add(expand(tokens[at + 2], text));
    if (tokens[at] === subject && at > 0 && tokens[at - 1].includes(":")) {
      const word = model.words.get(expand(tokens[at - 1], text));
      if (word?.range) found.add(word.range);
    }
    if (/^[?$]|^<|:/.test(tokens[at]) && (at === 0 || "{.".includes(tokens[at - 1]))) last = tokens[at];
    if (last === subject && tokens[at] === ";" && tokens[at + 1] === "a" && tokens[at + 2]) found.add(expand(tokens[at + 2], text));
  }
  return [...found].filter((name) => model.classes.has(name));
};

const number = (count) => (count >= 1e6 ? `${(count / 1e6).toFixed(1)} M` : count.toLocaleString("en"));

const option = (iri, count, type, text) => {
  const short = shorten(iri);
  const word = model.words.get(iri);
  return {
    label: short || `<${iri}>`, type, detail: [word?.label, count && number(count)].filter(Boolean).join(" · "),
    info: word?.definition || undefined, boost: Math.min(90, Math.log10((count || 0) + 1) * 12),
    apply: (view, completion, from, to) => {
      const changes = [{ from, to, insert: completion.label }];
      const name = short && short.slice(0, short.indexOf(":"));
      // The prefix comes with its first use, so that nobody has to know the address behind it.
      if (short && !new RegExp(`PREFIX\\s+${name}:`, "i").test(text)) {
        changes.unshift({ from: 0, insert: `PREFIX ${name}: <${model.prefixes.get(name)}>\n` });
      }
      const shift = changes.length > 1 ? changes[0].insert.length : 0;
      view.dispatch({ changes, selection: { anchor: from + shift + completion.label.length }, userEvent: "input.complete" });
    },
  };
};

// CodeMirror's completion source.
export const completions = (context) => {
  const word = context.matchBefore(/[?$]?[\w-]*:?[\w.-]*$/);
  if (!word || (word.from === word.to && !context.explicit)) return null;
  const text = context.state.doc.toString();
  const before = text.slice(0, word.from);
  if (/^[?$]/.test(word.text)) {
    const names = [...new Set(text.match(/[?$]\w+/g) || [])].filter((name) => name !== word.text);
    return { from: word.from, options: names.map((label) => ({ label, type: "variable" })) };
  }
  if (/PREFIX\s+$/i.test(before)) {
    const options = [...model.prefixes].map(([name, iri]) => ({ label: `${name}:`, detail: iri, apply: `${name}: <${iri}>\n`, type: "namespace" }));
    return { from: word.from, options };
  }
  const { subject, predicate, position } = placeOf(before);
  let options = [];
  if (position === 1) {
    const classes = classesOf(subject, text);
    const fitting = new Map(classes.flatMap((name) => [...model.classes.get(name).properties]));
    const offered = fitting.size ? fitting : model.properties;
    options = [...offered].map(([iri, count]) => option(iri, count, "property", text));
  } else if (position === 2 && predicate && expand(predicate, text) === TYPE) {
    options = [...model.classes].map(([iri, { count }]) => option(iri, count, "class", text));
  } else if (position === 2) {
    const scheme = model.words.get(expand(predicate || "", text))?.scheme;
    const values = model.values.filter((value) => !scheme || value.scheme === scheme);
    options = values.slice(0, 2000).map((value) => ({ ...option(value.iri, 0, "constant", text), detail: value.label }));
  } else {
    options = [...model.properties].map(([iri, count]) => option(iri, count, "property", text));
    options.push(...[...model.classes].map(([iri, { count }]) => option(iri, count, "class", text)));
  }
  if (!word.text.includes(":")) options.push(...KEYWORDS.map((label) => ({ label, type: "keyword", boost: -20 })));
  return { from: word.from, options, validFor: /^[?$]?[\w-]*:?[\w.-]*$/ };
};
