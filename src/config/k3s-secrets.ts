/** Where a node finds the files of `secrets/k3s/` that its configuration names. */
export const secretsOnNode = '/etc/rancher/k3s/secrets';

const fileName = /^[A-Za-z0-9_][\w.-]*(?=$|,)/;

function afterFolder(text: string): string[] {
  return text.split(`${secretsOnNode}/`).slice(1);
}

/** Whether a text has a path below the folder that is not one of a file in it. */
export function leadsNowhere(text: string): boolean {
  return afterFolder(text).some((rest) => !fileName.test(rest));
}

/** Names of the files in the folder that values of k3s's configuration refer to, each once. */
export function namedSecrets(values: readonly unknown[]): string[] {
  const texts = values.flat().filter((value) => typeof value === 'string');
  const names = texts.flatMap((text) => afterFolder(text).flatMap((rest) => fileName.exec(rest)?.[0] ?? []));
  return [...new Set(names)].sort();
}
