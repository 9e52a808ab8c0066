import { X509Certificate } from 'node:crypto';
import { newPrivateKey } from '../../src/pki/key';

/** When the hosts of these tests were asked. */
export const now = new Date('2027-03-01T12:00:00Z');
export const askedAt = { from: now.getTime() / 1000, to: now.getTime() / 1000 + 1 };

/** As the probe says it on a Raspberry Pi that is well; lines of `changes` replace those that begin alike. */
function answer(lines: readonly string[], changes: readonly string[]): string {
  const start = (line: string) => line.split('\t').slice(0, 2).join('\t');
  const replaced = new Set(changes.map(start));
  const single = new Set(
    changes.map((line) => line.split('\t')[0] ?? '').filter((kind) => !repeated.includes(kind)),
  );
  const kept = lines.filter((line) => !replaced.has(start(line)) && !single.has(line.split('\t')[0] ?? ''));
  return [...kept, ...changes, 'end', ''].join('\n');
}

const repeated = [
  'disk',
  'unit',
  'step',
  'step-unit',
  'drift',
  'backend',
  'node',
  'certificate',
  'read-only',
];

const machine = [
  `time\t${askedAt.from + 0.4}`,
  'uptime\t1054321.12',
  'memory\t8323948544\t6012452864',
  'system\tDebian GNU/Linux 13 (trixie)\t6.12.47+rpt-rpi-2712',
  'disk\t/\t31138512896\t20138512896\t1900000\t1700000',
  'clock\tyes',
  'model\tRaspberry Pi 5 Model B Rev 1.0',
  'temperature\t48300',
  'throttled\t0',
];

export function serverAnswer(...changes: string[]): string {
  return answer(
    [
      ...machine,
      'unit\tk3s.service\tloaded\tenabled\tactive\trunning\t0',
      'unit\thaproxy.service\tloaded\tenabled\tactive\trunning\t0',
      'unit\tkeepalived.service\tloaded\tenabled\tactive\trunning\t0',
      'step\tk3s\tfinished\t1800000000',
      'step-unit\tk3s\tk3s.service',
      'step\tload-balancer\tfinished\t1800000000',
      'step-unit\tload-balancer\thaproxy',
      'virtual-ip\tno',
      ...['server1', 'server2', 'server3'].map((name) => `backend\t${name}\tUP\tL7OK`),
      'k3s\tk3s-v1.36.2+k3s1',
      'kubelet\tyes',
      'api\tyes',
      ...['server1', 'server2', 'server3', 'agent1', 'agent2', 'agent3'].map(
        (name) => `node\t${name}\tTrue\tv1.36.2+k3s1\t\tReady`,
      ),
    ],
    changes,
  );
}

export function agentAnswer(...changes: string[]): string {
  return answer(
    [
      ...machine,
      'unit\tk3s-agent.service\tloaded\tenabled\tactive\trunning\t0',
      'step\tk3s\tfinished\t1800000000',
      'k3s\tk3s-v1.36.2+k3s1',
      'kubelet\tyes',
    ],
    changes,
  );
}

export function storageAnswer(...changes: string[]): string {
  return answer(
    [
      ...machine,
      'disk\t/srv/postgres\t500107862016\t400107862016\t30000000\t29000000',
      'unit\tnfs-server.service\tloaded\tenabled\tactive\texited\t0',
      'step\tdatabase\tfinished\t1800000000',
      'export\t6',
      `backup\t{ "lastSuccess": "2027-03-01T03:00:00Z", "file": "/srv/x.tar", "bytes": 5242880, "lastFailure": null }`,
      `image\tdocker.io/library/postgres:17 sha256:${'c'.repeat(64)}`,
      'postgres\tactive',
      'postgres-figures\t17.6 (Debian 17.6-1.pgdg13+1)\t320\t42\t61865984\t48234496\t12345\t678',
    ],
    changes,
  );
}

/** A line of the probe for a certificate that was made on a day and is good for ten years. */
export async function certificateLine(path: string, made: Date): Promise<string> {
  const { issueAuthority } = await import('../../src/pki/issue');
  const pem = await issueAuthority('test', newPrivateKey(), made);
  return `certificate\t${path}\t${new X509Certificate(pem).raw.toString('base64')}`;
}
