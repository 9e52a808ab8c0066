import { X509Certificate } from 'node:crypto';
import type { Host } from '../model/topology';
import { roles } from '../roles/roles';
import { Answer, AnswerError, figure, oneOf, text, word } from './answer';
import type {
  CertificateStatus,
  FileDrift,
  HostStatus,
  MachineStatus,
  StepStatus,
  UnitStatus,
} from './host-status';

/** When a host was asked, by the clock of this machine, in seconds. */
export interface AskedAt {
  readonly from: number;
  readonly to: number;
}

/**
 * The answer of the probe on a host.
 *
 * @throws AnswerError when it is incomplete, or is not what a probe says
 */
export function readAnswer(host: Host, said: string, asked: AskedAt): HostStatus {
  const answer = new Answer(said);
  if (!answer.first('end')) throw new AnswerError('is not complete');
  const status: HostStatus = {
    name: host.name,
    address: host.address,
    roles: host.roles,
    reachable: true,
    machine: machine(answer, asked),
    units: units(answer),
    steps: answer.all('step').map(
      ([name, state]): StepStatus => ({
        name: word(name, 'a step'),
        state: oneOf(state, ['finished', 'running', 'unfinished'], 'the state of a step'),
      }),
    ),
    drift: answer
      .all('drift')
      .map(
        ([step, kind, path, expected, found]): FileDrift => ({
          path: word(path, 'a path'),
          step: word(step, 'a step'),
          kind: oneOf(kind, ['content', 'mode', 'link', 'missing'], 'what differs'),
          ...(expected !== undefined && { expected: text(expected) }),
          ...(found !== undefined && { found: text(found) }),
        }),
      )
      .sort((a, b) => (a.path < b.path ? -1 : 1)),
    certificates: certificates(answer),
  };
  return Object.assign(status, ...roles.map((role) => role.status?.read?.(answer, host)));
}

function machine(answer: Answer, asked: AskedAt): MachineStatus {
  const [system, kernel] = answer.first('system') ?? [];
  const [total, available] = answer.first('memory') ?? [];
  const model = text(answer.first('model')?.[0]);
  const temperature = answer.first('temperature')?.[0];
  const flags = answer.first('throttled')?.[0];
  const time = answer.first('time')?.[0];
  const readOnly = new Set(answer.all('read-only').map(([mount]) => mount));
  return {
    system: text(system),
    kernel: text(kernel),
    ...(model && { model }),
    uptime: figure(answer.first('uptime')?.[0] ?? '0', 'the uptime'),
    memory: { total: figure(total ?? '0', 'memory'), available: figure(available ?? '0', 'memory') },
    disks: answer.all('disk').map((row) => disk(row, readOnly)),
    ...(temperature && { temperature: figure(temperature, 'a temperature') / 1000 }),
    ...(flags && { power: power(flags) }),
    clockSkew: time === undefined ? 0 : skew(figure(time, 'the time'), asked),
    clockSynchronized: answer.first('clock')?.[0] === 'yes',
  };
}

function disk([mount, size, free, inodes, freeInodes]: string[], readOnly: ReadonlySet<string | undefined>) {
  // Some file systems do not count inodes, and report 0 or '-'.
  const total = inodes === undefined || inodes === '-' ? 0 : figure(inodes, 'inodes');
  return {
    mount: word(mount, 'a path'),
    size: figure(size, 'the size of a disk'),
    available: figure(free, 'the space of a disk'),
    ...(total > 0 && { inodes: { total, available: figure(freeInodes, 'inodes') } }),
    readOnly: readOnly.has(mount),
  };
}

/** Bits of `vcgencmd get_throttled` (Raspberry Pi documentation, "vcgencmd"); 16 higher the same since boot. */
function power(text: string) {
  if (!/^(0x)?[0-9a-f]{1,8}$/i.test(text))
    throw new AnswerError(`has '${text.slice(0, 20)}' for power flags`);
  const flags = Number.parseInt(text, 16);
  const bit = (number: number) => (flags & (1 << number)) !== 0;
  return {
    undervoltage: bit(0),
    throttled: bit(1) || bit(2) || bit(3),
    undervoltageSinceBoot: bit(16),
    throttledSinceBoot: bit(17) || bit(18) || bit(19),
  };
}

/**
 * The smallest difference that explains the answer: the host's time was taken at some moment between query
 * and answer.
 */
function skew(time: number, { from, to }: AskedAt): number {
  if (time > to) return time - to;
  return time < from ? time - from : 0;
}

function units(answer: Answer): UnitStatus[] {
  const steps = new Map(
    answer.all('step-unit').map(([step, name]) => [fullName(word(name, 'a unit')), word(step, 'a step')]),
  );
  return answer.all('unit').map(([name, load, enabled, active, , restarts]) => {
    const unit = word(name, 'a unit');
    const step = steps.get(unit);
    return {
      name: unit,
      active: word(active, 'a state'),
      enabled: load === 'masked' ? 'masked' : word(enabled, 'a state'),
      restarts: figure(restarts, 'restarts'),
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
    .flatMap(([place, body = '']) => {
      const path = word(place, 'a path');
      try {
        const { validTo } = new X509Certificate(Buffer.from(body, 'base64'));
        return [{ path, expires: new Date(validTo).toISOString() }];
      } catch {
        return [];
      }
    })
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}
