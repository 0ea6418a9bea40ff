import { register } from 'node:module';

/* For tsx: importing a Lua file yields its text, as esbuild does for bundles and Vitest for tests. */

const hooks = `
import { readFile } from 'node:fs/promises';

export async function load(url, context, nextLoad) {
  if (!new URL(url).pathname.endsWith('.lua')) return nextLoad(url, context);
  const text = await readFile(new URL(url), 'utf8');
  return { format: 'module', source: 'export default ' + JSON.stringify(text), shortCircuit: true };
}
`;

register(`data:text/javascript,${encodeURIComponent(hooks)}`);
