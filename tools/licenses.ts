import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundle } from './build/bundle.js';
import { packageFolders } from './build/notices.js';

interface Package {
  readonly name: string;
  readonly version: string;
  readonly license: string;
}

interface LockedPackage {
  readonly version: string;
  readonly license: string;
  readonly dev?: boolean;
}

/** The page about licenses, from package-lock.json and what the program is bundled with. */
export async function licenses(root: string): Promise<string> {
  const { inputs } = await bundle(root);
  const contained = packageFolders(inputs).map((folder): Package => {
    const { name, version, license } = readJson(root, folder, 'package.json') as Package;
    return { name, version, license };
  });
  const { packages } = readJson(root, 'package-lock.json') as { packages: Record<string, LockedPackage> };
  const locked = Object.entries(packages).filter(([path]) => path !== '');
  const installed = locked
    .filter(([, { dev }]) => !dev)
    .map(([path, { version, license }]): Package => ({ name: nameOf(path), version, license }));
  return `# Licenses of dependencies

<!-- Written by \`npm run generate\`. -->

k3s-cdk is under the [Apache License 2.0](../../LICENSE).

## Installed with the package

${table(installed)}

## Contained in the program

The program is one file with these in it. \`lib/main.licenses.txt\` of the package has the texts of their licenses.

${table(contained)}

Packages that are only for development are in package-lock.json, each with its license.
`;
}

const readJson = (...path: string[]): unknown => JSON.parse(readFileSync(join(...path), 'utf8'));

const nameOf = (path: string) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);

function table(packages: readonly Package[]): string {
  const rows = packages.map(({ name, version, license }) => `| \`${name}\` | ${version} | ${license} |`);
  return ['| package | version | license |', '| --- | --- | --- |', ...new Set(rows.sort())].join('\n');
}
