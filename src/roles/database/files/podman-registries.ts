import type { Topology } from '../../../model/topology';

type Registries = NonNullable<Topology['k3s']['registries']>;

/** Files of the step by which podman asks the registries that k3s does. */
export interface PodmanRegistries {
  /** A drop-in for registries.conf. */
  readonly 'registries.conf'?: string;
  /** A line for each registry: its name, and the file on the host with its CA. */
  readonly 'registry-cas.txt'?: string;
}

/**
 * What k3s's registries.yaml of cluster.yaml means for podman, which fetches `image`. podman knows no `*`, so it is said of
 * the one registry that is asked. Not translated: `rewrite`, client certificates, and endpoints with a path of their own.
 */
export function podmanRegistries(registries: Registries | undefined, image: string): PodmanRegistries {
  const registry = image.slice(0, image.indexOf('/'));
  const mirror = registries?.mirrors[registry] ?? registries?.mirrors['*'];
  const endpoints = (mirror?.rewrite === undefined ? mirror?.endpoint : undefined)?.flatMap(location) ?? [];
  const asked = [...endpoints, { host: registry, path: '', plain: false }].map((endpoint) => {
    const tls = registries?.configs[endpoint.host]?.tls;
    return { ...endpoint, insecure: endpoint.plain || tls?.insecure_skip_verify === true, ca: tls?.ca_file };
  });
  const own = asked.at(-1);
  const mirrors = asked.slice(0, -1);
  const authorities = asked.flatMap(({ host, ca }) => (ca === undefined ? [] : [`${host} ${ca}\n`]));
  const needed = mirrors.length > 0 || own?.insecure;
  return {
    ...(needed && {
      'registries.conf': [
        '[[registry]]',
        `location = "${registry}"`,
        ...(own?.insecure ? ['insecure = true'] : []),
        ...mirrors.flatMap(({ host, path, insecure }) => [
          '[[registry.mirror]]',
          `location = "${host}${path}"`,
          ...(insecure ? ['insecure = true'] : []),
        ]),
        '',
      ].join('\n'),
    }),
    ...(authorities.length > 0 && { 'registry-cas.txt': authorities.join('') }),
  };
}

/** An endpoint as podman has it: the path comes after the `/v2` of the API. */
function location(endpoint: string) {
  const { protocol, host, pathname } = new URL(endpoint);
  const match = /^\/(?:v2(\/.+?)?\/?)?$/.exec(pathname);
  return match ? [{ host, path: match[1] ?? '', plain: protocol === 'http:' }] : [];
}
