import type { Config } from '../../src/config/config';
import { resolve } from '../../src/model/resolve';
import { configOfFile } from '../support/config';

const config = configOfFile('cluster.yaml');

function databaseOf(change: Partial<Config>) {
  return resolve({ ...config, ...change }).database;
}

test('k3s reaches one database host by its address, with nothing secret in it', () => {
  expect(databaseOf({}).endpoint).toBe('postgres://k3s@192.168.10.10:5432/k3s');
});

test('k3s gets all of several database hosts, and looks for the one that takes writes', () => {
  const hosts = config.hosts.map((host) => ({
    ...host,
    roles: host.name.startsWith('agent') ? (['database'] as const).slice() : host.roles,
  }));
  const topology = resolve({ ...config, hosts });
  expect(topology.databases.map(({ name }) => name)).toEqual(['storage1', 'agent1', 'agent2']);
  expect(topology.database.endpoint).toBe(
    'postgres://k3s@192.168.10.10:5432,192.168.10.21:5432,192.168.10.22:5432/k3s?target_session_attrs=read-write&connect_timeout=2',
  );
});

test('a database host that is reached by name is connected to by its address', () => {
  const hosts = config.hosts.map((host) =>
    host.name === 'storage1' ? { ...host, address: 'storage1.home.arpa', nodeIps: ['10.0.0.1'] } : host,
  );
  expect(databaseOf({ hosts }).endpoint).toBe('postgres://k3s@10.0.0.1:5432/k3s');
});

test('there are enough connections for every server, and up to three servers do not change the number', () => {
  expect(databaseOf({}).settings.max_connections).toBe('320');
  const one = config.hosts.filter(({ name }) => !/server[23]/.test(name));
  expect(databaseOf({ hosts: one }).settings.max_connections).toBe('320');
  const four = [...config.hosts, ...config.hosts.filter(({ name }) => name === 'server3')];
  expect(databaseOf({ hosts: four }).settings.max_connections).toBe('420');
});

test('settings of the file win, in the words of postgresql.conf', () => {
  const settings = { shared_buffers: '1GB', jit: false, log_lock_waits: true, random_page_cost: 1.5 };
  expect(databaseOf({ database: { ...config.database, settings } }).settings).toMatchObject({
    shared_buffers: '1GB',
    jit: 'off',
    log_lock_waits: 'on',
    random_page_cost: '1.5',
  });
});

test('settings are in order, whatever the order of the file', () => {
  const names = Object.keys(
    databaseOf({
      database: { ...config.database, settings: { zero_damaged_pages: false, archive_mode: 'off' } },
    }).settings,
  );
  expect(names).toEqual([...names].sort());
});
