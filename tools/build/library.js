// What `require('k3s-cdk')` loads: node cannot read TypeScript and CRDs as text by itself. Packages stay outside, so that
// constructs are shared with the program that uses them.

const { buildSync } = require('esbuild');

exports.buildLibrary = function buildLibrary(root, outfile) {
  buildSync({
    absWorkingDir: root,
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
