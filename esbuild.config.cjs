const { existsSync, readdirSync, rmSync } = require('node:fs');
const { join } = require('node:path');
const { stop } = require('esbuild');
const { buildPage } = require('./dashboard/build.cjs');

const PAGE = join(__dirname, 'dashboard');

/** Resolves `dashboard:page` to the page that is built from the folder dashboard/. */
const dashboardPage = {
  name: 'dashboard-page',
  setup(build) {
    build.onResolve({ filter: /^dashboard:page$/ }, ({ path }) => ({ path, namespace: 'dashboard' }));
    build.onLoad({ filter: /.*/, namespace: 'dashboard' }, async () => ({
      contents: JSON.stringify(await buildPage()),
      loader: 'json',
      watchFiles: readdirSync(PAGE, { recursive: true }).map((name) => join(PAGE, name)),
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

/** Each process bundles into its own folder. With one folder, it would remove the bundles of a running `npm start`. */
const WORK_FOLDERS = '.esbuild';
const WORK_FOLDER = `${WORK_FOLDERS}/${process.pid}`;

const removeFolder = (name) => rmSync(join(__dirname, WORK_FOLDERS, name), { recursive: true, force: true });
process.once('exit', () => removeFolder(`${process.pid}`));
// The process of esbuild may wait for an answer of this one for ever.
process.once('exit', () => stop());

/** Removes the folders of processes that were killed. */
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

/** Options of serverless-esbuild, which loads this file with require(): TypeScript is not possible. */
module.exports = () => ({
  ...bundling,
  // package.json says "module", so CommonJS needs this extension. `invoke local` loads no .mjs.
  outputFileExtension: '.cjs',
  outputWorkFolder: WORK_FOLDER,
  // Bundles the SDK too, in the version of the lockfile. The runtime has another one.
  exclude: [],
});
module.exports.bundling = bundling;
module.exports.WORK_FOLDER = WORK_FOLDER;
