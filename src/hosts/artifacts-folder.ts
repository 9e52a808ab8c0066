/** A folder of the artifacts, written one way however cluster.yaml spells theirs: `./artifacts/` → `artifacts/charts`. */
export function artifactsFolder(artifacts: string, name: string): string {
  return `${artifacts.replace(/^\.\//, '').replace(/(?<!\/)\/+$/, '')}/${name}`;
}
