import { execFileSync } from 'node:child_process';
import { cpus } from 'node:os';
import { findRedisServer } from '../scripts/local/findRedis.ts';

/** What the figures hold for. */
export async function describeMachine(): Promise<string> {
  const redis = execFileSync(await findRedisServer(), ['--version'], { encoding: 'utf8' });
  const version = /v=([\d.]+)/.exec(redis)?.[1] ?? 'unknown';
  const date = new Date().toISOString().slice(0, 10);
  return `${cpus()[0]?.model}, ${cpus().length} cores, Node.js ${process.version}, Redis ${version}, ${date}`;
}
