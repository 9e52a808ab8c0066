/**
 * Scripts, which the bundler and jest provide together with the libraries that they source
 * (tools/build/script-module.js).
 */
declare module '*.sh' {
  const script: import('./model/script').Script;
  export default script;
}

/** Files that they provide as text, bytes untouched. */
declare module '*.py' {
  const text: string;
  export default text;
}

declare module '*.crd.yaml' {
  const text: string;
  export default text;
}

declare module '*.schema.txt' {
  const text: string;
  export default text;
}
