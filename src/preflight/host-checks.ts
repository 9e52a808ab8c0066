import { createHash } from 'node:crypto';
import { databaseCa } from '../model/secrets';
import type { Host, Topology } from '../model/topology';
import { publicKeyOf } from '../pki/inspect';
import { PrivateFiles } from '../secrets/private-files';
import { tokenHashes } from '../secrets/token-hash';
import { bashAsRoot, type SshClient } from '../ssh/client';
import { concurrently } from '../ssh/concurrently';
import { rootFailure } from '../ssh/root-failure';
import { SshError } from '../ssh/ssh-error';
import { Answer, AnswerError, answerFailure, figure, text } from '../status/answer';
import type { Problem } from '../status/problem';
import { type BlankDisk, readBlankDisk } from './blank-disk';
import { checkScript } from './check-script';

/** The answer of a host before anything was done to it. */
export interface CheckedHost {
  readonly host: Host;
  /** Whether its checks finished. */
  readonly checked: boolean;
  readonly problems: readonly Problem[];
  /** Whether it has records of steps, from whatever apply. */
  readonly isSetUp: boolean;
  readonly machineId?: string;
  /** Its own host name. */
  readonly machineName?: string;
  /** Its own name: `Debian GNU/Linux 13 (trixie)`. */
  readonly system?: string;
  /** Those that may be formatted. */
  readonly blankDisks: readonly BlankDisk[];
  /** `here`, `free`, or the MAC address of the machine that has it; undefined if it is not checked. */
  readonly virtualIp?: string;
}

export interface CheckHostsOptions {
  /** @default - all */
  readonly hosts?: readonly Host[];
  readonly ssh: SshClient;
  /** Folder of cluster.yaml, where `secrets/` is. */
  readonly folder: string;
  /** For each host. */
  readonly timeoutMs: number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly signal?: AbortSignal | undefined;
  /** Called for each host when its checks have ended. @default - nobody waits */
  readonly onChecked?: (host: CheckedHost) => void;
}

const concurrency = 32;

/** Seconds that clocks may differ, as in the first step. */
const clockTolerance = 30;

/** Checks hosts, over one connection each. */
export function checkHosts(topology: Topology, options: CheckHostsOptions): Promise<CheckedHost[]> {
  const files = new PrivateFiles(options.folder);
  const { ca } = topology.database.external ?? {};
  const secrets = {
    tokens: tokenHashes(files),
    authority: authorityHash(files.read(databaseCa.certificate)),
    externalAuthority: ca === undefined ? '' : (files.read(ca) ?? ''),
  };
  return concurrently(options.hosts ?? topology.hosts, concurrency, async (host) => {
    const script = checkScript(topology, host, secrets);
    const checked = await checkHost(host, script, options);
    options.onChecked?.(checked);
    return checked;
  });
}

/** By its key, which a renewal keeps. */
function authorityHash(pem: string | undefined): string {
  const key = pem === undefined ? undefined : publicKeyOf(pem);
  return key === undefined ? '' : createHash('sha256').update(key).digest('hex');
}

async function checkHost(host: Host, script: string, options: CheckHostsOptions): Promise<CheckedHost> {
  const { ssh, timeoutMs, now, signal } = options;
  const failed = (code: string, message: string): CheckedHost => ({
    host,
    checked: false,
    isSetUp: false,
    blankDisks: [],
    problems: [{ severity: 'error', code, host: host.name, message }],
  });
  const from = now() / 1000;
  try {
    const run = { input: script, timeoutMs, signal };
    const { stdout, stderr } = await ssh.run(host, bashAsRoot, run);
    if (stdout === '') return failed('no-root', rootFailure(host, stderr));
    return readChecks(host, stdout, { from, to: now() / 1000 });
  } catch (error) {
    if (error instanceof SshError) return failed(error.failure, error.reason);
    if (error instanceof AnswerError) return failed('answer', answerFailure(error.message));
    throw error;
  }
}

/** The answer of checks.sh. @throws AnswerError */
export function readChecks(host: Host, said: string, asked: { from: number; to: number }): CheckedHost {
  const answer = new Answer(said);
  const first = (kind: string) => answer.first(kind);
  const problems = answer.all('problem').map(([severity, ...message]): Problem => {
    return {
      severity: severity === 'warning' ? 'warning' : 'error',
      code: 'machine',
      host: host.name,
      message: text(message.join(' ')),
    };
  });
  const [machineId] = first('machine-id') ?? [];
  const [machineName] = first('name') ?? [];
  const [virtualIp, taken] = first('virtual-ip') ?? [];
  const [system] = first('system') ?? [];
  return {
    host,
    checked: first('end') !== undefined,
    isSetUp: first('set-up') !== undefined,
    blankDisks: answer.all('blank-disk').map((row) => readBlankDisk(host, row)),
    problems: [
      ...problems,
      ...(first('end')
        ? [
            ...clockProblem(host, figure(first('time')?.[0], 'the time'), asked),
            ...systemProblem(host, (first('system') ?? []).map(text)),
          ]
        : [unfinished(host)]),
    ],
    ...(machineId && { machineId: text(machineId) }),
    ...(machineName && { machineName: text(machineName) }),
    ...(system && { system: text(system) }),
    ...(virtualIp && { virtualIp: text(taken ?? virtualIp) }),
  };
}

function unfinished({ name }: Host): Problem {
  const message = "the checks did not finish: run 'k3s-cdk doctor' again";
  return { severity: 'error', code: 'machine', host: name, message };
}

function* clockProblem(
  host: Host,
  time: number,
  { from, to }: { from: number; to: number },
): Iterable<Problem> {
  const ahead = time > to ? time - to : time < from ? time - from : 0;
  if (Math.abs(ahead) <= clockTolerance) return;
  yield {
    severity: 'error',
    code: 'clock-off',
    host: host.name,
    message: `the clock is ${Math.round(Math.abs(ahead))} seconds ${ahead > 0 ? 'ahead of' : 'behind'} this machine's: correct the wrong one, and give the host a reachable time server`,
  };
}

/**
 * Supported systems (docs/reference/platforms.md), by ID and ID_LIKE of os-release, with the oldest version.
 */
const systems: readonly (readonly [pattern: RegExp, oldest: number])[] = [
  [/\b(rhel|ol|rocky|almalinux)\b/, 8],
  [/\bubuntu\b/, 24.04],
  [/\b(debian|raspbian)\b/, 13],
];

function* systemProblem(
  host: Host,
  [name = '', id = '', like = '', version = '']: string[],
): Iterable<Problem> {
  const [pattern, oldest = 0] =
    systems.find(([ids]) => ids.test(id)) ?? systems.find(([ids]) => ids.test(like)) ?? [];
  // A derivative has its own version numbers.
  const old = pattern?.test(id) && Number.parseFloat(version) < oldest;
  if (pattern && !old) return;
  yield {
    severity: 'warning',
    code: 'system',
    host: host.name,
    message: `'${name}' is not a supported system: Debian 13, Raspberry Pi OS of Debian 13, Ubuntu 24.04, Oracle Linux and its like 8 or newer`,
  };
}
