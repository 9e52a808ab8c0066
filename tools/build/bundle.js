// One CommonJS text of src/main.ts and all it needs: loading modules one by one is most of what a synth costs.

const fs = require('node:fs');
const path = require('node:path');
const { scriptModule } = require('./script-module.js');

/**
 * esbuild copies the names of a CommonJS module anew for every file that imports it; those of Kubernetes' types alone
 * are thousands, in dozens of files. One copy serves all.
 */
function onceEach(bundle) {
  const once =
    'var __copies=new Map,__copy=__toESM;__toESM=(module,mode)=>{' +
    'var key=mode?"node":"",known=__copies.get(module)||{};__copies.set(module,known);' +
    'return known[key]||(known[key]=__copy(module,mode))};';
  const start = bundle.indexOf('var require_');
  if (start < 0 || !bundle.slice(0, start).includes('__toESM=('))
    throw new Error('esbuild names its helpers otherwise');
  return bundle.slice(0, start) + once + bundle.slice(start);
}

/** Half a megabyte each that hardly any start needs: certificates of `init`, and patterns of interfaces. */
const lazyPackages = ['@peculiar/x509', 'reflect-metadata', 're2js'];
exports.lazyPackages = lazyPackages;

/**
 * The bundle, its source map, and the files it was made from.
 *
 * @param instead of packages, others: by name, the folder of one
 */
exports.bundle = async function bundle(root, instead = {}) {
  const load = ({ path: file }) => ({ contents: scriptModule(fs.readFileSync(file, 'utf8'), file, root) });
  const { outputFiles, metafile } = await require('esbuild').build({
    absWorkingDir: root,
    entryPoints: ['src/main.ts'],
    bundle: true,
    write: false,
    outfile: 'main.js',
    // For who finds the line of a source (from-sources.js); the bundle does not name it.
    sourcemap: 'external',
    sourcesContent: false,
    metafile: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    charset: 'ascii',
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: 'none',
    logLevel: 'silent',
    loader: { '.py': 'text', '.yaml': 'text', '.txt': 'text' },
    plugins: [{ name: 'scripts', setup: (build) => build.onLoad({ filter: /\.sh$/ }, load) }],
    external: lazyPackages,
    // cdktf loads it for archives of assets, which are not used here: it is a sixth of the bundle.
    alias: { archiver: path.join(__dirname, 'no-archiver.js'), ...instead },
  });
  const [map, text] = ['main.js.map', 'main.js'].map((name) =>
    outputFiles.find((file) => path.basename(file.path) === name),
  );
  return { text: onceEach(text.text), map: map.text, inputs: Object.keys(metafile.inputs) };
};
