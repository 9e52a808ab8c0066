// Only loaded when there is no bundle of the present sources.

const path = require('node:path');

/** Bundles src/main.ts and all it needs into one CommonJS text. */
exports.bundle = function bundle(root) {
  const { outputFiles } = require('esbuild').buildSync({
    absWorkingDir: root,
    entryPoints: ['src/main.ts'],
    bundle: true,
    write: false,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    charset: 'ascii',
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: 'none',
    logLevel: 'silent',
    loader: { '.sh': 'text', '.yaml': 'text' },
    // Only `init` needs them, and only to make a certificate: half a megabyte that every other start would read.
    external: ['@peculiar/x509', 'reflect-metadata'],
    // cdktf loads it for archives of assets, which are not used here: it is a sixth of the bundle.
    alias: { archiver: path.join(root, 'bin', 'no-archiver.js') },
  });
  return outputFiles[0].text;
};
