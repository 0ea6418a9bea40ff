/** A Lua file is its text: esbuild.config.cjs, vitest.config.ts and dev/luaText.mjs see to that. */
declare module '*.lua' {
  const text: string;
  export default text;
}
