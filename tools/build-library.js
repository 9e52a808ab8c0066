// Makes lib/index.js, what `require('k3s-cdk')` loads, before the package is packed: node cannot read TypeScript and
// CRDs as text by itself. Types come from the sources. Packages stay outside, so that constructs are shared.

const path = require('node:path');
const { buildSync } = require('esbuild');

exports.buildLibrary = function buildLibrary(outfile) {
  buildSync({
    absWorkingDir: path.dirname(__dirname),
    entryPoints: ['src/index.ts'],
    outfile,
    bundle: true,
    packages: 'external',
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    loader: { '.yaml': 'text', '.txt': 'text' },
    logLevel: 'warning',
  });
};

if (require.main === module) exports.buildLibrary('lib/index.js');
