/* Imports that are not JavaScript, resolved by esbuild.config.cjs, vitest.config.ts and dev/luaText.mjs. */

/** The page built from dashboard/. Only in bundles. */
declare module 'dashboard:page' {
  /** With its styles and scripts inside. */
  export const html: string;
  /** Header value. It allows only the styles and scripts of the page, by their hashes. */
  export const contentSecurityPolicy: string;
}

/** The text of the file. */
declare module '*.lua' {
  const text: string;
  export default text;
}
