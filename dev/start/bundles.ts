import { join } from 'node:path';
import { type BuildOptions, context } from 'esbuild';

/** How functions are bundled, and where to. */
export type Code = { readonly bundling: BuildOptions; readonly folder: string };

/** Functions as files that a thread loads. They are bundled again whenever their code changes. */
export type Bundles = {
  /** Settles when they are there for the first time; rejects if the code has errors. */
  readonly ready: Promise<void>;
  fileOf(source: string): string;
  /** Calls the listener after every later time. */
  onChange(listener: () => void): void;
  stop(): Promise<void>;
};

/** Common code goes into files of its own, which takes a third of the time. Only ESM can do that. */
const SHARED = {
  format: 'esm',
  splitting: true,
  outExtension: { '.js': '.mjs' },
  // For packages that are CommonJS.
  banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  // Takes as long as all the rest.
  external: ['@aws-sdk/*'],
} satisfies BuildOptions;

/** @param sources paths of the functions, without `.ts` */
export function bundleFunctions(sources: readonly string[], { bundling, folder }: Code): Bundles {
  let changed = () => {};
  let isFirst = true;
  let isStopping = false;
  let settle: (error?: Error) => void = () => {};
  const ready = new Promise<void>((resolve, reject) => {
    settle = (error) => (error ? reject(error) : resolve());
  });
  const watching = context({
    ...bundling,
    ...SHARED,
    entryPoints: sources.map((source) => `${source}.ts`),
    outdir: folder,
    outbase: '.',
    plugins: [
      ...(bundling.plugins ?? []),
      {
        name: 'tell',
        setup(build) {
          build.onEnd(({ errors }) => {
            if (isFirst) settle(errors.length > 0 ? new Error('The functions have errors.') : undefined);
            else if (errors.length === 0 && !isStopping) changed();
            isFirst = false;
          });
        },
      },
    ],
  });
  watching.then((build) => build.watch()).catch(settle);
  // Whoever invokes a function gets the error.
  ready.catch(() => {});
  return {
    ready,
    fileOf: (source) => join(folder, `${source}.mjs`),
    onChange(listener) {
      changed = listener;
    },
    async stop() {
      isStopping = true;
      await watching.then((build) => build.dispose()).catch(() => {});
    },
  };
}
