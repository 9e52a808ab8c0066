import type { Draft } from '../draft';
import { pinnedImages, repositoryOf } from '../pinned-images';
import { unknownName } from './metallb';
import type { Finding } from './rule';

/** A digest for an image that is in no manifest would pin nothing. */
export function* digestsAreOfImages(config: Draft): Iterable<Finding> {
  const repositories = Object.values(pinnedImages).map(repositoryOf);
  for (const name of Object.keys(config.images?.digests ?? {})) {
    if (repositories.includes(name)) continue;
    yield { ...unknownName(name, repositories, ['images', 'digests', name], 'image'), target: 'key' };
  }
}
