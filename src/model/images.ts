import type { Config } from '../config/config';
import { pinnedDigests, pinnedImages, repositoryOf } from '../config/pinned-images';

/** References as the manifests use them, by purpose. */
export type Images = Readonly<Record<keyof typeof pinnedImages, string>>;

/**
 * Applies mirror and digests to every image; the only place that does. The digests of this tool are those of
 * the projects' registries: archives have none, and those of a mirror may differ.
 */
export function images({ images: { mirror, digests }, k3s }: Config): Images {
  const fromProjects = mirror === undefined && k3s.artifacts === undefined;
  const reference = (image: string) => {
    const digest = digests[repositoryOf(image)] ?? (fromProjects ? pinnedDigests[image] : undefined);
    const mirrored = mirror === undefined ? image : `${mirror}${image.slice(image.indexOf('/'))}`;
    return digest === undefined ? mirrored : `${mirrored}@${digest}`;
  };
  const entries = Object.entries(pinnedImages).map(([name, image]) => [name, reference(image)]);
  return Object.fromEntries(entries) as Images;
}
