import { setTimeout as sleep } from 'node:timers/promises';
import { testWhen } from '../../support/needs';
import { realK3s } from '../k3s-binary';
import { isLong } from '../support/long';
import { canApply } from '../support/project';
import { report } from '../support/report';
import { waitFor } from '../wait';
import { writer } from './example-app';
import { csiImages, imagesThere, missingImages, shell } from './image-archives';
import { agent, RunningSystem, server } from './running-system';

/** At rest for that long, which is many rounds of leases and probes. */
const rest = 180_000;

function missing(): string | undefined {
  if (!isLong) return 'it takes half an hour of a machine that has nothing else to do: LAB_LONG=1';
  if (!canApply || realK3s() === undefined) return 'there is no terraform or no k3s';
  const images = missingImages(csiImages);
  return images.length === 0 ? undefined : `no archive in ~/.cache/k3s-cdk/images has ${images.join(', ')}`;
}

const reason = missing();
const testWhole = testWhen(reason === undefined, `the provisioners are not compared: ${reason}`);

let system: RunningSystem;
beforeAll(async () => {
  if (reason === undefined) system = await RunningSystem.up(false);
});
afterAll(async () => {
  if (system) expect(await system.down()).toEqual([]);
});

interface Sample {
  readonly workingSet: number;
  readonly cpu: number;
}

/** What the containers of the provisioner take, by host and container, as their kubelets say. */
async function samples(): Promise<Map<string, Sample>> {
  const found = new Map<string, Sample>();
  for (const node of [server, agent]) {
    const summary = JSON.parse(
      await system.kubectl(['get', '--raw', `/api/v1/nodes/${node}/proxy/stats/summary`]),
    );
    for (const { podRef, containers } of summary.pods)
      if (/^(csi-)?nfs/.test(podRef.name))
        for (const { name, memory, cpu } of containers ?? [])
          found.set(`${node} ${podRef.name.replace(/-[a-z0-9]+(-[a-z0-9]+)?$/, '')} ${name}`, {
            workingSet: memory.workingSetBytes,
            cpu: cpu.usageCoreNanoSeconds,
          });
  }
  return found;
}

async function atRest(provisioner: string): Promise<void> {
  await system.podsReady(1_200_000);
  await sleep(rest / 2);
  const before = await samples();
  await sleep(rest);
  const after = await samples();
  expect(after.size).toBeGreaterThan(0);
  for (const node of [server, agent]) {
    const lines = [...after].filter(([name]) => name.startsWith(node));
    const mebibytes = (of: number) => `${(of / 2 ** 20).toFixed(1)} MiB`;
    const cpu = (name: string, { cpu }: Sample) =>
      (cpu - (before.get(name)?.cpu ?? cpu)) / 1e6 / (rest / 60_000);
    const sum = lines.reduce((total, [, { workingSet }]) => total + workingSet, 0);
    const busy = lines.reduce((total, [name, sample]) => total + cpu(name, sample), 0);
    report(
      `${provisioner} on ${node}: ${mebibytes(sum)}, ${busy.toFixed(0)} ms of emulated processor time a minute`,
    );
    for (const [name, sample] of lines)
      report(`  ${name}: ${mebibytes(sample.workingSet)}, ${cpu(name, sample).toFixed(0)} ms a minute`);
  }
}

const image = () => imagesThere().find((name) => shell.test(name)) ?? '';

/** A claim that a pod of a user without rights writes to, and what lies in the export. */
async function writes(name: string): Promise<void> {
  await system.apply(writer(name, image(), agent, `${name}.txt`, `written by ${name}`));
  await waitFor(
    `${name} has written`,
    async () => {
      const { stdout } = await system.lab
        .host(server)
        .exec(`cat /srv/nfs/*/${name}.txt`, { allowFailure: true });
      return stdout.trim() === `written by ${name}`;
    },
    { timeout: 900_000, interval: 2000 },
  );
}

testWhole('csi gives pods volumes, and takes this at rest', async () => {
  system.describe([server, agent], { provisioner: 'csi' });
  await system.k3sCdk('init', '--yes');
  await system.k3sCdk('deploy', '--plain', '--yes', '--wait', '30');
  await system.apply(claim);
  await writes('csi');
  await atRest('csi');
});

testWhole('subdir takes this at rest', async () => {
  await system.kubectl(['delete', 'namespace', 'example', '--timeout=600s']);
  system.describe([server, agent], { provisioner: 'subdir' });
  await system.kubectl(['delete', 'storageclass', '--all']);
  await system.k3sCdk('deploy', '--plain', '--yes', '--wait', '30');
  await atRest('subdir');
});

const claim = `
apiVersion: v1
kind: Namespace
metadata: { name: example }
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: { name: files, namespace: example }
spec: { accessModes: [ReadWriteMany], resources: { requests: { storage: 1Gi } } }
`;
