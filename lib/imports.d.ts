/* What bundles, Vitest and tsx make of imports that are not JavaScript: see esbuild.config.cjs, vitest.config.ts, dev/luaText.mjs. */

/** The page that is built from the folder dashboard/. Only in bundles. */
declare module 'dashboard:page' {
  /** With its styles and scripts inside. */
  export const html: string;
  /** The header of that name. By their hashes, it allows only the styles and scripts of the page. */
  export const contentSecurityPolicy: string;
}

/** The text of the file. */
declare module '*.lua' {
  const text: string;
  export default text;
}
