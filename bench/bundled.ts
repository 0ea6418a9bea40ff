import Module, { createRequire } from 'node:module';
import { compileFunction } from 'node:vm';
import { type BuildOptions, build } from 'esbuild';
import { bundling } from '../esbuild.config.cjs';

const require = createRequire(import.meta.url);
const options: BuildOptions = {
  ...bundling,
  sourcemap: false,
  write: false,
  logLevel: 'error',
  absWorkingDir: `${import.meta.dirname}/..`,
};
const bundles = new Map<string, Promise<string>>();

/**
 * Evaluates a module again, bundled like deployed functions. The output of tsx is slower, because it keeps function names.
 *
 * @param file path from the root of the repository
 * @returns its exports
 */
export async function loadBundled(file: string) {
  let bundle = bundles.get(file);
  if (!bundle) {
    bundle = build({ ...options, entryPoints: [file] }).then(({ outputFiles = [] }) => outputFiles[0]?.text ?? '');
    bundles.set(file, bundle);
  }
  const module = new Module(file);
  compileFunction(await bundle, ['module', 'exports', 'require'], { filename: file })(module, module.exports, require);
  return module.exports;
}
