import { diagramMermaid } from '../../src/diagram/mermaid';
import { diagramSvg } from '../../src/diagram/svg';
import type { Topology } from '../../src/model/topology';
import { checkScript } from '../../src/preflight/check-script';
import { storedData } from '../../src/recovery/purge';
import { closedToPods } from '../../src/roles/firewall/closed-to-pods';
import type { Role } from '../../src/roles/role';
import { roles } from '../../src/roles/roles';
import { readAnswer } from '../../src/status/probe-answer';
import { probeScript } from '../../src/status/probe-script';
import { statusReport } from '../../src/status/status-report';
import { statusText } from '../../src/status/status-text';
import { agentAnswer, askedAt, now } from '../status/answers';
import { SynthesizedHosts } from '../support/hosts-stack';
import { portRows } from '../support/port-rows';
import { topologyWith } from '../support/topology';
import { toy } from './toy/toy';

// The folder beside this file, and this line, are all that a new role takes.
beforeAll(() => (roles as Role[]).push(toy));

const topology: Topology = topologyWith('', [
  '{ name: agent3, address: 192.168.10.23, roles: [agent], labels: { toy: "yes" } }',
]);
const hostCalled = (name: string) => {
  const host = topology.hosts.find((other) => other.name === name);
  if (!host) throw new Error(`there is no host ${name}`);
  return host;
};
const toyHost = hostCalled('agent3');

test('firewalls of its hosts let it in, and nodes keep their pods from it', () => {
  const hosts = new SynthesizedHosts(topology);
  const rules = (id: string) => hosts.filesOf(id)['nftables.rules'];
  expect(rules('agent3_firewall')).toMatch(/udp dport \{ 4242 \} accept/);
  expect(rules('agent3_firewall')).toMatch(/tcp dport \{ 4343 \} accept/);
  expect(rules('agent1_firewall')).not.toMatch(/4242|4343/);
  expect(closedToPods(topology)).toContainEqual({ port: 4343, addresses: ['192.168.10.23'] });
});

test('prepare and doctor look for its ports and for one of the owner, and its packages are installed', () => {
  const env = new SynthesizedHosts(topology).commands('agent3_prepare');
  for (const text of [
    env,
    checkScript(topology, toyHost, { tokens: [], authority: '', externalAuthority: '' }),
  ]) {
    expect(text).toMatch(/^PORTS=.*\b4242:toyd 4343:toyd\b/m);
    expect(text).toMatch(/^TAKES_OVER=.*\btoy\b/m);
  }
  expect(env).toMatch(/^APT_PACKAGES=.*\btoyd\b/m);
  expect(env).toMatch(/^DNF_PACKAGES=.*\btoyd-server\b/m);
});

test('it is uninstalled where it is no longer, and nowhere else', () => {
  const hosts = new SynthesizedHosts(topology);
  expect(hosts.commands('agent1_prepare')).toMatch(/^LOST=.*\b70-toy\b/m);
  expect(hosts.commands('agent3_prepare')).not.toContain('70-toy');
});

test('the diagram draws it: on its node, between nodes, and what it keeps', () => {
  for (const text of [diagramSvg(topology), diagramMermaid(topology)]) {
    expect(text).toContain('4242/udp');
    expect(text).toContain('toy protocol');
    expect(text).toContain(':4343');
  }
  expect(diagramSvg(topology)).toMatch(/>toyd :4242<[\s\S]*>Guests :4343</);
});

test('the table of ports has to have a row for each of its ports', () => {
  expect(portRows([topology])).toEqual(
    expect.arrayContaining(['4242/udp from nodes on node', '4343/tcp from nodes on toy']),
  );
});

test('status asks its hosts for it and no others, judges the answer, and shows it', () => {
  const script = probeScript(topology, toyHost, 15_000);
  expect(script).toMatch(/^UNITS=.*\btoyd\.service\b/m);
  expect(script).toMatch(/^FOLDERS=.*\/srv\/toy\b/m);
  expect(script).toMatch(/^CERTIFICATES=.*\/srv\/toy\/\*\.crt/m);
  expect(script).toMatch(/^CALLS=.*\btoy\b/m);
  expect(script).toContain('\ntoy() {\n');
  expect(probeScript(topology, hostCalled('agent1'), 15_000)).not.toContain('toy');

  const answered = readAnswer(toyHost, agentAnswer('toy\t0'), askedAt);
  expect(() => readAnswer(toyHost, agentAnswer('toy\tmany'), askedAt)).toThrow("has 'many' for the guests");
  const report = statusReport(topology, [answered], [], now);
  expect(report.hosts[0]).toMatchObject({ toy: { guests: 0 } });
  expect(report.problems).toContainEqual(expect.objectContaining({ code: 'toy-alone', host: 'agent3' }));
  expect(report.repair).toContain('null_resource.agent3_toy[0]');
  expect(statusText(topology, report).services).toContainEqual(['toy', 'agent3 0 guests']);
});

test('a purge deletes what it has stored', () => {
  const found = storedData(topology).find(({ host }) => host === toyHost);
  expect(found?.what).toEqual(['/srv/toy: the guests']);
  expect(found?.script).toContain("TOY_FOLDER='/srv/toy'\nCALLS='purge_toy'\n");
});
