// What the query editor takes of CodeMirror 6.
export { EditorState, Compartment, StateEffect } from "@codemirror/state";
export {
  EditorView, keymap, lineNumbers, highlightActiveLine, highlightActiveLineGutter, highlightSpecialChars, drawSelection,
  placeholder,
} from "@codemirror/view";
export { defaultKeymap, history, isolateHistory, historyKeymap, indentWithTab, toggleComment } from "@codemirror/commands";
export {
  StreamLanguage, HighlightStyle, syntaxHighlighting, bracketMatching, indentUnit, foldGutter, foldKeymap,
} from "@codemirror/language";
export { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap, startCompletion } from "@codemirror/autocomplete";
export { linter, lintGutter, lintKeymap, setDiagnostics, forceLinting } from "@codemirror/lint";
export { search, searchKeymap } from "@codemirror/search";
export { sparql } from "@codemirror/legacy-modes/mode/sparql";
export { tags } from "@lezer/highlight";
