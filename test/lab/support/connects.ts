import type { Lab } from '../lab';

/** Whether a TCP connection from the operator succeeds, also if a busy host answers the second or third packet only. */
export async function connects(lab: Lab, address: string, port: number): Promise<boolean> {
  const connect = ['4', 'bash', '-c', `</dev/tcp/${address}/${port}`];
  return (await lab.run('timeout', connect, { allowFailure: true })).status === 0;
}
