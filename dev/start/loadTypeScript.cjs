const { join } = require('node:path');
const { build } = require('esbuild');
const { WORK_FOLDER } = require('../../esbuild.config.cjs');

/** Bundles and loads a file of this folder. The hooks of tsx would take a second. */
async function loadTypeScript(name) {
  const outfile = join(__dirname, '../..', WORK_FOLDER, `${name}.mjs`);
  await build({
    entryPoints: [join(__dirname, `${name}.ts`)],
    outfile,
    bundle: true,
    packages: 'external',
    loader: { '.lua': 'text' },
    platform: 'node',
    format: 'esm',
  });
  return import(outfile);
}

module.exports = { loadTypeScript };
