// The page of queries: runs a query without leaving the page, keeps drafts and history, offers examples, shows answers as
// tables and pictures. Without this script the page is a plain form that does the same with a reload.
import { createEditor } from "./sparql-editor.js";
import { ask, loadModel, model } from "./sparql-model.js";
import { element, resultTable } from "./result-table.js";
import { draw, viewsOf } from "./result-pictures.js";

const by = (id) => document.getElementById(id);
const [form, area, format, status, answer, stop, link, panel] =
  ["query-form", "query", "format", "status", "answer", "stop", "link", "panel"].map(by);
const bundles = { codemirror: form.dataset.codemirror, vega: form.dataset.vega, outlines: form.dataset.outlines };
const DRAFT = "trialgraph.draft";
const HISTORY = "trialgraph.history";
const MOST_KEPT = 100;
const LONGEST_ADDRESS = 8000;
const VIEW_NAMES = { table: "Table", chart: "Chart", map: "Map", timeline: "Timeline", graph: "Graph" };

// Storage may be forbidden or full: then nothing is kept, and nothing else fails.
const stored = (key, fallback) => {
  try { return JSON.parse(localStorage.getItem(key)) ?? fallback; } catch { return fallback; }
};
const store = (key, value) => {
  try { localStorage.setItem(key, JSON.stringify(value)); } catch { /* kept nowhere */ }
};
const keep = (text) => {
  const kept = stored(HISTORY, []).filter((entry) => entry.text !== text);
  if (text.trim()) store(HISTORY, [{ text, at: new Date().toISOString() }, ...kept].slice(0, MOST_KEPT));
};

let editor;
let running = null;
const address = new URLSearchParams(location.search);
let view = address.get("view") || "";
let chosen = Object.fromEntries(["mark", "x", "y", "colour"].filter((key) => address.has(key)).map((key) => [key, address.get(key)]));

const addressOf = (text) => "/sparql?" + new URLSearchParams({ query: text, ...(view && view !== "table" ? { view, ...chosen } : {}) });

const remember = (push) => {
  const here = addressOf(editor.text);
  link.href = here;
  link.hidden = false;
  if (here.length > LONGEST_ADDRESS || here === location.pathname + location.search) return;
  history[push ? "pushState" : "replaceState"]({ text: editor.text }, "", here);
};

const showTable = async (results) => {
  const [columns, rows] = [results.head.vars, results.results.bindings];
  const views = viewsOf(columns, rows).filter((name) => name === "table" || bundles.vega);
  const place = element("div", { className: "view" });
  const table = resultTable(columns, rows);
  const buttons = views.map((name) => {
    const button = element("button", { type: "button", textContent: VIEW_NAMES[name] });
    button.addEventListener("click", () => { view = name; remember(false); open(name); });
    return button;
  });
  const open = async (name) => {
    buttons.forEach((button, at) => button.setAttribute("aria-pressed", String(views[at] === name)));
    if (name === "table") return place.replaceChildren(table.node);
    place.replaceChildren(element("p", { textContent: "Drawing…", role: "status" }));
    const choose = (picked) => { chosen = picked; remember(false); open(name); };
    try {
      await draw(place, name, columns, table.shown(), bundles, chosen, choose);
    } catch (error) {
      place.replaceChildren(element("p", { className: "error", textContent: `This could not be drawn: ${error.message}` }), table.node);
    }
    return undefined;
  };
  answer.replaceChildren(
    element("h2", { textContent: "Answer" }),
    views.length > 1 ? element("div", { className: "views", role: "group", "aria-label": "Show as" }, ...buttons) : null, place);
  await open(views.includes(view) ? view : "table");
};

const show = async (response) => {
  if ((response.headers.get("Content-Type") || "").includes("json")) {
    const results = await response.json();
    if ("boolean" in results) {
      answer.replaceChildren(element("h2", { textContent: "Answer" }), element("p", { textContent: results.boolean ? "Yes (true)" : "No (false)" }));
      return "";
    }
    await showTable(results);
    const count = results.results.bindings.length;
    return `${count.toLocaleString("en")} row${count === 1 ? "" : "s"}`;
  }
  const graph = await response.text();
  answer.replaceChildren(element("h2", { textContent: "Answer" }), element("pre", { textContent: graph.slice(0, 500000) }));
  return graph.length > 500000 ? "the first 500,000 characters are shown" : "";
};

// Why there may be nothing: words that this release uses nowhere, and the like.
const explainNothing = async () => {
  const found = await diagnose(editor.text).catch(() => []);
  if (found.length) answer.append(element("ul", { className: "hints" }, ...found.map(({ message }) => element("li", { textContent: message }))));
};

const run = async (push = true) => {
  if (running) running.abort();
  const mine = running = new AbortController();
  const started = performance.now();
  keep(editor.text);
  remember(push);
  lastTimes = null;
  status.textContent = "Running…";
  stop.hidden = false;
  answer.setAttribute("aria-busy", "true");
  try {
    const response = await ask(editor.text, { signal: mine.signal });
    lastTimes = timesOf(response.headers.get("Server-Timing"));
    let note;
    if (response.ok) {
      note = await show(response);
      const cap = response.headers.get("X-SPARQL-MaxRows");
      if (cap) note += `, cut at ${cap} rows by this server`;
      if (note.startsWith("0 rows")) await explainNothing();
    } else {
      answer.replaceChildren(element("h2", { textContent: "No answer" }), element("pre", { className: "error", textContent: await response.text() }));
      note = `${response.status}`;
      editor.mark();
    }
    const seconds = (performance.now() - started) / 1000;
    if (lastTimes) lastTimes.all = seconds;
    status.textContent = [note, `${seconds.toFixed(2)} s`].filter(Boolean).join(", ");
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

// ---- how a query is answered: told by the server without running it, with the times of the last run ----

let lastTimes = null;
const timesOf = (header) => {
  const engine = /engine;dur=([\d.]+)(?:;desc="([^"]*)")?/.exec(header || "");
  return engine && { engine: Number(engine[1]) / 1000, name: engine[2] || "the engine", kept: /, kept/.test(header) };
};

const cellsOf = (tag, texts) => element("tr", {}, ...texts.map((textContent) => element(tag, { textContent })));
const explained = (told) => {
  const timed = [["Reading the query", told.seconds.reading], ["Planning it", told.seconds.planning]];
  if (lastTimes) {
    timed.push([lastTimes.kept ? `${lastTimes.name}, when the answer was computed; it is kept since` : lastTimes.name, lastTimes.engine]);
    if (lastTimes.all) timed.push(["All of the last run, with the way to this page and its drawing", lastTimes.all]);
  }
  const heads = (texts) => element("thead", {}, cellsOf("th", texts));
  const patterns = told.patterns.map(({ pattern, count }) => cellsOf("td", [pattern, count === null ? "not known" : count.toLocaleString("en")]));
  const times = timed.map(([what, seconds]) => cellsOf("td", [what, `${(seconds * 1000).toFixed(1)} ms`]));
  return [
    element("p", { textContent: `${told.form}, answered by ${told.engine}.` }),
    element("ul", {}, ...told.remarks.map((textContent) => element("li", { textContent }))),
    patterns.length ? element("table", {}, element("caption", { textContent: "How often its patterns are there, by property or class alone" }),
      heads(["Pattern", "Triples"]), element("tbody", {}, ...patterns)) : null,
    element("table", {}, element("caption", { textContent: "How long it took" }), heads(["Part", "Time"]), element("tbody", {}, ...times)),
    told.rewritten ? element("details", {}, element("summary", { textContent: "What the engine is given" }), element("pre", { textContent: told.rewritten })) : null,
  ];
};

const explain = async () => {
  const wrong = (await diagnose(editor.text)).filter(({ severity }) => severity === "error");
  if (wrong.length || !editor.text.trim()) return showExplanation([element("p", { className: "error", textContent: wrong[0]?.message || "There is no query." })]);
  const response = await fetch("/sparql/explain", { method: "POST", body: new URLSearchParams({ query: editor.text }), headers: { Accept: "application/json" } });
  const told = await response.json();
  return showExplanation(response.ok ? explained(told) : [element("p", { className: "error", textContent: told.detail || told.title })]);
};

const showExplanation = (parts) => {
  const heading = element("h2", { textContent: "Explanation", tabIndex: -1 });
  panel.replaceChildren(heading, ...parts.filter(Boolean));
  panel.hidden = false;
  heading.focus();
};

// ---- what is wrong with a text, and where, in the words of the server ----

const diagnose = async (text) => {
  if (!text.trim()) return [];
  const response = await fetch("/sparql/check", { method: "POST", body: new URLSearchParams({ query: text }) });
  return response.ok ? (await response.json()).diagnostics : [];
};

// What was found stands below the text too, each with its mend as a button, for the keyboard and for screen readers.
const MOST_PROBLEMS = 5;
const listProblems = (found) => {
  by("problems").replaceChildren(...found.slice(0, MOST_PROBLEMS).map(({ severity, message, fix }) => {
    const mend = fix ? element("button", { type: "button", textContent: fix.label }) : null;
    if (mend) mend.addEventListener("click", () => { editor.mend(fix); editor.mark(); editor.focus(); });
    return element("li", { className: severity }, `${message} `, mend);
  }));
};

// ---- examples and history: a searchable list; what was typed goes to the history first ----

const near = (word, text) => {
  if (text.includes(word)) return true;
  // One letter wrong, missing or too many, as people type.
  return word.length > 4 && text.split(/[^\p{L}\p{N}]+/u).some((other) => Math.abs(other.length - word.length) < 2
    && [...word].some((_, at) => other.startsWith(word.slice(0, at)) && (other.slice(at + 1) === word.slice(at + 1)
      || other.slice(at) === word.slice(at + 1) || other.slice(at + 1) === word.slice(at))));
};

const EXAMPLES = `PREFIX sh: <http://www.w3.org/ns/shacl#> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
  SELECT ?comment ?query { ?example a sh:SPARQLExecutable ; rdfs:comment ?comment ;
    sh:select|sh:ask|sh:construct ?query } ORDER BY ?comment`;
let examples = null;
const loadExamples = async () => {
  if (examples) return examples;
  const got = await ask(EXAMPLES);
  if (!got.ok) return [];
  examples = (await got.json()).results.bindings.map((row) => ({ title: row.comment.value.replace(/<[^>]*>/g, "").trim(), text: row.query.value }));
  return examples;
};

const openPanel = async (name, load) => {
  const search = element("input", { type: "search", placeholder: `Search ${name}`, "aria-label": `Search ${name}` });
  const list = element("ul", { className: "picks" });
  const entries = await load().catch(() => []);
  const redraw = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const fits = entries.filter(({ title, text }) => words.every((word) => near(word, `${title}\n${text}`.toLowerCase())));
    list.replaceChildren(...fits.slice(0, 200).map(({ title, text }) => {
      const button = element("button", { type: "button", title: text.slice(0, 1000) }, title);
      button.addEventListener("click", () => { keep(editor.text); editor.setText(text); panel.replaceChildren(); panel.hidden = true; if (name === "examples") run(); else editor.focus(); });
      return element("li", {}, button);
    }));
    if (!fits.length) list.replaceChildren(element("li", { className: "hint", textContent: "None." }));
  };
  search.addEventListener("input", redraw);
  panel.replaceChildren(element("h2", { textContent: name[0].toUpperCase() + name.slice(1) }), search, list);
  panel.hidden = false;
  redraw();
  search.focus();
};

const panels = {
  examples: loadExamples,
  history: async () => stored(HISTORY, []).map(({ text, at }) => ({ title: `${at.slice(0, 16).replace("T", " ")}  ${text.replace(/^\s*(PREFIX\s+\S+\s+\S+\s*)*/i, "").slice(0, 100)}`, text })),
};
for (const [name, load] of Object.entries(panels)) {
  const button = by(`open-${name}`);
  button.hidden = false;
  button.addEventListener("click", () => {
    const open = !panel.hidden && panel.dataset.name === name;
    panel.hidden = true;
    if (open) return;
    panel.dataset.name = name;
    openPanel(name, load);
  });
}
const explanation = by("open-explanation");
explanation.hidden = false;
explanation.addEventListener("click", () => {
  const open = !panel.hidden && panel.dataset.name === "explanation";
  panel.hidden = true;
  if (open) return;
  panel.dataset.name = "explanation";
  explain().catch(() => { status.textContent = "The server could not be reached."; });
});
panel.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  panel.hidden = true;
  by(`open-${panel.dataset.name}`).focus();
});

// Formats that fit the form of the query are offered, others are not.
const fitFormats = (text) => {
  const bare = text.replace(/#[^\n]*|<[^<>\s]*>|"(?:[^"\\]|\\.)*"/g, " ");
  const form_ = /\b(SELECT|ASK|CONSTRUCT|DESCRIBE)\b/i.exec(bare)?.[1].toUpperCase();
  const graph = form_ === "CONSTRUCT" || form_ === "DESCRIBE";
  for (const option of format.options) option.disabled = option.hidden = option.dataset.for ? (option.dataset.for === "graph") !== graph : false;
  if (format.selectedOptions[0]?.disabled) format.value = "html";
};

form.addEventListener("submit", (event) => {
  if (format.value !== "html") return; // the browser downloads or shows it
  event.preventDefault();
  run();
});
stop.addEventListener("click", () => running && running.abort());
window.addEventListener("popstate", () => {
  const past = new URLSearchParams(location.search);
  view = past.get("view") || "";
  if (past.get("query") && past.get("query") !== editor.text) editor.setText(past.get("query"));
  if (past.get("query")) run(false);
});

const start = async () => {
  const asked = address.get("query");
  const draft = stored(DRAFT, "");
  if (!asked && draft) area.value = draft;
  editor = await createEditor(area, {
    bundle: bundles.codemirror, diagnose, onFound: listProblems,
    onRun: () => form.requestSubmit(),
    onChange: (text) => { store(DRAFT, text); fitFormats(text); },
  });
  fitFormats(editor.text);
  form.dataset.ready = "true";
  loadModel().then(() => { form.dataset.model = String(model.classes.size); }).catch(() => undefined);
  if (!asked) return;
  await run(false);
  if (view && view !== "table") answer.scrollIntoView(); // who follows a link to a picture came to see it
};
start();
