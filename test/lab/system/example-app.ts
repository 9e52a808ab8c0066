import { ExampleChart } from '../../../src/apps/example-chart';
import { synthCluster } from '../../../src/cluster/cluster-app';
import { loadConfig } from '../../../src/config/load';
import { resolve } from '../../../src/model/resolve';

/** Manifests of the example app and the namespaces, as `docs/how-to/extending.md` says how to get them. */
export function exampleApp(clusterYaml: string): string {
  const { config, issues } = loadConfig(clusterYaml);
  if (!config) throw new Error(issues.map(({ message }) => message).join('\n'));
  const { files } = synthCluster(resolve(config), (app, topology) => {
    new ExampleChart(app, '50-example', { topology, host: 'example.home.arpa' });
  });
  return ['49-namespaces.k8s.yaml', '50-example.k8s.yaml']
    .map((name) => {
      const manifest = files.get(name);
      if (manifest === undefined) throw new Error(`the output has no ${name}`);
      return manifest;
    })
    .join('---\n');
}

/** A Job that writes a text to a file of the app's volume, from a pod on a node. */
export function writer(name: string, image: string, node: string, file: string, text: string): string {
  const spec = {
    backoffLimit: 2,
    template: { spec: withVolume(name, image, node, `echo '${text}' >/files/${file}`) },
  };
  const metadata = { name, namespace: 'example' };
  return JSON.stringify({ apiVersion: 'batch/v1', kind: 'Job', metadata, spec });
}

/** A pod that does not want to end: once told to, it writes to a file of the app's volume for how many seconds it still is. */
export function lingerer(name: string, image: string, node: string, file: string): string {
  const script = `trap 'began=$(date +%s); while true; do echo $(($(date +%s) - began)) >/files/${file}; sleep 1; done' TERM
    while true; do sleep 1; done`;
  const spec = { ...withVolume(name, image, node, script), terminationGracePeriodSeconds: 300 };
  return JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'example' }, spec });
}

/** What a pod runs as a user without rights, with the app's volume at /files. */
function withVolume(name: string, image: string, node: string, script: string) {
  return {
    restartPolicy: 'Never',
    nodeName: node,
    securityContext: { runAsNonRoot: true, runAsUser: 101, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [
      {
        name,
        image,
        command: ['sh', '-c', script],
        securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
        volumeMounts: [{ name: 'files', mountPath: '/files' }],
      },
    ],
    volumes: [{ name: 'files', persistentVolumeClaim: { claimName: 'files' } }],
  };
}

/** A Job that tries from a pod, as root, to connect to ports, and says of each `reached` or `kept away`. */
export function knocker(name: string, image: string, node: string, ports: readonly string[]): string {
  const knock = `for to; do
    if nc -w 10 "\${to%:*}" "\${to##*:}" </dev/null >/dev/null 2>&1; then echo "$to reached"; else echo "$to kept away"; fi
  done`;
  const container = { name, image, command: ['sh', '-c', knock, 'sh', ...ports] };
  const spec = {
    backoffLimit: 2,
    template: { spec: { restartPolicy: 'Never', nodeName: node, containers: [container] } },
  };
  return JSON.stringify({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, namespace: 'default' },
    spec,
  });
}
