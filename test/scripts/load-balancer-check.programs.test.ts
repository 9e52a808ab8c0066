import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { issueAuthority, issueLeaf } from '../../src/pki/issue';
import { newPrivateKey } from '../../src/pki/key';
import { testWith } from '../support/programs';
import { scratchFolders } from '../support/scratch';

const scratch = scratchFolders();
const now = new Date();
const script = readFileSync('src/roles/load-balancer/load-balancer-check.sh', 'utf8');
const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function listen(server: Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

async function authority() {
  const key = newPrivateKey();
  return { key, certificate: await issueAuthority('k3s', key, now) };
}

interface LoadBalancer {
  /** What the monitor says. */
  readonly monitor?: number;
  /** What the API says through the load balancer. */
  readonly api?: number;
  /** Whether what answers there has a certificate of the cluster. */
  readonly ours?: boolean;
}

/** Exit code of the check on a host with such a load balancer. */
async function check(argument: string, { monitor = 200, api = 200, ours = true }: LoadBalancer = {}) {
  const trusted = await authority();
  const issuer = ours ? trusted : await authority();
  const key = newPrivateKey();
  const request = { commonName: 'k3s', usage: 'server', ipAddresses: [], dnsNames: ['kubernetes'] } as const;
  const cert = await issueLeaf(request, key, issuer, now);
  const answer = (status: number) => (_: unknown, response: import('node:http').ServerResponse) =>
    response.writeHead(status).end();
  const monitorPort = await listen(createHttpServer(answer(monitor)));
  const port = await listen(createHttpsServer({ key, cert }, answer(api)) as unknown as Server);
  const folder = scratch();
  writeFileSync(join(folder, 'ca.crt'), trusted.certificate);
  const placed = script
    .replace('@MONITOR_PORT@', String(monitorPort))
    .replace('@PORT@', String(port))
    .replace('/etc/haproxy/k3s-server-ca.crt', join(folder, 'ca.crt'));
  writeFileSync(join(folder, 'check.sh'), placed);
  const child = spawn('bash', [join(folder, 'check.sh'), ...(argument === '' ? [] : [argument])]);
  return new Promise((resolve) => child.on('close', resolve));
}

testWith('openssl', 'bash')('a load balancer keeps the virtual IP while it leads to the API', async () => {
  expect(await check('')).toBe(0);
  expect(await check('path')).toBe(0);
});

testWith('openssl', 'bash')('one without a healthy server loses it by the one check alone', async () => {
  expect(await check('', { monitor: 503, api: 503 })).toBe(1);
  expect(await check('path', { monitor: 503, api: 503 })).toBe(0);
});

testWith('openssl', 'bash')(
  'one that is well by its own account and leads elsewhere loses it by the other',
  async () => {
    expect(await check('', { api: 500 })).toBe(0);
    expect(await check('path', { api: 500 })).toBe(1);
    expect(await check('path', { ours: false })).toBe(1);
  },
);
