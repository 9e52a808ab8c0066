// Makes imports/ from the CRDs in src/cluster/metallb/crds: `npm run import` after every change of them.
// cdk8s-cli is 93 MB and serves nothing else here, so npx fetches it.

const { execFileSync } = require('node:child_process');
const { createHash } = require('node:crypto');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const cdk8sCli = 'cdk8s-cli@2.207.60';
const root = path.dirname(__dirname);
const crds = path.join(root, 'src', 'cluster', 'metallb', 'crds');
const target = path.join(root, 'imports', 'metallb.io.ts');

const text = fs
  .readdirSync(crds)
  .sort()
  .map((name) => fs.readFileSync(path.join(crds, name), 'utf8'))
  .join('---\n');

const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'import-'));
try {
  fs.writeFileSync(path.join(scratch, 'crds.yaml'), text);
  execFileSync(
    'npx',
    [
      '--yes',
      cdk8sCli,
      'import',
      'crds.yaml',
      '-l',
      'typescript',
      '-o',
      'out',
      '--no-save',
      '--check-upgrade=false',
    ],
    { cwd: scratch, stdio: ['ignore', 'ignore', 'inherit'] },
  );
  const generated = fs.readFileSync(path.join(scratch, 'out', 'metallb.io.ts'), 'utf8');
  const hash = createHash('sha256').update(text).digest('hex');
  fs.mkdirSync(path.dirname(target), { recursive: true });
  fs.writeFileSync(target, `// Made from CRDs with sha256 ${hash}\n${generated}`);
} finally {
  fs.rmSync(scratch, { recursive: true, force: true });
}
