import { readdirSync, readFileSync } from 'node:fs';

/** A process that a later process with the same pid is not mistaken for. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks after boot, from `/proc/PID/stat`. */
  readonly startTime: string;
}

/** Identity of a process of this machine; undefined when there is none (a zombie is none). */
export function identify(pid: number): ProcessIdentity | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the program's name in parentheses and may hold anything; fields count from after it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : { pid, startTime: fields[19] ?? '' };
  } catch {
    return undefined;
  }
}

export function isAlive(process: ProcessIdentity): boolean {
  return identify(process.pid)?.startTime === process.startTime;
}

/** SIGKILL; a process that has ended is no error. @param target of the signal, as the system call has it */
export function kill(process: ProcessIdentity, target = process.pid): void {
  if (!isAlive(process)) return;
  try {
    globalThis.process.kill(target, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** SIGKILL to a process that leads a group, and to the group. */
export function killGroup(process: ProcessIdentity): void {
  kill(process, -process.pid);
}

/** Seconds of processor time of a process, its children that have ended, and those that have not. */
export function processorTime(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // utime, stime, cutime and cstime, in hundredths of a second.
    const own = fields.slice(11, 15).reduce((total, ticks) => total + Number(ticks) / 100, 0);
    return childrenOf(pid).reduce((total, child) => total + processorTime(child), own);
  } catch {
    return 0;
  }
}

/** Pids of the direct children of a process. */
export function childrenOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((task) =>
      readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
    );
  } catch {
    return [];
  }
}
