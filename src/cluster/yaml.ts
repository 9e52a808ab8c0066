import { Yaml } from 'cdk8s';

/** YAML as Kubernetes reads it (1.1). What occurs twice is written twice: aliases are hard to read. */
export function toYaml(...documents: readonly unknown[]): string {
  return Yaml.stringify(...documents.map((document) => JSON.parse(JSON.stringify(document))));
}
