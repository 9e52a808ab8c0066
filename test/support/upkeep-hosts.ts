import type { Host } from '../../src/model/topology';
import type { RunOnHostOptions, SshClient } from '../../src/ssh/client';
import { connectFailures } from '../../src/ssh/reach';
import { SshError } from '../../src/ssh/ssh-error';
import { agentAnswer, now, serverAnswer, storageAnswer } from '../status/answers';

/** What an update finds on a host and does there. */
export interface UpkeepHost {
  packages: string[];
  reboot?: string;
  cordon: 'ours' | 'others' | 'no';
  /** Packages that need a reboot when they are installed. */
  needsReboot: boolean;
  /** Whether a reboot does not help. */
  stays: boolean;
  on: boolean;
  boot: number;
  /** What each call complains about, in its last line. */
  readonly complaints: Record<string, string>;
  /** More lines of the probe of status. */
  status: string[];
}

/** Hosts that answer as real ones do, and remember what they were told. */
export class UpkeepHosts implements Pick<SshClient, 'run' | 'close'> {
  readonly done: string[] = [];
  /** Called with each line of `done`. */
  onCall: (line: string) => void = () => {};
  private readonly hosts = new Map<string, UpkeepHost>();

  host(name: string): UpkeepHost {
    const found = this.hosts.get(name) ?? {
      ...{ packages: [], cordon: 'no' as const, needsReboot: false, stays: false, on: true, boot: 1 },
      ...{ complaints: {}, status: [] },
    };
    this.hosts.set(name, found);
    return found;
  }

  async run(host: Host, command: string, { input = '' }: RunOnHostOptions) {
    const state = this.host(host.name);
    if (!state.on) throw new SshError('unreachable', host, connectFailures.EHOSTUNREACH);
    const text = `${input}`;
    const call = /^CALL='(\w+)'$/m.exec(text)?.[1];
    if (call === undefined && text.includes('\nprobe </dev/null')) return said(this.status(host));
    if (command === 'true') return said('');
    if (command.includes('boot_id')) return said(`boot-${state.boot}\n`);
    const what =
      call ?? (/ systemctl (\w+)/.exec(text)?.[1] || /(switchover)\.sh/.exec(command)?.[1]) ?? command;
    const line = `${host.name}: ${what}`;
    if (what !== 'pending') {
      this.done.push(line);
      this.onCall(line);
    }
    const complaint = state.complaints[what];
    if (complaint !== undefined)
      return { exitCode: 1, stdout: '', stderr: `error: ${host.name}: ${complaint}\n` };
    return said(this.does(state, what));
  }

  async close(): Promise<void> {}

  private does(state: UpkeepHost, what: string): string {
    switch (what) {
      case 'pending':
        return [
          ...state.packages.map((name) => `package\t${name}\t2.0`),
          ...(state.reboot === undefined ? [] : [`reboot\t${state.reboot}`]),
          `boot\tboot-${state.boot}`,
          `cordon\t${state.cordon}`,
          'end\n',
        ].join('\n');
      case 'drain':
        if (state.cordon === 'no') state.cordon = 'ours';
        break;
      case 'install':
        state.packages = [];
        if (state.needsReboot) state.reboot = 'kernel 2 is installed, 1 runs';
        break;
      case 'reboot':
        state.boot += 1;
        if (!state.stays) delete state.reboot;
        break;
      case 'settle':
        if (state.cordon === 'ours') state.cordon = 'no';
        break;
      case 'poweroff':
        state.on = state.stays;
        break;
    }
    return '';
  }

  private status({ name, kind }: Host): string {
    const { status } = this.host(name);
    const answer = kind === 'server' ? serverAnswer : kind === 'agent' ? agentAnswer : storageAnswer;
    return answer(
      `time\t${now.getTime() / 1000}`,
      ...(name === 'server3' ? ['virtual-ip\tyes'] : []),
      ...status,
    );
  }
}

const said = (stdout: string) => ({ exitCode: 0, stdout, stderr: '' });
