import { createRequire } from 'node:module';
import { Script } from 'node:vm';
import { build, type Plugin } from 'esbuild';

/** Names of the variables that code in the simulation sees in place of those of Node.js. */
const VARIABLES = [
  'exports',
  'require',
  'module',
  'process',
  'console',
  'Date',
  'Math',
  'performance',
  'setTimeout',
  'clearTimeout',
  'setImmediate',
] as const;

/** A module with all that it imports, to be evaluated as often as wanted. */
export type Bundle = {
  /** Evaluates it afresh. @returns what it exports */
  evaluate(variables: Readonly<Record<Exclude<(typeof VARIABLES)[number], 'exports' | 'module'>, unknown>>): unknown;
};

/** Shared by all bundles: without a state that matters, or replaced by the simulation. */
const EXTERNAL = ['ioredis', '@aws-sdk/*', '@aws-lambda-powertools/*'];

/**
 * Bundles a module for the simulation.
 *
 * @param plugins may put an error into the code
 */
export async function bundle(entry: string, plugins: Plugin[] = []): Promise<Bundle> {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    loader: { '.lua': 'text' },
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    // As require(), which the simulation answers.
    supported: { 'dynamic-import': false },
    external: entry === 'ioredis' ? [] : EXTERNAL,
    write: false,
    logLevel: 'error',
    plugins,
  });
  const code = outputFiles[0]?.text ?? '';
  const script = new Script(`(function (${VARIABLES.join(', ')}) {${code}\n})`, { filename: `simulated:${entry}` });
  const evaluated = script.runInThisContext();
  return {
    evaluate(variables) {
      const module = { exports: {} };
      evaluated(...VARIABLES.map((name) => ({ ...variables, module, exports: module.exports })[name]));
      return module.exports;
    },
  };
}

/** What Node.js finds under a name. */
export const requireHere = createRequire(import.meta.url);
