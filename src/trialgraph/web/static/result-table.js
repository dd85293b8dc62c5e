// A result as a table: labels and links, sort by a column, filter by words, copy, CSV and TSV of what is shown.
import { ask } from "./sparql-model.js";

const PAGE = 200; // rows put into the page at once
const BASE = "https://w3id.org/trialgraph/";
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;

export const element = (name, properties = {}, ...children) => {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key.includes("-") || key === "for" || key === "role") made.setAttribute(key, value);
    else made[key] = value;
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
};

// Our own resources are shown by this server, wherever it runs.
export const pageOf = (iri) =>
  (iri.startsWith(`${BASE}id/`) || iri.startsWith(`${BASE}ontology`) ? "/" + iri.slice(BASE.length) : iri);

export const save = (name, type, content) => {
  const blob = content instanceof Blob ? content : new Blob([content], { type });
  const link = element("a", { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
};

// Labels of the IRIs in some rows, asked once each.
const labels = new Map();
export const labelsOf = async (rows) => {
  const wanted = new Set();
  for (const row of rows) {
    for (const term of Object.values(row)) {
      if (term.type === "uri" && !labels.has(term.value) && /^https?:\/\/[^\s<>"{}|\\^`]+$/.test(term.value)) wanted.add(term.value);
    }
  }
  const names = "<http://www.w3.org/2000/01/rdf-schema#label>|<http://www.w3.org/2004/02/skos/core#prefLabel>";
  for (let all = [...wanted], at = 0; at < all.length; at += 400) {
    const values = all.slice(at, at + 400).map((iri) => `<${iri}>`).join(" ");
    const got = await ask(`SELECT ?i (SAMPLE(?l) AS ?label) { VALUES ?i { ${values} } ?i ${names} ?l } GROUP BY ?i`);
    if (!got.ok) break;
    for (const row of (await got.json()).results.bindings) if (row.label) labels.set(row.i.value, row.label.value);
  }
  return labels;
};

export const textOf = (term) => {
  if (!term) return "";
  if (term.type === "triple") return JSON.stringify(term.value);
  return (term.type === "uri" && labels.get(term.value)) || term.value;
};

export const isNumber = (term) => term?.type === "literal" && NUMBER.test(term.value);

// IRIs are turned into links only when they lead to the web: a javascript: IRI in the data stays text.
const cell = (term) => {
  const made = element("td", { className: isNumber(term) ? "number" : "" });
  if (!term) made.className = "unbound";
  else if (term.type === "uri" && /^https?:\/\//i.test(term.value)) {
    made.append(element("a", { href: pageOf(term.value), title: term.value, textContent: textOf(term), rel: "nofollow" }));
  } else {
    made.textContent = textOf(term);
    if (term["xml:lang"]) made.append(element("span", { className: "kind", textContent: ` @${term["xml:lang"]}` }));
  }
  return made;
};

const compare = (one, other) => {
  if (!one || !other) return one ? -1 : other ? 1 : 0; // what is unbound comes last
  if (isNumber(one) && isNumber(other)) return Number(one.value) - Number(other.value);
  return textOf(one).localeCompare(textOf(other), "en", { numeric: true });
};

const quoted = (text) => (/[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

// Return { node, shown } for the columns and rows of a result; `shown()` gives the rows as filtered and sorted.
export const resultTable = (columns, rows) => {
  let order = { column: null, down: false };
  let wanted = "";
  let drawn = 0;
  const filter = element("input", { type: "search", placeholder: "Filter rows", "aria-label": "Filter rows" });
  const count = element("span", { className: "kind", role: "status" });
  const body = element("tbody");
  const more = element("button", { type: "button", textContent: `Show ${PAGE} more` });

  const shown = () => {
    const words = wanted.toLowerCase().split(/\s+/).filter(Boolean);
    const fits = (row) => {
      const text = columns.map((name) => `${textOf(row[name])} ${row[name]?.value || ""}`).join("\n").toLowerCase();
      return words.every((word) => text.includes(word));
    };
    const kept = words.length ? rows.filter(fits) : [...rows];
    if (order.column) kept.sort((a, b) => compare(a[order.column], b[order.column]) * (order.down && a[order.column] && b[order.column] ? -1 : 1));
    return kept;
  };
  const drawMore = async (kept) => {
    const part = kept.slice(drawn, drawn + PAGE);
    await labelsOf(part).catch(() => undefined);
    body.append(...part.map((row) => element("tr", {}, ...columns.map((name) => cell(row[name])))));
    drawn += part.length;
    more.hidden = drawn >= kept.length;
  };
  const redraw = async () => {
    const kept = shown();
    body.replaceChildren();
    drawn = 0;
    count.textContent = kept.length === rows.length ? "" : `${kept.length.toLocaleString("en")} of ${rows.length.toLocaleString("en")} rows`;
    await drawMore(kept);
  };

  const heads = columns.map((name) => {
    const button = element("button", { type: "button", className: "sort", textContent: name });
    const head = element("th", { scope: "col" }, button);
    button.addEventListener("click", () => {
      order = order.column !== name ? { column: name, down: false } : order.down ? { column: null, down: false } : { column: name, down: true };
      for (const other of heads) other.removeAttribute("aria-sort");
      if (order.column) head.setAttribute("aria-sort", order.down ? "descending" : "ascending");
      redraw();
    });
    return head;
  });
  filter.addEventListener("input", () => { wanted = filter.value; redraw(); });
  more.addEventListener("click", () => drawMore(shown()));

  const lines = (separator, quote) => [columns, ...shown().map((row) => columns.map((name) => row[name]?.value ?? ""))]
    .map((values) => values.map(quote).join(separator)).join("\r\n") + "\r\n";
  const csv = element("button", { type: "button", textContent: "CSV of what is shown" });
  csv.addEventListener("click", () => save("trialgraph.csv", "text/csv", lines(",", quoted)));
  const copy = element("button", { type: "button", textContent: "Copy" });
  copy.addEventListener("click", async () => {
    await navigator.clipboard.writeText(lines("\t", (text) => text.replace(/[\t\r\n]+/g, " ")));
    copy.textContent = "Copied";
  });
  const table = element("table", {}, element("thead", {}, element("tr", {}, ...heads)), body);
  const scroll = element("div", { className: "scroll", tabIndex: 0, role: "region", "aria-label": "Rows of the answer" }, table);
  const node = element("div", { className: "result-table" },
    element("div", { className: "query-actions" }, filter, copy, csv, count), scroll, more);
  return { node, shown, ready: redraw() };
};
