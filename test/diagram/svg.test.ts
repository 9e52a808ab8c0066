import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { diagramSvg } from '../../src/diagram/svg';
import { resolve } from '../../src/model/resolve';
import type { Topology } from '../../src/model/topology';
import { dataServices, trafficTo } from '../../src/roles/roles';
import { configOf } from '../support/config';
import { examples, topologyOf } from '../support/examples';
import { boxes, inside, meets, overlap, pieces, size, texts, titles } from '../support/svg-geometry';
import { topologyWith } from '../support/topology';

/** What nobody wants to see in a drawing. */
function flaws(svg: string): string[] {
  const [words, frames, lines, picture] = [texts(svg), boxes(svg), pieces(svg), size(svg)];
  const pairs = <T>(items: readonly T[]) =>
    items.flatMap((a, i) => items.slice(i + 1).map((b) => [a, b] as const));
  return [
    ...pairs(words)
      .filter(([a, b]) => overlap(a, b))
      .map(([a, b]) => `'${a.what}' is over '${b.what}'`),
    ...words.filter((text) => !inside(text, picture)).map(({ what }) => `'${what}' leaves the picture`),
    ...words.flatMap((text) =>
      frames
        .filter((box) => overlap(text, box) && !inside(text, box))
        .map((box) => `'${text.what}' crosses the edge of ${box.what}`),
    ),
    ...pairs(frames)
      .filter(([a, b]) => overlap(a, b) && !inside(a, b) && !inside(b, a))
      .map(([a, b]) => `${a.what} is over ${b.what}`),
    ...lines.flatMap((line) =>
      words.filter((text) => meets(line, text)).map((text) => `an arrow runs through '${text.what}'`),
    ),
    ...pairs(lines)
      .filter(([a, b]) => a.what !== b.what && meets(a, b))
      .map(([a, b]) => `arrows cross: ${a.what} and ${b.what}`),
    ...lines.flatMap((line) =>
      frames
        .filter((box) => /server|agent|data|entry|outside/.test(box.what) && meets(line, box))
        .map((box) => `an arrow runs through a box of ${box.what}`),
    ),
  ];
}

/** A cluster of so many hosts. */
function cluster(props: {
  servers: number;
  agents: number;
  apart: boolean;
  name: string;
  metallb: boolean;
  family: 4 | 6;
  /** Whether the first nodes keep the data. */
  together?: boolean;
}): Topology {
  const { servers, agents, apart, name, metallb, family, together = false } = props;
  const address = (n: number) =>
    family === 4 ? `192.168.100.${n}` : `"fd00:1234:5678:9abc:def0:1234:5678:${n}"`;
  const host = (n: number, label: string, roles: string) =>
    `  - { name: ${label}, address: ${address(n)}, roles: [${roles}] }`;
  const data = together
    ? []
    : apart
      ? [host(1, `${name}-database`, 'database'), host(2, `${name}-files`, 'nfs')]
      : [host(1, `${name}-storage`, 'database, nfs')];
  const text = [
    `name: ${name}`,
    'hosts:',
    ...data,
    ...Array.from({ length: servers }, (_, i) => {
      const also = together ? (['database', apart ? '' : 'nfs'][i] ?? '') : '';
      return host(10 + i, `${name}-server${i + 1}`, `server${also && `, ${also}`}`);
    }),
    ...Array.from({ length: agents }, (_, i) =>
      host(50 + i, `${name}-${i % 3 === 0 ? 'odd' : 'agent'}${i + 1}`, 'agent'),
    ),
    'ssh: { user: pi }',
    ...(servers > 1 ? [`api: { address: ${address(9)} }`] : []),
    'k3s: { version: v1.36.2+k3s1 }',
    ...(family === 6 ? ['network: { pods: ["fd42::/56"], services: ["fd43::/112"] }'] : []),
    ...(metallb
      ? [
          `metallb: { pools: [{ name: lan, addresses: [${family === 4 ? '192.168.100.200-192.168.100.220' : '"fd00:1234:5678:9abc:def0:1234:5678:1000-fd00:1234:5678:9abc:def0:1234:5678:1010"'}] }] }`,
        ]
      : []),
  ].join('\n');
  return resolve(configOf(text));
}

test.each(examples)('%s: no text is over another, in the way of an arrow or out of its box', (_, file) => {
  expect(flaws(diagramSvg(topologyOf(file)))).toEqual([]);
});

test('clusters of every shape are drawn without a flaw', () => {
  const shapes = fc.record({
    servers: fc.integer({ min: 1, max: 12 }),
    agents: fc.integer({ min: 0, max: 40 }),
    apart: fc.boolean(),
    name: fc.constantFrom('c', 'homelab', 'a-name-that-is-as-long-as-names-get-in-practice'),
    metallb: fc.boolean(),
    family: fc.constantFrom(4 as const, 6 as const),
    together: fc.boolean(),
  });
  fc.assert(
    fc.property(shapes, (shape) => {
      const topology = cluster(shape);
      const svg = diagramSvg(topology);
      expect(flaws(svg)).toEqual([]);
      expect(drawnTwice(svg, topology)).toEqual([]);
    }),
    { numRuns: 90, seed: 7 },
  );
});

/** Hosts whose addresses, which stand nowhere else, are in several boxes. */
function drawnTwice(svg: string, { hosts }: Topology): string[] {
  const lines = textLines(svg);
  return hosts.flatMap(({ name, nodeIps }) =>
    lines.filter((line) => line === nodeIps[0]).length > 1 ? [name] : [],
  );
}

/** Texts, those that stand on several lines as one. */
function textLines(svg: string): string[] {
  const lines = [...svg.matchAll(/<text [^>]*>(?:<title>([^<]*)<\/title>)?([^<]*)<\/text>/g)];
  return lines.flatMap(([, title, text = ''], index) =>
    title === undefined ? [text] : title === lines[index - 1]?.[1] ? [] : [title],
  );
}

test('a machine is drawn once, whatever it is', () => {
  const board = diagramSvg(topologyOf('examples/single-board.yaml'));
  expect(texts(board).filter(({ what }) => what === 'board1')).toHaveLength(1);
  expect(texts(board).map(({ what }) => what)).toEqual(
    expect.arrayContaining(['k3s server :6443', 'Postgres :5432', 'NFS :2049', '/srv/postgres', '/srv/nfs']),
  );
});

/** As long as names get, and different in one letter, wherever it is. */
const longNames = [0, 20, 31, 45, 62].flatMap((at) =>
  ['x', 'y'].map((letter) => `${'a'.repeat(at)}${letter}${'a'.repeat(62 - at)}`),
);

test.each([3, longNames.length])('%s hosts with the longest names are told apart', (count) => {
  const names = longNames.slice(0, count);
  const hosts = names.map((name, n) => `{ name: ${name}, address: 192.168.10.${50 + n}, roles: [agent] }`);
  const svg = diagramSvg(topologyWith('', hosts));
  // Each stands in the picture in full, on lines one below the other, or in what the number of hosts shows.
  const drawn = texts(svg)
    .map(({ what }) => what)
    .join('');
  const told = titles(svg).join('\n');
  const hidden = count > 6 ? told : drawn;
  expect(names.filter((name) => !hidden.includes(name))).toEqual([]);
  expect(names.filter((name) => !told.includes(name))).toEqual([]);
});

test('pools are announced by the protocol of their family', () => {
  const topology = topologyOf('examples/dual-stack.yaml');
  const { metallb } = topology;
  const [pool] = metallb?.pools ?? [];
  const [advertisement] = metallb?.l2Advertisements ?? [];
  if (!metallb || !pool || !advertisement) throw new Error('the example has no MetalLB in the LAN');
  const [four, six] = [
    { ...pool, name: 'four', addresses: ['192.168.10.200/29'] },
    { ...pool, name: 'six', addresses: ['fd10::/120'] },
  ];
  const announced = (pools: (typeof four)[], names: string[] = []) => {
    const l2Advertisements = [{ ...advertisement, pools: names }];
    const svg = diagramSvg({ ...topology, metallb: { ...metallb, pools, l2Advertisements } });
    return texts(svg).flatMap(({ what }) => /^announced by (.*)/.exec(what)?.[1] ?? []);
  };
  expect(announced([four])).toEqual(['ARP in the LAN']);
  expect(announced([six])).toEqual(['NDP in the LAN']);
  expect(announced([four, six])).toEqual(['ARP and NDP in the LAN']);
  expect(announced([four, six], ['six'])).toEqual(['NDP in the LAN']);
});

test('each host of etcd says so', () => {
  for (const [, file] of examples) {
    const topology = topologyOf(file);
    const { nodes, quorum } = topology;
    const shown = texts(diagramSvg(topology)).filter(({ what }) => what.startsWith('etcd :2379 :2380'));
    // A database host says it beside its Postgres.
    expect(shown.length).toBeGreaterThanOrEqual(quorum.filter((host) => nodes.includes(host)).length);
  }
  const { quorum } = topologyOf('examples/ha-database.yaml');
  const card = textLines(diagramSvg(topologyOf('examples/ha-database.yaml')));
  const server = card.slice(card.indexOf(quorum[2]?.name ?? ''));
  expect(server.slice(0, 6)).toEqual([
    'server1',
    '192.168.1.11',
    ...['keepalived', 'haproxy :6443'],
    'k3s server :7443',
    'etcd :2379 :2380',
  ]);
});

test('the check of the drawing sees a text that is moved onto another', () => {
  const svg = diagramSvg(topologyOf('cluster.yaml'));
  const moved = svg.replace(
    /(<text class="name" x=")\d+(" y=")\d+("[^>]*>server2)/,
    (_, a, b, c) =>
      `${a}${/x="(\d+)"[^>]*>server1</.exec(svg)?.[1]}${b}${/y="(\d+)"[^>]*>server1</.exec(svg)?.[1]}${c}`,
  );
  expect(flaws(moved)).toContain("'server1' is over 'server2'");
});

test('every host is in it by name and address, alone or in a run', () => {
  for (const [, file] of examples) {
    const topology = topologyOf(file);
    const words = texts(diagramSvg(topology)).map(({ what }) => what);
    for (const { name, nodeIps } of topology.hosts)
      expect(words).toEqual(expect.arrayContaining([name, nodeIps[0]]));
  }
  const many = texts(
    diagramSvg(cluster({ servers: 3, agents: 0, apart: false, name: 'c', metallb: false, family: 4 })),
  );
  expect(many.map(({ what }) => what)).toContain('c-server3');
});

test('every port that the firewall opens is in it, and no other', () => {
  for (const [, file] of examples) {
    const topology = topologyOf(file);
    const opened = new Set(
      topology.hosts.flatMap((host) => trafficTo(host, topology).flatMap(({ ports }) => ports)),
    );
    // A node talks to no other node when there is none.
    const alone = topology.nodes.length === 1;
    const between = topology.nodes.flatMap((host) =>
      trafficTo(host, topology).flatMap((traffic) => (alone && traffic.between ? traffic.ports : [])),
    );
    const shown = new Set(
      texts(diagramSvg(topology))
        .flatMap(({ what }) => [...what.matchAll(/(?:^| |→ |\():(\d+)|(\d+)\/(?:tcp|udp)/g)])
        .map(([, a, b]) => Number(a ?? b)),
    );
    // SSH is never mentioned in a rule; BGP goes out, as does what is kept elsewhere.
    const outside = dataServices(topology).flatMap(({ host, port }) => (host ? [] : port));
    expect([...shown].filter((port) => ![22, 179, ...outside].includes(port)).sort()).toEqual(
      [...opened].filter((port) => !between.includes(port)).sort(),
    );
  }
});

test('what is not a letter of XML is escaped', () => {
  const topology = topologyOf('cluster.yaml');
  const svg = diagramSvg({ ...topology, database: { ...topology.database, dataDir: '/srv/<a>&"b"' } });
  expect(svg).toContain('/srv/&#60;a&#62;&#38;&#34;b&#34;');
});

test('the picture in the docs is that of the reference cluster: k3s-cdk diagram -o docs/cluster.svg', () => {
  expect(readFileSync('docs/cluster.svg', 'utf8')).toBe(diagramSvg(topologyOf('cluster.yaml')));
});
