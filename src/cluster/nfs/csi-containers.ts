import { type Container, IntOrString, type SecurityContext } from 'cdk8s-plus-28/lib/imports/k8s';
import type { Images } from '../../model/images';
import { fromField } from '../environment';
import { restrictedContainer } from '../pod-security';
import { resources } from '../resources';

export const kubeletPods = '/var/lib/kubelet/pods';

const socketDirectory = { name: 'socket-dir', mountPath: '/csi' };
const socket = '/csi/csi.sock';

/** CPU and memory of every container in the manifests of csi-driver-nfs 4.13.4. */
const requests = ['10m', '20Mi'] as const;

/** Sidecars talk to the driver through its socket, which belongs to root. */
const sidecarSecurity: SecurityContext = restrictedContainer;

/**
 * A container of the Kubernetes project that calls the driver.
 *
 * @param memoryLimit as in the manifests of csi-driver-nfs
 */
export function sidecar(
  container: Pick<Container, 'name' | 'image' | 'args'> & Partial<Container>,
  memoryLimit: string,
): Container {
  return {
    ...container,
    resources: resources(...requests, memoryLimit),
    securityContext: sidecarSecurity,
    volumeMounts: [socketDirectory, ...(container.volumeMounts ?? [])],
  };
}

/**
 * The driver itself.
 *
 * @param memoryLimit as in the manifests of csi-driver-nfs
 * @param args more arguments
 */
export function driver(
  images: Images,
  healthPort: number,
  memoryLimit: string,
  args: readonly string[] = [],
): Container {
  return {
    name: 'nfs',
    image: images.nfsPlugin,
    args: ['-v=2', '--nodeid=$(NODE_ID)', '--endpoint=$(CSI_ENDPOINT)', ...args],
    env: [fromField('NODE_ID', 'spec.nodeName'), { name: 'CSI_ENDPOINT', value: `unix://${socket}` }],
    livenessProbe: {
      httpGet: { host: 'localhost', path: '/healthz', port: IntOrString.fromNumber(healthPort) },
      initialDelaySeconds: 30,
      periodSeconds: 30,
      timeoutSeconds: 10,
      failureThreshold: 5,
    },
    resources: resources(...requests, memoryLimit),
    // Its mounts have to be visible on the host.
    securityContext: { privileged: true },
    volumeMounts: [
      socketDirectory,
      { name: 'pods-mount-dir', mountPath: kubeletPods, mountPropagation: 'Bidirectional' },
    ],
  };
}

/** Answers the driver's liveness probe. */
export function livenessProbe(images: Images, healthPort: number): Container {
  return sidecar(
    {
      name: 'liveness-probe',
      image: images.csiLivenessProbe,
      args: [
        `--csi-address=${socket}`,
        '--probe-timeout=3s',
        `--http-endpoint=localhost:${healthPort}`,
        '--v=2',
      ],
    },
    '100Mi',
  );
}

/** Arguments of every sidecar of the controller. */
export const electedArgs = [
  '--v=2',
  `--csi-address=${socket}`,
  '--leader-election',
  '--leader-election-namespace=$(POD_NAMESPACE)',
];
