import type { BuildOptions } from 'esbuild';

/** How esbuild bundles a function. */
export const bundling: BuildOptions;
