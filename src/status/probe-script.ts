import { oneText } from '../model/script';
import { shellQuote } from '../model/shell-quote';
import type { Host, Topology } from '../model/topology';
import { rolesOf } from '../roles/roles';
import probe from './probe.sh';

/** Seconds that Postgres and the API have to answer, however little time the host has. */
const minPatience = 10;

/** What a host is asked with: a text that hosts with the same roles share, and the variables that it reads. */
export interface Probe {
  readonly inputs: Readonly<Record<string, string>>;
  /** Defines `probe`, which answers on standard output. */
  readonly text: string;
}

/**
 * The script that reports the state of a host, for a bash that reads its standard input as root.
 *
 * @param timeoutMs what all of it may take
 */
export function probeScript(topology: Topology, host: Host, timeoutMs: number): string {
  const { inputs, text } = probeOf(topology, host, timeoutMs);
  const lines = Object.entries(inputs).map(([name, value]) => `${name}=${shellQuote(value)}\n`);
  // Its own commands must not read what is left of the script.
  return `${lines.join('')}${text}\nprobe </dev/null 2>/dev/null\n`;
}

/** @param timeoutMs what all of it may take */
export function probeOf(topology: Topology, host: Host, timeoutMs: number): Probe {
  const asked = rolesOf(host, topology).flatMap(({ status }) => status ?? []);
  const list = (part: 'units' | 'folders' | 'certificates') =>
    asked.flatMap((status) => status[part]?.(topology, host) ?? []).join(' ');
  const probes = asked.flatMap(({ probe }) => probe ?? []);
  const inputs: Record<string, string> = {
    HOST: host.name,
    // A hanging API is queried twice, the second time for half as long; the rest of the answer still has to
    // arrive in time.
    PATIENCE: String(Math.max(minPatience, Math.floor(timeoutMs / 3000))),
    UNITS: list('units'),
    FOLDERS: list('folders'),
    CERTIFICATES: list('certificates'),
    CALLS: probes.flatMap(({ calls }) => calls).join(' '),
    ...Object.assign({}, ...probes.map((each) => each.inputs(topology, host))),
  };
  return { inputs, text: oneText(...new Set([...probes.map(({ script }) => script), probe])) };
}
