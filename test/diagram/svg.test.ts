import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { diagramSvg } from '../../src/diagram/svg';
import { resolve } from '../../src/model/resolve';
import type { Topology } from '../../src/model/topology';
import { trafficTo } from '../../src/roles/roles';
import { configOf } from '../support/config';
import { examples, topologyOf } from '../support/examples';
import { boxes, inside, meets, overlap, pieces, size, texts } from '../support/svg-geometry';

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
}): Topology {
  const { servers, agents, apart, name, metallb, family } = props;
  const address = (n: number) =>
    family === 4 ? `192.168.100.${n}` : `"fd00:1234:5678:9abc:def0:1234:5678:${n}"`;
  const host = (n: number, label: string, roles: string) =>
    `  - { name: ${label}, address: ${address(n)}, roles: [${roles}] }`;
  const data = apart
    ? [host(1, `${name}-database`, 'database'), host(2, `${name}-files`, 'nfs')]
    : [host(1, `${name}-storage`, 'database, nfs')];
  const text = [
    `name: ${name}`,
    'hosts:',
    ...data,
    ...Array.from({ length: servers }, (_, i) => host(10 + i, `${name}-server${i + 1}`, 'server')),
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
  });
  fc.assert(
    fc.property(shapes, (shape) => {
      expect(flaws(diagramSvg(cluster(shape)))).toEqual([]);
    }),
    { numRuns: 60, seed: 7 },
  );
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
    // SSH is never mentioned in a rule; BGP goes out.
    expect([...shown].filter((port) => ![22, 179].includes(port)).sort()).toEqual(
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
