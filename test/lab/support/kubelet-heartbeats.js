// What the kubelets of nodes write while nothing happens, for servers without one: each node renews its lease every 10 s
// and reports its status every 5 minutes. Prints a line for each request that fails. Arguments: a folder with
// server-ca.crt and client/, the port of the API, and NAME=ADDRESS of each node, which is its own server.
const { readFileSync } = require('node:fs');
const https = require('node:https');
const { join } = require('node:path');

const [folder, port, ...nodes] = process.argv.slice(2);
const [leaseEvery, statusEvery] = [10_000, 300_000];
const read = (...names) => readFileSync(join(folder, ...names));
const agent = new https.Agent({
  ...{ ca: read('server-ca.crt'), cert: read('client/client.crt'), key: read('client/client.key') },
  keepAlive: true,
});

function send(host, method, path, object) {
  const body = JSON.stringify(object);
  const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
  const headers = { 'content-type': type, 'content-length': Buffer.byteLength(body) };
  return new Promise((resolve) => {
    const failed = (why) => {
      console.log(`${method} ${path}: ${why}`);
      resolve();
    };
    const request = https.request({ host, port, agent, method, path, headers, timeout: 10_000 });
    request.on('response', (response) => {
      response.resume().on('end', resolve);
      // A node that is there already is as good.
      if (response.statusCode >= 300 && response.statusCode !== 409) failed(response.statusCode);
    });
    request.on('timeout', () => request.destroy(new Error('late')));
    request.on('error', (error) => failed(error.message));
    request.end(body);
  });
}

/** As the API writes moments of leases: in microseconds. */
const now = () => new Date().toISOString().replace('Z', '000Z');

/** Of the size that a node with k3s's own pods reports: 15 images, each by tag and by digest. */
function status(address) {
  const at = new Date().toISOString();
  const condition = (type, value) => ({
    ...{ type, status: value, reason: `Kubelet${type}`, message: `kubelet reports ${type} as ${value}` },
    ...{ lastHeartbeatTime: at, lastTransitionTime: '2026-01-01T00:00:00Z' },
  });
  const capacity = { cpu: '4', memory: '8129672Ki', pods: '110', 'ephemeral-storage': '60918020Ki' };
  return {
    addresses: [{ type: 'InternalIP', address }],
    capacity,
    allocatable: capacity,
    conditions: [
      ...['MemoryPressure', 'DiskPressure', 'PIDPressure'].map((type) => condition(type, 'False')),
      condition('Ready', 'True'),
    ],
    nodeInfo: Object.fromEntries(
      ['architecture', 'bootID', 'containerRuntimeVersion', 'kernelVersion', 'kubeProxyVersion']
        .concat(['kubeletVersion', 'machineID', 'operatingSystem', 'osImage', 'systemUUID'])
        .map((name) => [name, `the ${name} of a node`]),
    ),
    images: Array.from({ length: 15 }, (_, index) => ({
      names: [
        `registry.example/image${index}@sha256:${'0'.repeat(64)}`,
        `registry.example/image${index}:v1.2.3`,
      ],
      sizeBytes: 20_000_000 + index,
    })),
  };
}

async function live(name, address) {
  const leases = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases';
  const ofNode = { holderIdentity: name, leaseDurationSeconds: 40 };
  const report = () => send(address, 'PATCH', `/api/v1/nodes/${name}/status`, { status: status(address) });
  const labels = { 'kubernetes.io/hostname': name, 'kubernetes.io/os': 'linux' };
  await send(address, 'POST', '/api/v1/nodes', { metadata: { name, labels } });
  await send(address, 'POST', leases, { metadata: { name }, spec: { ...ofNode, renewTime: now() } });
  await report();
  setInterval(() => send(address, 'PATCH', `${leases}/${name}`, { spec: { renewTime: now() } }), leaseEvery);
  setInterval(report, statusEvery);
}

// Kubelets did not start at the same moment either.
nodes.forEach((node, index) => {
  setTimeout(() => live(...node.split('=')), index * 1700);
});
