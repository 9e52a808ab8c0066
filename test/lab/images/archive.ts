import { createHash } from 'node:crypto';
import { createReadStream, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { ownArchitecture } from '../architecture';
import { command } from '../command';

/** How an image runs, by the names of the image format. */
export interface ImageConfig {
  readonly Env: readonly string[];
  readonly Entrypoint?: readonly string[];
  readonly Cmd?: readonly string[];
  readonly ExposedPorts?: object;
  readonly Volumes?: object;
  readonly StopSignal?: string;
}

/** Packs `parts`/layer.tar as an image of one layer, in the format of `docker save`. */
export async function dockerArchive(
  parts: string,
  path: string,
  name: string,
  config: ImageConfig,
  arch = ownArchitecture,
): Promise<void> {
  const text = JSON.stringify({
    architecture: arch,
    os: 'linux',
    config,
    rootfs: { type: 'layers', diff_ids: [`sha256:${await sha256(join(parts, 'layer.tar'))}`] },
  });
  const configName = `${createHash('sha256').update(text).digest('hex')}.json`;
  writeFileSync(join(parts, configName), text);
  const manifest = [{ Config: configName, RepoTags: [name], Layers: ['layer.tar'] }];
  writeFileSync(join(parts, 'manifest.json'), JSON.stringify(manifest));
  await command('tar', ['-C', parts, '-cf', path, 'manifest.json', configName, 'layer.tar']);
}

async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}
