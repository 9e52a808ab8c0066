import { X509Certificate } from 'node:crypto';
import type { Host } from '../model/topology';
import type {
  BackupStatus,
  CertificateStatus,
  DatabaseMemberStatus,
  DatabaseStatus,
  EtcdStatus,
  FileDrift,
  HostStatus,
  K3sStatus,
  LoadBalancerStatus,
  MachineStatus,
  StepStatus,
  UnitStatus,
} from './host-status';

/** When a host was asked, by the clock of this machine, in seconds. */
export interface AskedAt {
  readonly from: number;
  readonly to: number;
}

/** Lines of the probe by their first field. */
class Answer {
  private readonly rows = new Map<string, string[][]>();

  constructor(text: string) {
    for (const line of text.split('\n')) {
      const [kind = '', ...values] = line.split('\t');
      this.rows.set(kind, [...(this.rows.get(kind) ?? []), values]);
    }
  }

  all(kind: string): readonly string[][] {
    return this.rows.get(kind) ?? [];
  }

  first(kind: string): string[] | undefined {
    return this.rows.get(kind)?.[0];
  }
}

/**
 * What the probe on a host has said.
 *
 * @throws Error when it has not come to its end
 */
export function readAnswer(host: Host, text: string, asked: AskedAt): HostStatus {
  const answer = new Answer(text);
  if (!answer.first('end')) throw new Error('the probe has not come to its end');
  const status = {
    name: host.name,
    address: host.address,
    roles: host.roles,
    reachable: true,
    machine: machine(answer, asked),
    units: units(answer),
    steps: answer.all('step').map(
      ([name = '', state = '']): StepStatus => ({
        name,
        state: state as StepStatus['state'],
      }),
    ),
    drift: answer
      .all('drift')
      .map(
        ([step = '', kind = '', path = '', expected, found]): FileDrift => ({
          path,
          step,
          kind: kind as FileDrift['kind'],
          ...(expected !== undefined && { expected }),
          ...(found !== undefined && { found }),
        }),
      )
      .sort((a, b) => (a.path < b.path ? -1 : 1)),
    certificates: certificates(answer),
  };
  return {
    ...status,
    ...(host.k3sConfig && { k3s: k3s(answer, host) }),
    ...(answer.first('virtual-ip') && { loadBalancer: loadBalancer(answer) }),
    ...(host.roles.includes('database') && { database: database(answer) }),
    ...(answer.first('etcd') && { etcd: etcd(answer) }),
    ...(host.roles.includes('nfs') && { nfs: { clients: Number(answer.first('export')?.[0] ?? 0) } }),
  };
}

function machine(answer: Answer, asked: AskedAt): MachineStatus {
  const [system = '', kernel = ''] = answer.first('system') ?? [];
  const [total = 0, available = 0] = (answer.first('memory') ?? []).map(Number);
  const model = answer.first('model')?.[0];
  const temperature = answer.first('temperature')?.[0];
  const flags = answer.first('throttled')?.[0];
  const readOnly = new Set(answer.all('read-only').map(([mount]) => mount));
  return {
    system,
    kernel,
    ...(model && { model }),
    uptime: Number(answer.first('uptime')?.[0] ?? 0),
    memory: { total, available },
    disks: answer.all('disk').map(([mount = '', size, free, inodes, freeInodes]) => ({
      mount,
      size: Number(size),
      available: Number(free),
      ...(Number(inodes) > 0 && { inodes: { total: Number(inodes), available: Number(freeInodes) } }),
      readOnly: readOnly.has(mount),
    })),
    ...(temperature && { temperature: Number(temperature) / 1000 }),
    ...(flags && { power: power(Number.parseInt(flags, 16)) }),
    clockSkew: skew(Number(answer.first('time')?.[0] ?? asked.from), asked),
    clockSynchronized: answer.first('clock')?.[0] === 'yes',
  };
}

/** Bits of `vcgencmd get_throttled` (Raspberry Pi documentation, "vcgencmd"); 16 higher the same since boot. */
function power(flags: number) {
  const bit = (number: number) => (flags & (1 << number)) !== 0;
  return {
    undervoltage: bit(0),
    throttled: bit(1) || bit(2) || bit(3),
    undervoltageSinceBoot: bit(16),
    throttledSinceBoot: bit(17) || bit(18) || bit(19),
  };
}

/** The least that explains what was seen: the host's time was taken at some moment between asking and answering. */
function skew(time: number, { from, to }: AskedAt): number {
  if (time > to) return time - to;
  return time < from ? time - from : 0;
}

function units(answer: Answer): UnitStatus[] {
  const steps = new Map(answer.all('step-unit').map(([step = '', name = '']) => [fullName(name), step]));
  return answer.all('unit').map(([name = '', load, enabled = '', active = '', , restarts]) => {
    const step = steps.get(name);
    return {
      name,
      active,
      enabled: load === 'masked' ? 'masked' : enabled,
      restarts: Number(restarts),
      ...(step !== undefined && { step }),
    };
  });
}

/** systemd takes a name without a suffix for a service. */
function fullName(unit: string): string {
  return unit.includes('.') ? unit : `${unit}.service`;
}

function certificates(answer: Answer): CertificateStatus[] {
  return answer
    .all('certificate')
    .flatMap(([path = '', body = '']) => {
      try {
        const { validTo } = new X509Certificate(Buffer.from(body, 'base64'));
        return [{ path, expires: new Date(validTo).toISOString() }];
      } catch {
        return [];
      }
    })
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

function k3s(answer: Answer, host: Host): K3sStatus {
  const version = /^k3s-(v.+)$/.exec(answer.first('k3s')?.[0] ?? '')?.[1];
  const nodesFailure = answer.first('nodes-failure')?.[0];
  const [datastore, refusal] = answer.first('datastore') ?? [];
  const [api, reason] = answer.first('api') ?? ['no', 'k3s is not installed'];
  return {
    ...(version !== undefined && { version }),
    kubelet: answer.first('kubelet')?.[0] !== 'no',
    ...(host.roles.includes('server') && { api: { answers: api === 'yes', ...(reason && { reason }) } }),
    ...(nodesFailure !== undefined && { nodesFailure }),
    ...(datastore === 'no' && { datastoreFailure: refusal ?? '' }),
    nodes: answer.all('node').map(([name = '', ready, nodeVersion = '', unschedulable, conditions = '']) => ({
      name,
      ready: ready === 'True',
      version: nodeVersion,
      schedulable: unschedulable !== 'true',
      conditions: conditions.split(' ').filter((condition) => condition !== '' && condition !== 'Ready'),
    })),
  };
}

function loadBalancer(answer: Answer): LoadBalancerStatus {
  return {
    holdsVirtualIp: answer.first('virtual-ip')?.[0] === 'yes',
    backends: answer
      .all('backend')
      .map(([name = '', state = '', check = '']) => ({ name, up: state.startsWith('UP'), check })),
  };
}

function etcd(answer: Answer): EtcdStatus {
  const [unit = 'unknown', healthy] = answer.first('etcd') ?? [];
  return { unit, healthy: healthy === 'yes' };
}

/** Undefined for a single database, which has none. */
function members(answer: Answer): DatabaseMemberStatus[] | undefined {
  const found = answer.all('member');
  if (found.length === 0) return undefined;
  return found.map(([name = '', role = '', state = '', lag = '']) => ({
    name,
    role,
    state,
    ...(/^\d+$/.test(lag) && { lag: Number(lag) }),
  }));
}

function database(answer: Answer): DatabaseStatus {
  const unit = answer.first('postgres')?.[0] ?? 'unknown';
  const figures = answer.first('postgres-figures');
  const found = backup(answer.first('backup')?.[0] ?? '');
  const others = members(answer);
  const status = { unit, ...(found && { backup: found }), ...(others && { members: others }) };
  if (!figures) {
    const error = answer.first('postgres-error')?.join(' ');
    return { ...status, ...(error && { error }) };
  }
  const [version = '', ...numbers] = figures;
  const [maxConnections = 0, connections = 0, size = 0, kineSize = 0, rows = 0, deadRows = 0] =
    numbers.map(Number);
  const kine = { size: kineSize, rows, deadRows };
  return { ...status, postgres: { version, connections, maxConnections, size, kine } };
}

/** What make-backup.sh writes down. */
function backup(json: string): BackupStatus | undefined {
  try {
    const { lastSuccess, file, bytes, lastFailure } = JSON.parse(json) as Record<string, string | null>;
    return {
      ...(lastSuccess && { last: lastSuccess }),
      ...(file && { file }),
      ...(bytes && { size: Number(bytes) }),
      ...(lastFailure && { failed: lastFailure }),
    };
  } catch {
    return undefined;
  }
}
