import { type Container, IntOrString, KubeConfigMap, type PodSpec } from 'cdk8s-plus-28/lib/imports/k8s';
import { Construct } from 'constructs';
import type { Images } from '../../model/images';
import { resources } from '../resources';
import { namespace } from './metallb';

const startupConfigMap = 'frr-startup';
const metricsPort = 9121;

/** uid and gid of FRR in its image: it rejects configuration files that it does not own. */
const frrUser = { runAsUser: 100, runAsGroup: 101 };

const locked = { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true };

const sockets = { name: 'frr-sockets', mountPath: '/var/run/frr' };
const configuration = { name: 'frr-conf', mountPath: '/etc/frr' };
const reloader = { name: 'reloader', mountPath: '/etc/frr_reloader' };
const metrics = { name: 'metrics', mountPath: '/etc/frr_metrics' };

/** FRR beside the speaker, in its pod: the speaker writes FRR's configuration and FRR speaks BGP and BFD. */
export class Frr extends Construct {
  constructor(
    scope: Construct,
    id: string,
    private readonly images: Images,
  ) {
    super(scope, id);
    new KubeConfigMap(this, 'startup', {
      metadata: { name: startupConfigMap, namespace },
      data: { daemons, 'vtysh.conf': 'service integrated-vtysh-config\n', 'frr.conf': initialConfiguration },
    });
  }

  /** The speaker's pod with FRR in it. */
  join(pod: PodSpec): PodSpec {
    const [speaker, ...others] = pod.containers;
    if (!speaker) throw new Error('the pod of the speaker has no container');
    return {
      ...pod,
      // The reloader signals FRR's processes.
      shareProcessNamespace: true,
      initContainers: this.initContainers(),
      containers: [
        {
          ...speaker,
          env: [
            ...(speaker.env ?? []),
            { name: 'FRR_CONFIG_FILE', value: `${reloader.mountPath}/frr.conf` },
            { name: 'FRR_RELOADER_PID_FILE', value: `${reloader.mountPath}/reloader.pid` },
          ],
          volumeMounts: [...(speaker.volumeMounts ?? []), reloader],
        },
        ...others,
        this.frr(),
        this.reloader(),
        this.metrics(),
      ],
      volumes: [
        ...(pod.volumes ?? []),
        { name: startupConfigMap, configMap: { name: startupConfigMap } },
        ...[sockets, configuration, reloader, metrics, tmp, library, log].map(({ name }) => ({
          name,
          emptyDir: {},
        })),
      ],
    };
  }

  private initContainers(): Container[] {
    const copy = (name: string, file: string, mount: typeof reloader): Container => ({
      name,
      image: this.images.metallbSpeaker,
      command: ['/cp-tool', `/${file}`, `${mount.mountPath}/${file}`],
      securityContext: locked,
      volumeMounts: [mount],
    });
    return [
      {
        name: 'cp-frr-files',
        image: this.images.frr,
        command: ['/bin/sh', '-c', 'cp -rLf /tmp/frr/* /etc/frr/'],
        securityContext: { ...locked, ...frrUser },
        volumeMounts: [{ name: startupConfigMap, mountPath: '/tmp/frr' }, configuration],
      },
      copy('cp-reloader', 'frr-reloader.sh', reloader),
      copy('cp-metrics', 'frr-metrics', metrics),
    ];
  }

  private frr(): Container {
    const alive = {
      httpGet: { path: '/livez', port: IntOrString.fromNumber(metricsPort), scheme: 'HTTPS' },
      periodSeconds: 5,
    };
    return {
      name: 'frr',
      image: this.images.frr,
      command: ['/bin/sh', '-c', '/sbin/tini -- /usr/lib/frr/docker-start'],
      env: [{ name: 'TINI_SUBREAPER', value: 'true' }],
      livenessProbe: { ...alive, failureThreshold: 3 },
      startupProbe: { ...alive, failureThreshold: 30 },
      resources: resources('20m', '96Mi'),
      securityContext: {
        ...locked,
        capabilities: { add: ['NET_ADMIN', 'NET_RAW', 'SYS_ADMIN', 'NET_BIND_SERVICE'] },
      },
      volumeMounts: [sockets, configuration, tmp, library],
    };
  }

  private reloader(): Container {
    return {
      name: 'reloader',
      image: this.images.frr,
      command: [`${reloader.mountPath}/frr-reloader.sh`],
      resources: resources('5m', '16Mi'),
      securityContext: locked,
      volumeMounts: [sockets, configuration, reloader, log],
    };
  }

  private metrics(): Container {
    return {
      name: 'frr-metrics',
      image: this.images.frr,
      command: [`${metrics.mountPath}/frr-metrics`],
      args: [`--metrics-port=${metricsPort}`, '--metrics-bind-address=0.0.0.0'],
      env: [{ name: 'VTYSH_HISTFILE', value: '/dev/null' }],
      ports: [{ name: 'frrmetricshttps', containerPort: metricsPort }],
      resources: resources('5m', '32Mi'),
      securityContext: locked,
      volumeMounts: [sockets, configuration, metrics],
    };
  }
}

const tmp = { name: 'frr-tmp', mountPath: '/var/tmp/frr' };
const library = { name: 'frr-lib', mountPath: '/var/lib/frr' };
const log = { name: 'frr-log', mountPath: '/var/log/frr' };

/** Which of FRR's daemons run, and how: all but BGP and BFD are off, and none listens beyond the host. */
const daemons = `bgpd=yes
bfdd=yes
${[
  'ospfd',
  'ospf6d',
  'ripd',
  'ripngd',
  'isisd',
  'pimd',
  'ldpd',
  'nhrpd',
  'eigrpd',
  'babeld',
  'sharpd',
  'pbrd',
  'fabricd',
  'vrrpd',
]
  .map((daemon) => `${daemon}=no\n`)
  .join('')}vtysh_enable=yes
zebra_options="-A 127.0.0.1 -s 90000000 --limit-fds 100000"
bgpd_options="-A 127.0.0.1 -p 0 --limit-fds 100000"
bfdd_options="-A 127.0.0.1 --limit-fds 100000"
staticd_options="-A 127.0.0.1 --limit-fds 100000"
`;

/** Used until the speaker writes the first real one. */
const initialConfiguration = `frr version 8.0
frr defaults traditional
hostname Router
line vty
log stdout informational
`;
