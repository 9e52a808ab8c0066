import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { networkInterfaces } from 'node:os';
import { testWhen } from '../support/needs';
import { Lab } from './lab';
import { leftovers } from './leftovers';

const name = `test-online-${process.pid}`;
/** This machine's own, as others know it. */
const outside = Object.values(networkInterfaces())
  .flatMap((addresses) => addresses ?? [])
  .find(({ family, internal }) => family === 'IPv4' && !internal)?.address;
const testOutside = testWhen(outside !== undefined, 'this machine has no network that a lab could reach');
let lab: Lab;
let server: Server;

beforeAll(async () => {
  if (outside === undefined) return;
  server = createServer((_, response) => response.end('outside'));
  await new Promise<void>((listening) => server.listen(0, outside, listening));
  lab = await Lab.up({ name, online: true, hosts: [{ name: 'node1', addresses: ['10.73.0.11/24'] }] });
});

afterAll(async () => {
  await lab?.down();
  server?.close();
  expect(leftovers(name)).toEqual([]);
});

const get = (url: string) => [
  '-c',
  `import urllib.request as u; print(u.urlopen("${url}", timeout=20).read().decode())`,
];

testOutside('a lab that is online reaches what this machine reaches, from hosts and operator', async () => {
  const url = `http://${outside}:${(server.address() as AddressInfo).port}/`;
  expect((await lab.ssh('node1', `python3 ${get(url)[0]} '${get(url)[1]}'`)).stdout).toBe('outside\n');
  expect((await lab.run('python3', get(url))).stdout).toBe('outside\n');
});

testOutside('the SSH agent of the lab lets the operator in without a key file', async () => {
  const options = ['-F', 'none', '-o', `UserKnownHostsFile=${lab.knownHosts}`, '-o', 'IdentityFile=none'];
  const { stdout } = await lab.run('ssh', [...options, 'pi@10.73.0.11', 'hostname'], {
    env: { SSH_AUTH_SOCK: lab.agentSocket },
  });
  expect(stdout).toBe('node1\n');
});
