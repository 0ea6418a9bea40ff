const { existsSync, readdirSync, rmSync } = require('node:fs');
const { join } = require('node:path');
const { buildPage } = require('./dashboard/build.cjs');

/** Makes `import … from 'dashboard:page'` the page that is built from the folder dashboard/. */
const dashboardPage = {
  name: 'dashboard-page',
  setup(build) {
    build.onResolve({ filter: /^dashboard:page$/ }, ({ path }) => ({ path, namespace: 'dashboard' }));
    build.onLoad({ filter: /.*/, namespace: 'dashboard' }, async () => ({
      contents: JSON.stringify(await buildPage()),
      loader: 'json',
    }));
  },
};

/** How esbuild bundles a function. */
const bundling = {
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  minify: true,
  sourcemap: 'linked',
  loader: { '.lua': 'text' },
  plugins: [dashboardPage],
};

/** Holds a folder of bundles for each process: one would otherwise remove those of an `npm start` that runs. */
const WORK_FOLDERS = '.esbuild';
const WORK_FOLDER = `${WORK_FOLDERS}/${process.pid}`;

const removeFolder = (name) => rmSync(join(__dirname, WORK_FOLDERS, name), { recursive: true, force: true });
process.once('exit', () => removeFolder(`${process.pid}`));

/** Removes what processes left behind that were killed. */
function removeOldFolders() {
  const folders = join(__dirname, WORK_FOLDERS);
  if (!existsSync(folders)) return;
  for (const name of readdirSync(folders)) {
    try {
      process.kill(Number(name), 0);
    } catch ({ code }) {
      if (code === 'ESRCH') removeFolder(name);
    }
  }
}
removeOldFolders();

/** Options of serverless-esbuild. In JavaScript, as it loads this file with require(). */
module.exports = () => ({
  ...bundling,
  // CommonJS under its own name, as package.json says "module": `invoke local` loads no .mjs.
  outputFileExtension: '.cjs',
  outputWorkFolder: WORK_FOLDER,
  // What it keeps for rebuilding, which is no faster, can have esbuild print a stack when this process ends.
  skipRebuild: true,
  // Nothing is left to what the runtime happens to bring: the SDK is bundled in the version of the lockfile.
  exclude: [],
  watch: {
    pattern: ['functions/**/*.ts', 'lib/**/*.ts', 'dashboard/**/*', 'openapi.json'],
    ignore: ['**/*.test.ts'],
  },
});
module.exports.bundling = bundling;
