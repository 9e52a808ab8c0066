import type { Config } from '../config/config';
import { pinnedImages, repositoryOf } from '../config/pinned-images';

/** References as the manifests use them, by what they are for. */
export type Images = Readonly<Record<keyof typeof pinnedImages, string>>;

/** Applies mirror and digests to every image; the only place that does. */
export function images({ mirror, digests }: Config['images']): Images {
  const reference = (image: string) => {
    const digest = digests[repositoryOf(image)];
    const mirrored = mirror === undefined ? image : `${mirror}${image.slice(image.indexOf('/'))}`;
    return digest === undefined ? mirrored : `${mirrored}@${digest}`;
  };
  const entries = Object.entries(pinnedImages).map(([name, image]) => [name, reference(image)]);
  return Object.fromEntries(entries) as Images;
}
