import type { Construct } from 'constructs';
import { RemoteStep, type RemoteStepProps } from '../../hosts/remote-step';
import { imageFolder } from '../../model/artifacts';
import type { Host, Topology } from '../../model/topology';
import type { stepScripts } from '../lib/step-scripts';
import run from './database-image.sh';

export interface LoadedImageProps {
  readonly host: Host;
  readonly topology: Topology;
  /** Libraries of `database-image.sh`. */
  readonly scripts: Readonly<Record<string, string>> & typeof stepScripts;
  /** Names the image, and the user and folder that get it. */
  readonly env: NonNullable<RemoteStepProps['env']>;
  readonly dependsOn: readonly RemoteStep[];
}

/** In an air gap, the step that loads an image from the artifacts; otherwise none, because hosts download it. */
export function loadedImage(scope: Construct, name: string, props: LoadedImageProps): RemoteStep[] {
  const { host, topology, scripts, env, dependsOn } = props;
  const upload = imageFolder(topology);
  if (!upload) return [];
  return [
    new RemoteStep(scope, name, {
      host,
      provisioner: topology.provisioner,
      files: { ...scripts, 'run.sh': run },
      env,
      upload,
      dependsOn,
    }),
  ];
}
