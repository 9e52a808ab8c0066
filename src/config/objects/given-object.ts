import type { Place } from '../place';
import type { Manifest } from './manifest';

/** A Kubernetes object from the user, in `manifests` of cluster.yaml or in a file that it refers to. */
export interface GivenObject {
  readonly manifest: Manifest;
  readonly place: Place;
}
