import { synthCluster } from '../../src/cluster/cluster-app';
import type { Manifest } from '../../src/config/objects/manifest';
import { byId, idOf, manifestsOf, podOf } from '../support/manifests';
import { topologyWith } from '../support/topology';

function nfs(settings: string): Manifest[] {
  const external = 'external: { server: nas.example.net, path: /export }';
  return manifestsOf(synthCluster(topologyWith(`nfs: { ${[external, settings].join(', ')} }`)).files);
}

test('the StorageClass of the subdir provisioner, by default', () => {
  expect(byId(nfs('default: true'), 'StorageClass/nfs')).toMatchObject({
    metadata: { annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
    provisioner: 'k8s-sigs.io/nfs-subdir-external-provisioner',
    parameters: { archiveOnDelete: 'true' },
    reclaimPolicy: 'Delete',
    mountOptions: ['nfsvers=4.2'],
    volumeBindingMode: 'Immediate',
    allowVolumeExpansion: true,
  });
});

test('every option of the StorageClass is that of cluster.yaml', () => {
  const options =
    'storageClass: bulk, default: false, reclaimPolicy: Retain, archiveOnDelete: false, mountOptions: [nfsvers=4.1, noatime]';
  expect(byId(nfs(options), 'StorageClass/bulk')).toMatchObject({
    metadata: { annotations: { 'storageclass.kubernetes.io/is-default-class': 'false' } },
    parameters: { archiveOnDelete: 'false' },
    reclaimPolicy: 'Retain',
    mountOptions: ['nfsvers=4.1', 'noatime'],
  });
});

test('the subdir provisioner mounts the export that it hands out', () => {
  const pod = podOf(byId(nfs('default: true'), 'Deployment/nfs-subdir-provisioner'));
  expect(pod?.volumes).toEqual([{ name: 'export', nfs: { server: 'nas.example.net', path: '/export' } }]);
  expect(pod?.containers[0]?.env).toEqual(
    expect.arrayContaining([
      { name: 'NFS_SERVER', value: 'nas.example.net' },
      { name: 'NFS_PATH', value: '/export' },
      { name: 'PROVISIONER_NAME', value: 'k8s-sigs.io/nfs-subdir-external-provisioner' },
    ]),
  );
});

test('the server is the nfs host when there is one', () => {
  const host = '{ name: storage1, address: 192.168.10.10, roles: [nfs] }';
  const { files } = synthCluster(topologyWith('nfs: { path: /srv/files }', [host]));
  expect(podOf(byId(manifestsOf(files), 'Deployment/nfs-subdir-provisioner'))?.volumes).toEqual([
    { name: 'export', nfs: { server: '192.168.10.10', path: '/srv/files' } },
  ]);
});

test('csi-driver-nfs: a controller, a pod on every node, and a class with the same behaviour', () => {
  const manifests = nfs('provisioner: csi');
  expect(manifests.map(idOf)).toEqual([
    'Namespace/nfs-storage',
    'NetworkPolicy/ingress',
    'CSIDriver/nfs.csi.k8s.io',
    'ServiceAccount/csi-nfs-controller',
    'ServiceAccount/csi-nfs-node',
    'ClusterRole/csi-nfs-provisioner',
    'ClusterRoleBinding/csi-nfs-provisioner',
    'ClusterRole/csi-nfs-resizer',
    'ClusterRoleBinding/csi-nfs-resizer',
    'Role/csi-nfs-leader-election',
    'RoleBinding/csi-nfs-leader-election',
    'Deployment/csi-nfs-controller',
    'DaemonSet/csi-nfs-node',
    'StorageClass/nfs',
  ]);
  expect(byId(manifests, 'StorageClass/nfs')).toMatchObject({
    provisioner: 'nfs.csi.k8s.io',
    parameters: { server: 'nas.example.net', share: '/export', onDelete: 'archive' },
    mountOptions: ['nfsvers=4.2'],
  });
  expect(byId(nfs('provisioner: csi, archiveOnDelete: false'), 'StorageClass/nfs')).toMatchObject({
    parameters: { onDelete: 'delete' },
  });
});

test("a claim's directory is created with the same mode as by the subdir provisioner, and mounts do not change it", () => {
  const manifests = nfs('provisioner: csi');
  const args = (id: string) =>
    podOf(byId(manifests, id))?.containers.find(({ name }) => name === 'nfs')?.args ?? [];
  expect(args('Deployment/csi-nfs-controller')).toContain('--mount-permissions=0777');
  expect(args('DaemonSet/csi-nfs-node').join(' ')).not.toContain('mount-permissions');
  expect(Object.keys(byId(manifests, 'StorageClass/nfs').parameters as object)).not.toContain(
    'mountPermissions',
  );
});

test('each liveness probe of the driver asks its own sidecar, and no two ask the same port of a host', () => {
  const manifests = nfs('provisioner: csi');
  const ports = ['Deployment/csi-nfs-controller', 'DaemonSet/csi-nfs-node'].map((id) => {
    const pod = podOf(byId(manifests, id));
    const probe = pod?.containers.find(({ name }) => name === 'nfs')?.livenessProbe as {
      httpGet: { port: number };
    };
    const args = pod?.containers.find(({ name }) => name === 'liveness-probe')?.args;
    expect(args).toContain(`--http-endpoint=localhost:${probe.httpGet.port}`);
    return probe.httpGet.port;
  });
  expect(new Set(ports).size).toBe(2);
});
