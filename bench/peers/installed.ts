import { existsSync } from 'node:fs';

/** Whether Powertools can take part. Prints what to do where its packages are not installed. */
export function isPowertoolsInstalled(): boolean {
  if (existsSync(new URL('node_modules', import.meta.url))) return true;
  console.error('Powertools is left out. To have it take part: npm ci --prefix bench/peers');
  return false;
}
