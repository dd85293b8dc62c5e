// A result as a picture: chart, map, timeline and graph, drawn by Vega as its types of columns allow. The table stays
// beside each for those who cannot see, and what was drawn can be saved as SVG, PNG and as its Vega(-Lite) description.
import { element, isNumber, labelsOf, save, textOf } from "./result-table.js";

const MOST_MARKS = 5000;
const MOST_NODES = 300;
const MOST_NAMES = 30;
const DATE = /^\d{4}(-\d\d(-\d\d)?)?$/;
const YEAR = /^(19|20)\d\d$/;
const style = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

// What each column holds: "number", "date", "year", "iri" or "text", how many are bound, and how many are distinct.
export const typesOf = (columns, rows) => columns.map((name) => {
  const terms = rows.map((row) => row[name]).filter(Boolean);
  const all = (test) => terms.length > 0 && terms.every(test);
  const distinct = new Set(terms.map((term) => term.value)).size;
  const yearly = all((term) => YEAR.test(term.value)) && /year|jahr/i.test(name);
  const kind = yearly ? "year" : all(isNumber) ? "number" : all((term) => term.type !== "uri" && DATE.test(term.value)) ? "date"
    : all((term) => term.type === "uri") ? "iri" : "text";
  return { name, kind, distinct };
});

const named = (types, kind, pattern) => types.find((type) => type.kind === kind && pattern.test(type.name));

// The views that fit, in order; "table" always.
export const viewsOf = (columns, rows) => {
  const types = typesOf(columns, rows);
  const views = ["table"];
  if (!rows.length) return views;
  const numbers = types.filter((type) => type.kind === "number");
  const others = types.filter((type) => type.kind !== "number");
  const place = named(types, "number", /^lat/i) && named(types, "number", /^lo?ng?/i);
  if (numbers.length && (others.length || numbers.length > 1) && !(place && numbers.length === 2 && !others.length)) views.push("chart");
  if (place) views.push("map");
  if (types.filter((type) => type.kind === "date").length && others.length > 1) views.push("timeline");
  if (types.filter((type) => type.kind === "iri").length > 1 || (types.some((type) => type.kind === "iri") && others.length > 1)) views.push("graph");
  return views;
};

const valueOf = (term, kind) => {
  if (!term) return null;
  if (kind === "number") return Number(term.value);
  if (kind === "date") return term.value.length === 4 ? `${term.value}-01-01` : term.value.length === 7 ? `${term.value}-01` : term.value;
  return textOf(term);
};

const records = (types, rows) => rows.slice(0, MOST_MARKS).map((row) =>
  Object.fromEntries(types.map(({ name, kind }) => [name, valueOf(row[name], kind)])));

const CODES = { number: "quantitative", date: "temporal", year: "ordinal", iri: "nominal", text: "nominal" };
const field = ({ name, kind }, more = {}) => ({ field: name.replace(/[.[\]]/g, "\\$&"), type: CODES[kind], title: name, ...more });

const config = () => ({
  background: null, font: "system-ui, sans-serif", view: { stroke: style("--line") },
  axis: { labelColor: style("--ink"), titleColor: style("--ink"), gridColor: style("--line"), domainColor: style("--soft"), tickColor: style("--soft"), labelLimit: 260 },
  legend: { labelColor: style("--ink"), titleColor: style("--ink"), labelLimit: 220 },
  mark: { color: style("--accent") }, title: { color: style("--ink") }, text: { color: style("--ink") },
  range: { category: ["#0b7285", "#e8590c", "#5f3dc4", "#2b8a3e", "#c2255c", "#1864ab", "#a8861c", "#868e96", "#0ca678", "#d6336c"] },
});

const SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json";

// Vega-Lite of a chart: what is counted by what, coloured by a third column.
const chart = (types, rows, chosen) => {
  const numbers = types.filter((type) => type.kind === "number");
  const others = types.filter((type) => type.kind !== "number");
  const by = (name, fallback) => types.find((type) => type.name === name) || fallback;
  const dates = others.filter((type) => type.kind === "date" || type.kind === "year");
  const y = by(chosen.y, numbers[numbers.length - 1]);
  const x = by(chosen.x, dates[0] || others[0] || numbers[0]);
  const colour = chosen.colour === "" ? null : by(chosen.colour, others.find((type) => type !== x && type.distinct > 1 && type.distinct <= 12));
  const mark = chosen.mark || (x.kind === "date" ? "line" : x.kind === "number" ? "point" : "bar");
  const lying = mark === "bar" && (x.kind === "text" || x.kind === "iri");
  const along = field(x, lying ? { sort: "-x", axis: { labelLimit: 320 } } : {});
  const counted = field(y, mark === "point" ? {} : { stack: mark === "line" ? null : "zero" });
  const encoding = { [lying ? "y" : "x"]: along, [lying ? "x" : "y"]: counted, tooltip: types.map((type) => field(type)) };
  if (colour) encoding.color = field(colour);
  return {
    chosen: { mark, x: x.name, y: y.name, colour: colour?.name || "" },
    spec: { $schema: SCHEMA, width: "container", ...(lying ? {} : { height: 360 }), mark: { type: mark, point: mark === "line" }, encoding, data: { values: records(types, rows) } },
  };
};

const timeline = (types, rows) => {
  const dates = types.filter((type) => type.kind === "date");
  const label = types.find((type) => type.kind === "text" && /title|label|name/i.test(type.name)) || types.find((type) => type.kind === "iri" || type.kind === "text");
  const colour = types.find((type) => type !== label && type.kind !== "date" && type.distinct > 1 && type.distinct <= 12);
  const encoding = { y: field(label, { sort: "x", axis: { labelLimit: 320 } }), x: field(dates[0]), tooltip: types.map((type) => field(type)) };
  if (dates[1]) encoding.x2 = { field: dates[1].name };
  if (colour) encoding.color = field(colour);
  return { chosen: {}, spec: { $schema: SCHEMA, width: "container", mark: dates[1] ? { type: "bar", cornerRadius: 3 } : { type: "point", filled: true }, encoding, data: { values: records(types, rows.slice(0, 200)) } } };
};

const map = (types, rows, outlines) => {
  const [latitude, longitude] = [named(types, "number", /^lat/i), named(types, "number", /^lo?ng?/i)];
  const size = types.find((type) => type.kind === "number" && type !== latitude && type !== longitude);
  const colour = types.find((type) => type.kind !== "number" && type.distinct > 1 && type.distinct <= 12);
  const encoding = { longitude: field(longitude), latitude: field(latitude), tooltip: types.map((type) => field(type)) };
  if (size) encoding.size = field(size);
  if (colour) encoding.color = field(colour);
  return {
    chosen: {},
    spec: {
      $schema: SCHEMA, width: "container", height: 480, projection: { type: "naturalEarth1" },
      layer: [
        { data: { values: outlines.features, format: { type: "json" } }, mark: { type: "geoshape", fill: style("--line"), stroke: style("--paper"), strokeWidth: 0.5 } },
        { data: { values: records(types, rows) }, mark: { type: "circle", opacity: 0.75, ...(size ? {} : { size: 24 }) }, encoding },
      ],
    },
  };
};

// A drawing of nodes and edges is Vega, which has forces; Vega-Lite has none.
const graph = (types, rows, width) => {
  const ends = types.filter((type) => type.kind === "iri" || type.kind === "text").slice(0, 3);
  const nodes = new Map();
  const links = new Map();
  const node = (term, group) => {
    if (!nodes.has(term.value)) nodes.set(term.value, { index: nodes.size, name: textOf(term), group, links: 0 });
    return nodes.get(term.value);
  };
  for (const row of rows) {
    for (let at = 0; at + 1 < ends.length; at += 1) {
      const [one, other] = [row[ends[at].name], row[ends[at + 1].name]];
      if (!one || !other || (nodes.size >= MOST_NODES && !(nodes.has(one.value) && nodes.has(other.value)))) continue;
      const [source, target] = [node(one, ends[at].name), node(other, ends[at + 1].name)];
      const key = `${source.index} ${target.index}`;
      if (!links.has(key)) { links.set(key, { source: source.index, target: target.index }); source.links += 1; target.links += 1; }
    }
  }
  // Names of all would hide each other: those of the most linked are written, the others shown at the pointer.
  const ranked = [...nodes.values()].sort((a, b) => b.links - a.links);
  for (const [at, each] of ranked.entries()) {
    each.shown = at >= MOST_NAMES ? "" : each.name.length > 28 ? `${each.name.slice(0, 27)}…` : each.name;
  }
  const spec = {
    $schema: "https://vega.github.io/schema/vega/v6.json", width, height: 560, padding: 0, autosize: "none",
    scales: [{ name: "colour", type: "ordinal", domain: { data: "nodes", field: "group" }, range: { scheme: "category10" } }],
    legends: [{ fill: "colour", orient: "none", legendX: 8, legendY: 8, symbolType: "circle" }],
    data: [{ name: "nodes", values: [...nodes.values()] }, { name: "links", values: [...links.values()] }],
    marks: [
      {
        name: "points", type: "symbol", zindex: 1, from: { data: "nodes" },
        encode: { enter: { middle: { signal: "width / 2" }, centre: { signal: "height / 2" }, fill: { scale: "colour", field: "group" }, stroke: { value: style("--paper") }, tooltip: { field: "name" }, size: { signal: "60 + 20 * datum.links" } } },
        transform: [{
          type: "force", iterations: 300, static: true, signal: "force",
          forces: [
            { force: "center", x: { signal: "width / 2" }, y: { signal: "height / 2" } }, { force: "collide", radius: 12 },
            { force: "nbody", strength: -60 },
            { force: "x", x: "middle", strength: 0.03 }, { force: "y", y: "centre", strength: 0.1 }, { force: "link", links: "links", distance: 45 },
          ],
        }],
      },
      {
        type: "path", from: { data: "links" }, interactive: false,
        encode: { update: { stroke: { value: style("--soft") }, strokeWidth: { value: 0.6 } } },
        transform: [{ type: "linkpath", require: { signal: "force" }, shape: "line", sourceX: "datum.source.x", sourceY: "datum.source.y", targetX: "datum.target.x", targetY: "datum.target.y" }],
      },
      {
        type: "text", zindex: 2, interactive: false, from: { data: "points" },
        encode: { enter: { text: { field: "datum.shown" }, fontSize: { value: 10 }, fill: { value: style("--ink") }, align: { value: "center" } },
          update: { x: { field: "x" }, y: { field: "y", offset: -9 } } },
      },
    ],
  };
  return { spec, chosen: {}, cut: nodes.size >= MOST_NODES };
};

const chooser = (label, options, value, onPick) => {
  const select = element("select", {}, ...options.map(([key, text]) => element("option", { value: key, textContent: text, selected: key === value })));
  select.addEventListener("change", () => onPick(select.value));
  return element("label", {}, `${label} `, select);
};

// Draw a view into a node. `bundles` has the addresses of vega and outlines; `chosen` what a reader picked before.
export const draw = async (into, view, columns, rows, bundles, chosen, onChoice) => {
  await labelsOf(rows.slice(0, MOST_MARKS)).catch(() => undefined);
  const types = typesOf(columns, rows);
  const { parse, View, compile, expressionInterpreter, None } = await import(bundles.vega);
  const outlines = view === "map" ? (await import(bundles.outlines)).countries : null;
  const width = Math.max(280, into.clientWidth - 24);
  const made = view === "chart" ? chart(types, rows, chosen) : view === "map" ? map(types, rows, outlines)
    : view === "timeline" ? timeline(types, rows) : graph(types, rows, width);
  const lite = view !== "graph";
  const drawn = structuredClone(made.spec);
  if (lite && drawn.width === "container") drawn.width = width - (view === "chart" ? 60 : 0);
  const spec = lite ? compile({ ...drawn, autosize: { type: "fit-x", contains: "padding" }, config: config() }).spec : { ...drawn, config: config() };
  const frame = element("div", { className: "picture" });
  const tools = element("div", { className: "query-actions" });
  if (view === "chart") {
    const all = types.map(({ name }) => [name, name]);
    const pick = (key) => (value) => onChoice({ ...made.chosen, [key]: value });
    tools.append(chooser("Draw", [["bar", "bars"], ["line", "line"], ["area", "area"], ["point", "points"]], made.chosen.mark, pick("mark")),
      chooser("by", all, made.chosen.x, pick("x")),
      chooser("of", types.filter((type) => type.kind === "number").map(({ name }) => [name, name]), made.chosen.y, pick("y")),
      chooser("coloured by", [["", "nothing"], ...all], made.chosen.colour, pick("colour")));
  }
  const cut = rows.length > MOST_MARKS || made.cut;
  const about = `${view} of ${rows.length.toLocaleString("en")} rows by ${columns.join(", ")}${cut ? "; too many to draw, so only the first are drawn" : ""}. The table has the same data.`;
  into.replaceChildren(tools, element("figure", { "aria-label": about }, frame, element("figcaption", { className: "hint", textContent: about })));
  // `ast` and the interpreter: nothing is compiled to code, which the Content-Security-Policy forbids.
  const shown = new View(parse(spec, null, { ast: true }), { renderer: "svg", container: frame, hover: true, logLevel: None, expr: expressionInterpreter });
  await shown.runAsync();
  const button = (text, action) => {
    const made_ = element("button", { type: "button", textContent: text });
    made_.addEventListener("click", action);
    return made_;
  };
  tools.append(
    button("SVG", async () => save(`trialgraph-${view}.svg`, "image/svg+xml", await shown.toSVG())),
    button("PNG", async () => (await shown.toCanvas(2)).toBlob((blob) => save(`trialgraph-${view}.png`, "image/png", blob))),
    button(lite ? "Vega-Lite" : "Vega", () => save(`trialgraph-${view}.vg.json`, "application/json", JSON.stringify(made.spec, null, 1))));
};
