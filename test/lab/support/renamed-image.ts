import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { command } from '../command';

/**
 * An image archive made of another one: the same file system under another name, which its processes find as `IMAGE_NAME`.
 *
 * @param folder gets the archive
 */
export async function renamedImage(archive: string, name: string, folder: string): Promise<string> {
  const parts = join(folder, 'renamed-image');
  mkdirSync(parts);
  try {
    await command('tar', ['-C', parts, '-xf', archive]);
    const manifest = readJson(join(parts, 'manifest.json')) as Image[];
    for (const image of manifest) {
      const file = join(parts, image.Config);
      const config = readJson(file) as { config: { Env: string[] } };
      config.config.Env.push(`IMAGE_NAME=${name}`);
      writeFileSync(file, JSON.stringify(config));
      image.RepoTags = [name];
    }
    writeFileSync(join(parts, 'manifest.json'), JSON.stringify(manifest));
    const made = join(folder, `renamed-${basename(archive)}`);
    const files = manifest.flatMap(({ Config, Layers }) => [Config, ...Layers]);
    await command('tar', ['-C', parts, '-cf', made, 'manifest.json', ...files]);
    return made;
  } finally {
    rmSync(parts, { recursive: true, force: true });
  }
}

/** Of manifest.json, as far as it is of interest here. */
interface Image {
  readonly Config: string;
  readonly Layers: readonly string[];
  RepoTags: string[];
}

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(path, 'utf8'));
}
