/** Files that the bundler and jest hand over as text, bytes untouched. */
declare module '*.sh' {
  const text: string;
  export default text;
}

declare module '*.py' {
  const text: string;
  export default text;
}

declare module '*.crd.yaml' {
  const text: string;
  export default text;
}
