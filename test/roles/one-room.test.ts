import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { rolesOf } from '../../src/roles/roles';
import { examples, topologyOf } from '../support/examples';
import { topologyWith } from '../support/topology';

const topologies = [
  ...examples.map(([, file]) => topologyOf(file)),
  topologyWith('k3s: { version: v1.36.2+k3s1, config: { flannel-backend: wireguard-native } }'),
];

/** Everything in src that is read by a machine or by people, without comments. */
const sources = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.(ts|sh|py|yaml)$/.test(name))
  .map((name) => {
    const text = readFileSync(join('src', name), 'utf8');
    const withoutComments = name.endsWith('.ts')
      ? text.replace(/\/\*[\s\S]*?\*\/|(?<![:'"`\w])\/\/.*$/gm, '')
      : text.replace(/(^|\s)#.*$/gm, '');
    return { path: join('src', name), text: withoutComments };
  });

/** Folders of the roles that have something, by that: `5432` is of `src/roles/database/`. */
function owners<T>(
  has: (role: ReturnType<typeof rolesOf>[number], ...of: Parameters<typeof rolesOf>) => readonly T[],
) {
  const found = new Map<T, Set<string>>();
  for (const topology of topologies)
    for (const host of topology.hosts)
      for (const role of rolesOf(host, topology))
        for (const thing of has(role, host, topology))
          found.set(thing, (found.get(thing) ?? new Set()).add(`src/roles/${role.name}/`));
  return found;
}

/** Places outside of these folders where the text stands. */
function elsewhere(what: RegExp, folders: ReadonlySet<string>): string[] {
  return sources.flatMap(({ path, text }) =>
    [...folders].some((folder) => path.startsWith(folder))
      ? []
      : text
          .split('\n')
          .flatMap((line) => (what.test(line) ? [`${path}: ${line.trim().slice(0, 120)}`] : [])),
  );
}

test("the number of a role's port stands in its folder alone", () => {
  const ports = owners((role, host, topology) =>
    // That of the API is the user's.
    (role.traffic?.(topology, host) ?? []).flatMap((traffic) =>
      traffic.ports.filter((port) => port !== topology.api.port),
    ),
  );
  expect([...ports.keys()].length).toBeGreaterThan(8);
  const strays = [...ports].flatMap(([port, folders]) =>
    elsewhere(new RegExp(`(?<![\\w.-])${String(port).replace(/(?=(...)+$)/g, '_?')}(?![\\w.])`), folders),
  );
  expect(strays).toEqual([]);
});

/** Packages that are called as their program is, or as its files are, which may be called from anywhere. */
const alsoPrograms = ['postgresql', 'curl', 'openssl', 'podman', 'haproxy', 'keepalived', 'nftables', 'tar'];

test('the names of packages that a role needs stand in its folder alone', () => {
  const packages = owners((role, host, topology) => {
    const sets = [role.packages?.(topology, host) ?? [], role.ownPackages?.(topology, host) ?? []].flat();
    return sets.flatMap(({ apt, dnf, selinux = [] }) => [...apt, ...dnf, ...selinux]);
  });
  expect([...packages.keys()]).toEqual(expect.arrayContaining([...alsoPrograms, 'uidmap', 'nfs-common']));
  const strays = [...packages]
    .filter(([name]) => !alsoPrograms.includes(name))
    // A role may be called as its package is.
    .filter(([name, folders]) => !folders.has(`src/roles/${name}/`))
    .flatMap(([name, folders]) => elsewhere(new RegExp(`(?<![\\w/-])${name}(?![\\w-])`), folders));
  expect(strays).toEqual([]);
});

test('nothing but a role says which packages there are', () => {
  const lists = /\b(apt|dnf): \[(?!\])|install_packages (apt|dnf|"\$\(package_manager\)") [\w"]/;
  const strays = sources.flatMap(({ path, text }) =>
    /^src\/roles\/(?!lib\/)[^/]+\//.test(path)
      ? []
      : text.split('\n').flatMap((line) => (lists.test(line) ? [`${path}: ${line.trim()}`] : [])),
  );
  expect(strays).toEqual([]);
});

test('the diagram asks the list of roles and knows none of them', () => {
  const named =
    /haproxy|keepalived|MetalLB|ServiceLB|Postgres|Patroni|etcd|NFS|roles\/(?!roles?')|\b(metallb|loadBalancer|database|nfs|storage|quorum)\b/;
  const strays = sources.flatMap(({ path, text }) =>
    path.startsWith('src/diagram/')
      ? text.split('\n').flatMap((line) => (named.test(line) ? [`${path}: ${line.trim()}`] : []))
      : [],
  );
  expect(strays).toEqual([]);
});
