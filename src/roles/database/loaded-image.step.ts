import type { Construct } from 'constructs';
import { RemoteStep, type RemoteStepProps } from '../../hosts/remote-step';
import { imageFolder } from '../../model/artifacts';
import type { Host, Topology } from '../../model/topology';
import { stepScripts } from '../lib/step-scripts';
import run from './database-image.sh';

export interface LoadedImageProps {
  readonly host: Host;
  readonly topology: Topology;
  /** Names the image, and the user and folder that get it. */
  readonly env: NonNullable<RemoteStepProps['env']>;
  readonly dependsOn: readonly RemoteStep[];
}

const files = stepScripts({ 'run.sh': run });

/** In an air gap, the step that loads an image from the artifacts; otherwise none, because hosts pull it. */
export function loadedImage(scope: Construct, name: string, props: LoadedImageProps): RemoteStep[] {
  const { host, topology, env, dependsOn } = props;
  const upload = imageFolder(topology);
  if (!upload) return [];
  return [
    new RemoteStep(scope, name, {
      host,
      provisioner: topology.provisioner,
      files,
      env,
      upload,
      dependsOn,
    }),
  ];
}
