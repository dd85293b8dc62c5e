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
    SELECT ?term ?label (SAMPLE(?d) AS ?definition) (SAMPLE(?r) AS ?range) (SAMPLE(?s) AS ?scheme)
      (GROUP_CONCAT(DISTINCT ?o) AS ?domains) WHERE {
      VALUES ?kind { owl:Class owl:ObjectProperty owl:DatatypeProperty rdfs:Class rdf:Property }
      ?term a ?kind ; rdfs:label ?label .
      OPTIONAL { ?term skos:definition ?d } OPTIONAL { ?term rdfs:range ?r }
      OPTIONAL { ?term tg:scheme ?s } OPTIONAL { ?term rdfs:domain/(owl:unionOf/rdf:rest*/rdf:first)? ?o FILTER(isIRI(?o)) }
    } GROUP BY ?term ?label`,
  uses: `PREFIX void: <http://rdfs.org/ns/void#>
    SELECT ?property (SUM(?n) AS ?triples) WHERE {
      ?set void:propertyPartition ?part . ?part void:property ?property ; void:triples ?n
      FILTER NOT EXISTS { ?set void:class ?class } } GROUP BY ?property`,
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
  const [context, terms, words, values, uses] = await Promise.all([
    fetch("/prefixes.jsonld").then((response) => response.json()).catch(() => ({})),
    ...[ASKED.terms, ASKED.words, ASKED.values, ASKED.uses].map((query) => rows(query).catch(() => [])),
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
  for (const { property, triples } of uses) {
    model.properties.set(property.value, Math.max(Number(triples.value), model.properties.get(property.value) || 0));
  }
  for (const row of words) {
    const [label, definition, range, scheme] = ["label", "definition", "range", "scheme"].map((name) => row[name]?.value || "");
    model.words.set(row.term.value, { label, definition, range, scheme });
    // Where a graph tells no classes, as that of links, the ontology says whose the property is.
    for (const name of (row.domains?.value || "").split(" ")) {
      const count = model.properties.get(row.term.value);
      const known = model.classes.get(name);
      if (count && known && !known.properties.has(row.term.value)) known.properties.set(row.term.value, count);
    }
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

// The subject, predicate and place of the cursor in the text before it, as far as one can tell without a parse; `via`
// is the property before it in a path.
const placeOf = (before) => {
  const tokens = (before.match(TOKEN) || []).filter((token) => !token.startsWith("#"));
  let subject = null, predicate = null, via = null, position = 0;
  for (const token of tokens) {
    if ("{}().".includes(token) || /^(where|optional|union|filter|graph|select|minus)$/i.test(token)) { position = 0; via = null; }
    else if (token === ";") { position = 1; via = null; }
    else if (token === ",") position = 2;
    else if (token === "/") { via = predicate; position = 1; }
    else if ("*+".includes(token)) position = Math.max(position, 1);
    else if ("|^!".includes(token)) position = 1;
    else if (position === 0) { subject = token; position = 1; }
    else if (position === 1) { predicate = token; position = 2; }
    else position = 3;
  }
  return { subject, predicate, via, position };
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

// What stands at the cursor is replaced; `named` is a prefix that comes with its first use, so that nobody has to know
// the address behind it. A quotation mark that the editor closed by itself goes too.
const put = (insert, named, text) => (view, completion, from, to) => {
  const after = view.state.doc.sliceString(to, to + 1);
  const end = view.state.doc.sliceString(from, from + 1) === '"' && after === '"' ? to + 1 : to;
  const changes = [{ from, to: end, insert }];
  if (named && !new RegExp(`PREFIX\\s+${named}:`, "i").test(text)) {
    changes.unshift({ from: 0, insert: `PREFIX ${named}: <${model.prefixes.get(named)}>\n` });
  }
  const shift = changes.length > 1 ? changes[0].insert.length : 0;
  view.dispatch({ changes, selection: { anchor: from + shift + insert.length }, userEvent: "input.complete" });
};

// A term is found by its name and by its words.
const option = (iri, count, type, text, shown = "") => {
  const short = shorten(iri);
  const word = model.words.get(iri);
  const name = short || `<${iri}>`;
  const words = shown || word?.label || "";
  return {
    label: `${name} ${words}`, displayLabel: name, type, detail: [words, count && number(count)].filter(Boolean).join(" · "),
    info: word?.definition || undefined, boost: Math.min(90, Math.log10((count || 0) + 1) * 12),
    apply: put(type === "property" ? `${name} ` : name, short && short.slice(0, short.indexOf(":")), text),
  };
};

// Classes whose members are looked up by their names.
const KINDS = ["Drug", "Target", "Disease", "Condition", "Endpoint", "Organization", "TreatmentKind"];
const LABELS = ["http://www.w3.org/2000/01/rdf-schema#label", "http://www.w3.org/2004/02/skos/core#prefLabel"];
const NOTATION = "http://www.w3.org/2004/02/skos/core#notation";
const kindOf = (property) => {
  const range = model.words.get(property)?.range || "";
  const kind = range.slice(range.indexOf("#") + 1);
  return KINDS.includes(kind) ? kind : "";
};

// Things of a kind by what was typed: as IRIs, or as texts where a label is wanted.
const things = async (typed, kind, asText) => {
  const found = await fetch(`/lookup?${new URLSearchParams({ q: typed, kind, limit: 30 })}`).then((answer) => answer.json()).catch(() => null);
  return (found?.results || []).map((each, at) => ({
    label: each.label, type: "constant", detail: each.iri.slice(each.iri.indexOf("/id/") + 4), boost: -at,
    apply: put(asText ? JSON.stringify(each.label) : `<${each.iri}>`, "", ""),
  }));
};

// What may stand at the place of a value: concepts of the property's list, their notations, things by name.
const valueOptions = async ({ predicate, via, text, typed, inText }) => {
  const property = expand(predicate || "", text);
  const before = via ? expand(via, text) : null;
  if (property === TYPE) return inText ? [] : [...model.classes].map(([iri, { count }]) => option(iri, count, "class", text));
  const listed = (name) => model.values.filter((value) => value.scheme === model.words.get(name)?.scheme);
  if (before && (property === NOTATION || LABELS.includes(property)) && model.words.get(before)?.scheme) {
    const fits = ({ said, value }) => !inText || `${said} ${value.label}`.toLowerCase().includes(typed.toLowerCase());
    const texts = listed(before).map((value) => ({ value, said: property === NOTATION ? value.iri.slice(value.iri.lastIndexOf("/") + 1) : value.label }));
    return texts.filter(fits).sort((one, other) => one.said.length - other.said.length).map(({ said, value }) => {
      return { label: `${said} ${value.label}`, displayLabel: `"${said}"`, detail: value.label, type: "constant", apply: put(JSON.stringify(said), "", "") };
    });
  }
  const kind = before && LABELS.includes(property) ? kindOf(before) : kindOf(property);
  if (kind) return typed.length > 1 ? things(typed, kind, Boolean(before && LABELS.includes(property))) : [];
  return inText ? [] : listed(property).map((value) => ({ ...option(value.iri, 0, "constant", text, value.label), boost: -value.label.length }));
};

// CodeMirror's completion source.
export const completions = async (context) => {
  const line = context.state.doc.lineAt(context.pos);
  const quoted = context.matchBefore(/"[^"\n]*$/);
  const inText = Boolean(quoted) && line.text.slice(0, context.pos - line.from).split('"').length % 2 === 0;
  // A name of several words, right after the property that leads to it.
  const spaced = inText ? null : context.matchBefore(/(?<=[\w-]*:[\w-]+\s)[A-Za-z][\w-]*( [\w-]*)+$/);
  const word = inText ? quoted : spaced || context.matchBefore(/[?$]?[\w-]*:?[\w.-]*$/);
  const text = context.state.doc.toString();
  const before = text.slice(0, word ? word.from : context.pos);
  const { subject, predicate, via, position } = placeOf(before);
  const typed = inText ? word.text.slice(1) : word?.text || "";
  if (position === 2 && predicate && !/^[?$]/.test(typed)) {
    const options = await valueOptions({ predicate, via, text, typed, inText });
    const known = options.length && (typed || context.explicit || /\s$/.test(before));
    if (known) return { from: word ? word.from : context.pos, options, filter: !kindOf(expand(predicate, text)) && !inText };
  }
  if (inText || spaced || !word || (word.from === word.to && !context.explicit)) return null;
  if (/^[?$]/.test(word.text)) {
    const names = [...new Set(text.match(/[?$]\w+/g) || [])].filter((name) => name !== word.text);
    return { from: word.from, options: names.map((label) => ({ label, type: "variable" })) };
  }
  if (/PREFIX\s+$/i.test(before)) {
    const options = [...model.prefixes].map(([name, iri]) => ({ label: `${name}:`, detail: iri, apply: `${name}: <${iri}>\n`, type: "namespace" }));
    return { from: word.from, options };
  }
  const options = [];
  if (position === 1) {
    const range = via ? model.words.get(expand(via, text))?.range : "";
    const classes = via ? [range].filter((name) => model.classes.has(name)) : classesOf(subject, text);
    const fitting = new Map(classes.flatMap((name) => [...model.classes.get(name).properties]));
    const offered = fitting.size ? fitting : model.properties;
    options.push(...[...offered].map(([iri, count]) => option(iri, count, "property", text)));
  } else {
    options.push(...[...model.properties].map(([iri, count]) => option(iri, count, "property", text)));
    options.push(...[...model.classes].map(([iri, { count }]) => option(iri, count, "class", text)));
  }
  if (!word.text.includes(":")) options.push(...KEYWORDS.map((label) => ({ label, type: "keyword", boost: -20 })));
  return { from: word.from, options, validFor: /^[?$]?[\w-]*:?[\w.-]*$/ };
};
