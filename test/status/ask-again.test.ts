import type { Host } from '../../src/model/topology';
import type { SshClient } from '../../src/ssh/client';
import { SshError } from '../../src/ssh/ssh-error';
import { askHosts } from '../../src/status/ask-hosts';
import { statusReport } from '../../src/status/status-report';
import { topologyWith } from '../support/hosts-topology';
import { agentAnswer, now, serverAnswer, storageAnswer } from './answers';

const topology = topologyWith();
const names = topology.hosts.map(({ name }) => name);
const servers = topology.servers.map(({ name }) => name);

/** Whether a server has the virtual IP: its answers, of which the last one stays. */
type Answers = readonly ('yes' | 'no')[];

/** What is said of the virtual IP, and who was asked more than once, when server1 and server2 answer like this. */
async function found(server1: Answers, server2: Answers, off?: 'server3') {
  const asked: string[] = [];
  const answers: Readonly<Record<string, Answers>> = { server1, server2, server3: ['no'] };
  const run = async (host: Host) => {
    const { name, kind } = host;
    const before = asked.filter((other) => other === name).length;
    const has = answers[name]?.slice(0, before + 1).at(-1);
    asked.push(name);
    if (name === off) throw new SshError('unreachable', host, 'cannot be reached');
    const other = kind === 'agent' ? agentAnswer() : storageAnswer();
    return { stdout: has ? serverAnswer(`virtual-ip\t${has}`) : other, stderr: '', exitCode: 0 };
  };
  const ssh = { run } as unknown as SshClient;
  const hosts = await askHosts(topology, { ssh, timeoutMs: 1000, now: () => now.getTime() });
  const { problems, api } = statusReport(topology, hosts, [], now);
  const again = names.filter((name) => asked.indexOf(name) !== asked.lastIndexOf(name));
  return { again, problems: problems.map(({ code }) => code), holder: api.virtualIpHolder };
}

test('servers are asked again about a virtual IP that moved meanwhile, and it is a problem only if they still disagree', async () => {
  const [seenTwice, seenNowhere, stays] = await Promise.all([
    found(['yes', 'no'], ['yes']),
    found(['no'], ['no', 'yes']),
    found(['yes'], ['yes']),
  ]);
  expect(seenTwice).toEqual({ again: servers, problems: [], holder: 'server2' });
  expect(seenNowhere).toEqual({ again: servers, problems: [], holder: 'server2' });
  expect(stays).toEqual({ again: servers, problems: ['virtual-ip-twice'], holder: 'server1' });
});

test('servers that answer are asked again while another one, which had the virtual IP, is off', async () => {
  expect(await found(['no', 'yes'], ['no'], 'server3')).toEqual({
    again: ['server1', 'server2'],
    problems: ['host-unreachable'],
    holder: 'server1',
  });
});

test('nobody is asked again while one server has the virtual IP', async () => {
  expect(await found(['no'], ['yes'])).toEqual({ again: [], problems: [], holder: 'server2' });
});
