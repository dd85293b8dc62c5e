// What pictures of results take of Vega: no expression is compiled to code, as the Content-Security-Policy forbids it.
export { parse, View, None, Warn } from "vega";
export { compile } from "vega-lite";
export { expressionInterpreter } from "vega-interpreter";
