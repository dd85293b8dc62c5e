// The text of a query: CodeMirror 6 where its bundle is there, else the plain textarea, behind one face:
//   text, setText (undoable), mark (errors at their places), insert, focus, onChange.
import { completions } from "./sparql-model.js";

const LOOK_AFTER = 600; // milliseconds after the last key, before a plain text is looked at

const PLAIN = (area, onRun, onChange, look) => {
  let leave = false;
  let waiting = 0;
  area.addEventListener("input", () => {
    onChange(area.value);
    clearTimeout(waiting);
    waiting = setTimeout(() => look(area.value), LOOK_AFTER);
  });
  area.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      onRun();
    } else if (event.key === "Escape") {
      leave = true;
    } else if (event.key === "Tab" && !leave && !event.shiftKey && !event.ctrlKey && !event.altKey) {
      event.preventDefault();
      area.setRangeText("  ", area.selectionStart, area.selectionEnd, "end");
    } else if (event.key !== "Tab") {
      leave = false;
    }
  });
  return {
    get text() { return area.value; },
    setText(text) {
      area.focus();
      area.select();
      // The one way that keeps the browser's own undo; where it is gone the text is at least set.
      if (!document.execCommand?.("insertText", false, text)) area.value = text;
      onChange(text);
    },
    mend({ start, end, insert }) {
      area.focus();
      area.setRangeText(insert, start, end, "end");
      area.dispatchEvent(new Event("input"));
    },
    mark() { look(area.value); },
    focus() { area.focus(); },
  };
};

const colours = (cm) => cm.HighlightStyle.define([
  { tag: cm.tags.keyword, color: "var(--accent)", fontWeight: "600" },
  { tag: [cm.tags.string, cm.tags.special(cm.tags.string)], color: "var(--code-string)" },
  { tag: [cm.tags.atom, cm.tags.number], color: "var(--code-term)" },
  { tag: [cm.tags.variableName, cm.tags.special(cm.tags.variableName)], color: "var(--code-variable)" },
  { tag: cm.tags.comment, color: "var(--soft)", fontStyle: "italic" },
]);

const THEME = {
  "&": { color: "var(--ink)", backgroundColor: "var(--paper)", border: "1px solid var(--line)", borderRadius: "6px", fontSize: ".9rem" },
  "&.cm-focused": { outline: "3px solid var(--accent)", outlineOffset: "2px" },
  ".cm-content": { fontFamily: "var(--mono)", padding: ".6rem 0", caretColor: "var(--ink)" },
  ".cm-scroller": { minHeight: "18rem", maxHeight: "60vh", fontFamily: "var(--mono)", lineHeight: "1.45" },
  ".cm-gutters": { color: "var(--soft)", backgroundColor: "var(--ground)", borderRight: "1px solid var(--line)" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "color-mix(in srgb, var(--accent) 7%, transparent)" },
  "&.cm-focused .cm-selectionBackground, .cm-selectionBackground, ::selection": {
    backgroundColor: "color-mix(in srgb, var(--accent) 25%, transparent) !important" },
  ".cm-matchingBracket": { outline: "1px solid var(--accent)", backgroundColor: "transparent !important" },
  ".cm-tooltip": { color: "var(--ink)", backgroundColor: "var(--paper)", border: "1px solid var(--line)", borderRadius: "6px" },
  ".cm-tooltip-autocomplete ul li[aria-selected]": { color: "var(--accent-ink)", backgroundColor: "var(--accent)" },
  ".cm-completionDetail": { color: "inherit", opacity: ".8", fontStyle: "normal", marginLeft: "1em" },
  ".cm-completionInfo": { maxWidth: "26rem", padding: ".5rem .8rem" },
  ".cm-panels": { color: "var(--ink)", backgroundColor: "var(--ground)" },
};

const RICH = (cm, area, onRun, onChange, lint) => {
  const host = document.createElement("div");
  host.className = "code";
  const shadow = host.attachShadow({ mode: "open" });
  area.after(host);
  area.hidden = true;
  // A label finds no form field in a shadow root, so the editable part bears the name itself.
  const named = { "aria-label": "SPARQL query", "aria-describedby": "query-hint", spellcheck: "false" };
  let leave = false;
  const view = new cm.EditorView({
    parent: shadow,
    root: shadow,
    state: cm.EditorState.create({
      doc: area.value,
      extensions: [
        cm.lineNumbers(), cm.highlightSpecialChars(), cm.history(), cm.foldGutter(), cm.drawSelection(),
        cm.bracketMatching(), cm.closeBrackets(), cm.highlightActiveLine(), cm.highlightActiveLineGutter(),
        cm.search({ top: true }), cm.indentUnit.of("  "), cm.StreamLanguage.define(cm.sparql),
        cm.syntaxHighlighting(colours(cm)), cm.EditorView.theme(THEME), cm.EditorView.lineWrapping,
        cm.EditorView.contentAttributes.of(named),
        cm.autocompletion({ override: [completions], maxRenderedOptions: 60,
          activateOnCompletion: ({ type }) => type === "property" }),
        cm.lintGutter(), cm.linter(lint, { delay: 400 }),
        cm.EditorView.domEventHandlers({
          // Typed over several lines, Chromium joins them by itself, with inline styles that our policy forbids.
          beforeinput(event, view) {
            const { from, to } = view.state.selection.main;
            const lines = view.state.doc.lineAt(from).number !== view.state.doc.lineAt(to).number;
            if (event.inputType !== "insertText" || !event.data || !lines) return false;
            view.dispatch(view.state.replaceSelection(event.data), { userEvent: "input.type", scrollIntoView: true });
            event.preventDefault();
            return true;
          },
          // Escape, then Tab, leaves the editor; without that the keyboard would be caught here.
          keydown(event) {
            const out = leave && event.key === "Tab";
            leave = event.key === "Escape";
            return out ? (event.stopPropagation(), false) : undefined;
          },
        }),
        cm.keymap.of([
          { key: "Mod-Enter", run: () => { onRun(); return true; } },
          { key: "Mod-/", run: cm.toggleComment },
          { key: "Tab", run: (target) => (leave ? false : cm.indentWithTab.run(target)), shift: cm.indentWithTab.shift },
          ...cm.closeBracketsKeymap, ...cm.completionKeymap, ...cm.defaultKeymap, ...cm.historyKeymap,
          ...cm.searchKeymap, ...cm.foldKeymap, ...cm.lintKeymap,
        ]),
        cm.EditorView.updateListener.of((update) => {
          if (!update.docChanged) return;
          area.value = update.state.doc.toString();
          onChange(area.value);
        }),
      ],
    }),
  });
  document.querySelector('label[for="query"]')?.addEventListener("click", () => view.focus());
  return {
    view,
    get text() { return view.state.doc.toString(); },
    setText(text) {
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text }, selection: { anchor: 0 },
        annotations: cm.isolateHistory.of("full") }); // one undo brings back what stood there
    },
    mend({ start, end, insert }) { view.dispatch({ changes: { from: start, to: end, insert } }); },
    mark() { cm.forceLinting(view); },
    focus() { view.focus(); },
  };
};

// Make the editor of a textarea. `bundle` is the address of CodeMirror, empty where it is not there; `diagnose` returns
// what is wrong with a text, which is told to `onFound` too.
export const createEditor = async (area, { bundle, onRun, onChange, onFound, diagnose }) => {
  let cm = null;
  if (bundle) cm = await import(bundle).catch(() => null);
  const look = async (text) => {
    const found = await diagnose(text).catch(() => []);
    onFound(found);
    return found;
  };
  if (!cm) return PLAIN(area, onRun, onChange, look);
  const lint = async (view) => {
    const found = await look(view.state.doc.toString());
    const end = view.state.doc.length;
    return found.map(({ start, end: stop, severity, message, fix }) => ({
      from: Math.min(start, end), to: Math.min(Math.max(stop, start), end), severity, message,
      actions: fix ? [{ name: fix.label, apply: (target) => target.dispatch({
        changes: { from: fix.start, to: fix.end, insert: fix.insert } }) }] : [],
    }));
  };
  return RICH(cm, area, onRun, onChange, lint);
};
