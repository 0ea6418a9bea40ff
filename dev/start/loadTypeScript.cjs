const { join } = require('node:path');
const { build } = require('esbuild');
const { WORK_FOLDER } = require('../../esbuild.config.cjs');

/**
 * Bundles and loads a file of this folder; what it imports dynamically is loaded only then. The hooks of tsx would take a
 * second.
 */
async function loadTypeScript(name) {
  const outdir = join(__dirname, '../..', WORK_FOLDER);
  await build({
    entryPoints: [join(__dirname, `${name}.ts`)],
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    packages: 'external',
    loader: { '.lua': 'text' },
    platform: 'node',
    format: 'esm',
  });
  return import(join(outdir, `${name}.mjs`));
}

module.exports = { loadTypeScript };
