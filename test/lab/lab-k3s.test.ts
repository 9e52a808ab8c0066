import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { command } from './command';
import { type K3sBinary, k3sBinary, realK3s } from './k3s-binary';
import { Lab } from './lab';
import { leftovers } from './leftovers';
import { waitFor } from './wait';

const name = `test-k3s-${process.pid}`;
const database = '10.75.0.10';
const pki = mkdtempSync(join(tmpdir(), 'lab-k3s-'));
const standIn: K3sBinary = {
  path: join(__dirname, 'k3s-stand-in', 'k3s'),
  version: 'v1.34.1+k3s1',
  standIn: true,
};
let lab: Lab;

beforeAll(async () => {
  await certificates();
  lab = await Lab.up({
    name,
    hosts: [
      { name: 'storage1', addresses: [`${database}/24`] },
      { name: 'server1', addresses: ['10.75.0.11/24'] },
      { name: 'server2', addresses: ['10.75.0.12/24'] },
    ],
  });
  await postgres();
});

afterAll(async () => {
  await lab?.down();
  rmSync(pki, { recursive: true });
  expect(leftovers(name)).toEqual([]);
});

/** A certificate authority, the database's certificate and the servers' client certificate. */
async function certificates(): Promise<void> {
  const openssl = (...args: string[]) => command('openssl', args, { cwd: pki });
  const make = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  await openssl(...make, '-subj', '/CN=ca', '-keyout', 'ca.key', '-out', 'ca.crt');
  const signed = ['-CA', 'ca.crt', '-CAkey', 'ca.key'];
  const address = ['-addext', `subjectAltName=IP:${database}`];
  await openssl(...make, '-subj', '/CN=db', ...address, ...signed, '-keyout', 'db.key', '-out', 'db.crt');
  await openssl(...make, '-subj', '/CN=k3s', ...signed, '-keyout', 'client.key', '-out', 'client.crt');
}

async function put(host: string, path: string, text: string, owner = 'root'): Promise<void> {
  const script = 'cat | install -D -m 0600 -o "$2" -g "$2" /dev/stdin "$1"';
  await lab.host(host).exec(script, { input: text, args: [path, owner] });
}

/** Postgres of the distribution, which lets nobody in but by certificate. */
async function postgres(): Promise<void> {
  await lab.ssh('storage1', 'sudo apt-get -qq update && sudo apt-get -qq -y install postgresql-17');
  for (const file of ['ca.crt', 'db.crt', 'db.key']) {
    await put('storage1', `/etc/postgresql/tls/${file}`, readFileSync(join(pki, file), 'utf8'), 'postgres');
  }
  await put(
    'storage1',
    '/etc/postgresql/17/main/pg_hba.conf',
    'local all all peer\nhostssl k3s,postgres k3s all cert\n',
    'postgres',
  );
  const settings = `listen_addresses = '*'
max_connections = 300
ssl_ca_file = '/etc/postgresql/tls/ca.crt'
ssl_cert_file = '/etc/postgresql/tls/db.crt'
ssl_key_file = '/etc/postgresql/tls/db.key'
`;
  await put('storage1', '/etc/postgresql/17/main/conf.d/lab.conf', settings, 'postgres');
  await lab.ssh('storage1', 'sudo systemctl restart postgresql');
}

async function emptyDatabase(): Promise<void> {
  const psql = (sql: string) => lab.ssh('storage1', `cd / && sudo -u postgres psql -qc "${sql}"`);
  await psql('DROP DATABASE IF EXISTS k3s WITH (FORCE)');
  await psql('CREATE ROLE k3s LOGIN').catch(() => {});
  await psql('CREATE DATABASE k3s OWNER k3s');
}

/** Installs and starts k3s as a server without kubelet; resolves when systemd calls it started. */
async function startServer(host: string, binary: K3sBinary): Promise<void> {
  await lab.run('scp', ['-qF', lab.sshConfig, binary.path, `${host}:/tmp/k3s`]);
  for (const file of ['ca.crt', 'client.crt', 'client.key']) {
    await put(host, `/etc/rancher/k3s/datastore/${file}`, readFileSync(join(pki, file), 'utf8'));
  }
  await put(host, '/etc/rancher/k3s/token', 'lab-token\n');
  await put(
    host,
    '/etc/rancher/k3s/authentication.yaml',
    `apiVersion: apiserver.config.k8s.io/v1beta1
kind: AuthenticationConfiguration
anonymous: { enabled: true, conditions: [{ path: /readyz }, { path: /livez }] }
`,
  );
  await put(
    host,
    '/etc/rancher/k3s/config.yaml',
    `node-name: ${host}
node-ip: ${lab.host(host).address}
flannel-iface: eth0
disable-agent: true
https-listen-port: 7443
tls-san: [10.75.0.5]
token-file: /etc/rancher/k3s/token
datastore-endpoint: postgres://k3s@${database}:5432/k3s
datastore-cafile: /etc/rancher/k3s/datastore/ca.crt
datastore-certfile: /etc/rancher/k3s/datastore/client.crt
datastore-keyfile: /etc/rancher/k3s/datastore/client.key
kube-apiserver-arg: [authentication-config=/etc/rancher/k3s/authentication.yaml]
`,
  );
  await put(
    host,
    '/etc/systemd/system/k3s.service',
    `[Service]
Type=notify
ExecStart=/usr/local/bin/k3s server
KillMode=process
Delegate=yes
TimeoutStartSec=120
`,
  );
  await lab.ssh(
    host,
    'sudo install -m 0755 /tmp/k3s /usr/local/bin/k3s && sudo systemctl daemon-reload && { sudo systemctl restart k3s || { sudo journalctl -n 30 -u k3s; exit 1; }; }',
  );
}

/** What the API says to somebody without a credential, its certificate verified against the cluster's own authority. */
async function status(host: string, path: string): Promise<string> {
  const ca = join(pki, 'server-ca.crt');
  const url = `https://${lab.host(host).address}:7443${path}`;
  const curl = ['-s', '--cacert', ca, '--max-time', '5', '-o', '/dev/null', '-w', '%{http_code}', url];
  return (await lab.run('curl', curl, { allowFailure: true })).stdout;
}

async function servesFromDatastore(binary: K3sBinary): Promise<void> {
  await emptyDatabase();
  await startServer('server1', binary);
  await lab.run('sh', [
    '-c',
    `ssh -F ${lab.sshConfig} server1 sudo cat /var/lib/rancher/k3s/server/tls/server-ca.crt >${pki}/server-ca.crt`,
  ]);
  await waitFor('server1 is ready', async () => (await status('server1', '/readyz')) === '200', {
    timeout: 60_000,
  });
  await startServer('server2', binary);
  await waitFor('server2 is ready', async () => (await status('server2', '/readyz')) === '200', {
    timeout: 60_000,
  });
  expect(await status('server2', '/api')).toBe('401');

  const { stdout } = await lab.ssh(
    'storage1',
    `cd / && sudo -u postgres psql -Atc "SELECT DISTINCT client_addr, client_dn FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE ssl ORDER BY 1"`,
  );
  expect(stdout).toBe('10.75.0.11|/CN=k3s\n10.75.0.12|/CN=k3s\n');
  await lab.ssh(
    'server1',
    'sudo test -s /etc/rancher/k3s/k3s.yaml -a -s /var/lib/rancher/k3s/server/node-token',
  );
  expect((await lab.ssh('server1', 'sudo /usr/local/bin/k3s kubectl get --raw /readyz')).stdout).toContain(
    'ok',
  );

  await lab.ssh('storage1', 'sudo systemctl stop postgresql');
  await waitFor(
    'no server is ready without its datastore',
    async () => (await status('server1', '/readyz')) !== '200',
  );
  await lab.ssh('storage1', 'sudo systemctl start postgresql');
  await waitFor('server1 is ready again', async () => (await status('server1', '/readyz')) === '200', {
    timeout: 60_000,
  });
  for (const host of ['server1', 'server2'])
    await lab.ssh(host, 'sudo systemctl stop k3s; sudo rm -rf /var/lib/rancher/k3s/* /etc/rancher/k3s');
}

test('the stand-in serves from the datastore as k3s does', async () => {
  await servesFromDatastore(standIn);
});

test('the stand-in rejects a datastore that another token has encrypted', async () => {
  await emptyDatabase();
  await startServer('server1', standIn);
  await put('server2', '/etc/rancher/k3s/token', 'other\n');
  await lab.ssh('server1', 'sudo systemctl stop k3s; echo other | sudo tee /etc/rancher/k3s/token');
  const refused = await lab.ssh('server1', 'sudo systemctl start k3s', { allowFailure: true });
  expect(refused.status).not.toBe(0);
  expect(await lab.host('server1').logs()).toContain('encrypted with different token');
});

(realK3s() ? test : test.skip)('a real k3s serves from the datastore in a host', async () => {
  await servesFromDatastore(await k3sBinary());
});
