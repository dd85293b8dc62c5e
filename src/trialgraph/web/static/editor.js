"use strict";
// The query editor: runs a query without leaving the page, shows tables with labels and links. Without this script
// the page is a plain form that does the same with a reload.
(() => {
  const PAGE = 200;            // rows put into the page at once
  const RESULT_TYPES = "application/sparql-results+json, text/turtle;q=0.9";
  const form = document.getElementById("query-form");
  const text = document.getElementById("query");
  const format = document.getElementById("format");
  const status = document.getElementById("status");
  const answer = document.getElementById("answer");
  const stop = document.getElementById("stop");
  const link = document.getElementById("link");
  const examples = document.getElementById("examples");
  let running = null;

  const element = (name, properties = {}, ...children) => {
    const made = Object.assign(document.createElement(name), properties);
    made.append(...children);
    return made;
  };

  const ask = async (query, signal) => fetch("/sparql", {
    method: "POST", signal, body: new URLSearchParams({ query }), headers: { Accept: RESULT_TYPES },
  });

  // IRIs are turned into links only when they lead to the web: a javascript: IRI in the data stays text.
  const asTerm = (term, labels) => {
    if (!term) return element("span", { className: "unbound", textContent: "" });
    if (term.type === "uri") {
      const label = labels.get(term.value) || term.value;
      if (!/^https?:\/\//i.test(term.value)) return document.createTextNode(term.value);
      return element("a", { href: pageOf(term.value), title: term.value, textContent: label, rel: "nofollow" });
    }
    if (term.type === "triple") return document.createTextNode(JSON.stringify(term.value));
    const shown = element("span", { textContent: term.value });
    if (term["xml:lang"]) shown.append(element("span", { className: "kind", textContent: ` @${term["xml:lang"]}` }));
    return shown;
  };

  // Our own resources are shown by this server, wherever it runs.
  const pageOf = (iri) => {
    const base = "https://w3id.org/trialgraph/";
    return iri.startsWith(base + "id/") || iri.startsWith(base + "ontology") ? "/" + iri.slice(base.length) : iri;
  };

  const labelsOf = async (bindings) => {
    const iris = new Set();
    for (const row of bindings) {
      for (const term of Object.values(row)) {
        if (term.type === "uri" && /^https?:\/\/[^\s<>"{}|\\^`]+$/.test(term.value)) iris.add(term.value);
      }
    }
    const labels = new Map();
    if (!iris.size) return labels;
    const values = [...iris].slice(0, 500).map((iri) => `<${iri}>`).join(" ");
    const names = "<http://www.w3.org/2000/01/rdf-schema#label>|<http://www.w3.org/2004/02/skos/core#prefLabel>";
    const got = await ask(`SELECT ?i (SAMPLE(?l) AS ?label) { VALUES ?i { ${values} } ?i ${names} ?l } GROUP BY ?i`);
    if (!got.ok) return labels;
    for (const row of (await got.json()).results.bindings) {
      if (row.label) labels.set(row.i.value, row.label.value);
    }
    return labels;
  };

  const showTable = async (results) => {
    const columns = results.head.vars;
    const bindings = results.results.bindings;
    const body = element("tbody");
    const more = element("button", { type: "button", textContent: `Show ${PAGE} more` });
    let shown = 0;
    const showMore = async () => {
      const part = bindings.slice(shown, shown + PAGE);
      shown += part.length;
      const labels = await labelsOf(part).catch(() => new Map());
      for (const row of part) {
        body.append(element("tr", {}, ...columns.map((name) => element("td", {}, asTerm(row[name], labels)))));
      }
      more.hidden = shown >= bindings.length;
    };
    more.addEventListener("click", showMore);
    const heads = columns.map((name) => element("th", { scope: "col", textContent: name }));
    const table = element("table", {}, element("thead", {}, element("tr", {}, ...heads)), body);
    answer.replaceChildren(element("div", { className: "scroll" }, table), more);
    await showMore();
  };

  const show = async (response) => {
    if ((response.headers.get("Content-Type") || "").includes("json")) {
      const results = await response.json();
      if ("boolean" in results) {
        answer.replaceChildren(element("p", { textContent: results.boolean ? "Yes (true)" : "No (false)" }));
        return "";
      }
      await showTable(results);
      const count = results.results.bindings.length;
      return `${count} row${count === 1 ? "" : "s"}`;
    }
    const graph = await response.text();
    answer.replaceChildren(element("pre", { textContent: graph.slice(0, 500000) }));
    return graph.length > 500000 ? "the first 500,000 characters are shown" : "";
  };

  const run = async () => {
    if (running) running.abort();
    const mine = running = new AbortController();
    const started = performance.now();
    status.textContent = "Running…";
    stop.hidden = false;
    answer.setAttribute("aria-busy", "true");
    try {
      const response = await ask(text.value, mine.signal);
      let note;
      if (response.ok) {
        note = await show(response);
        const cap = response.headers.get("X-SPARQL-MaxRows");
        if (cap) note += `, cut at ${cap} rows by this server`;
      } else {
        answer.replaceChildren(element("pre", { className: "error", textContent: await response.text() }));
        note = `${response.status}`;
      }
      const seconds = ((performance.now() - started) / 1000).toFixed(2);
      status.textContent = [note, `${seconds} s`].filter(Boolean).join(", ");
    } catch (error) {
      status.textContent = error.name === "AbortError" ? "Stopped." : `The server could not be reached: ${error.message}`;
    } finally {
      if (running === mine) {
        running = null;
        stop.hidden = true;
        answer.removeAttribute("aria-busy");
      }
    }
  };

  const remember = () => {
    const address = "/sparql?" + new URLSearchParams({ query: text.value });
    link.href = address;
    link.hidden = false;
    if (address.length < 8000) history.replaceState(null, "", address);
  };

  form.addEventListener("submit", (event) => {
    if (format.value !== "html") return;      // the browser downloads or shows it
    event.preventDefault();
    remember();
    run();
  });
  stop.addEventListener("click", () => running && running.abort());

  let leave = false;
  text.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      form.requestSubmit();
    } else if (event.key === "Escape") {
      leave = true;
    } else if (event.key === "Tab" && !leave && !event.shiftKey && !event.ctrlKey && !event.altKey) {
      event.preventDefault();
      text.setRangeText("  ", text.selectionStart, text.selectionEnd, "end");
    } else if (event.key !== "Tab") {
      leave = false;
    }
  });

  const EXAMPLES = `PREFIX sh: <http://www.w3.org/ns/shacl#> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
    SELECT ?comment ?query { ?example a sh:SPARQLExecutable ; rdfs:comment ?comment ;
      sh:select|sh:ask|sh:construct ?query } ORDER BY ?comment`;
  const offerExamples = async () => {
    const got = await ask(EXAMPLES);
    if (!got.ok) return;
    const rows = (await got.json()).results.bindings;
    if (!rows.length) return;
    for (const row of rows) {
      const title = row.comment.value.replace(/<[^>]*>/g, "").trim();
      examples.append(element("option", { value: row.query.value, textContent: title.slice(0, 120) }));
    }
    examples.closest("label").hidden = false;
    examples.addEventListener("change", () => {
      if (examples.value) text.value = examples.value;
    });
  };

  offerExamples().catch(() => undefined);
  if (new URLSearchParams(location.search).has("query") && !answer.childElementCount) run();
})();
