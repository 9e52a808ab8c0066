import { Construct } from 'constructs';
import { RemoteStep } from '../../hosts/remote-step';
import { releaseFolder, releasePage } from '../../model/artifacts';
import { proxyEnv } from '../../model/proxy-env';
import type { Host, Topology } from '../../model/topology';
import { stepScripts } from '../lib/step-scripts';
import run from './k3s-binary.sh';

export interface K3sBinaryProps {
  readonly host: Host;
  readonly topology: Topology;
  /** The machine is prepared. */
  readonly dependsOn: readonly RemoteStep[];
}

const files = stepScripts({ 'run.sh': run });

/**
 * The k3s release on one host, without starting it: the slow part of an installation or upgrade, done on all hosts at
 * once. Artifacts are uploaded by architecture and only when the checksum file of their release changes.
 */
export class K3sBinary extends Construct {
  readonly step: RemoteStep;

  constructor(scope: Construct, id: string, props: K3sBinaryProps) {
    super(scope, id);
    const { host, topology, dependsOn } = props;
    const { version, sha256 } = topology.k3s;
    const release = releaseFolder(host, topology);
    this.step = new RemoteStep(this, 'k3s-binary', {
      host,
      provisioner: topology.provisioner,
      files,
      env: {
        VERSION: version,
        RELEASE: releasePage(version),
        ...(sha256 && { SHA256_AMD64: sha256.amd64 ?? '', SHA256_ARM64: sha256.arm64 ?? '' }),
        ...proxyEnv(topology.proxy),
        ...(release && { ARCH: release.arch }),
      },
      ...(release && { upload: release }),
      triggers: { version },
      dependsOn,
    });
  }
}
