import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The commands that an order costs at the least, with nobody to decide anything, and how often each. */
const COMMANDS: readonly (readonly [times: number, ...command: string[]])[] = [
  [2, 'HSETNX', 'ledger:__rand_int__', '__rand_int__', '1'],
  [2, 'HINCRBY', 'user:__rand_int__', 'order_count', '1'],
  [2, 'HINCRBYFLOAT', 'user:__rand_int__', 'total_spend', '99.99'],
  [1, 'ZINCRBY', 'top-users', '99.99', '__rand_int__'],
];
const REQUESTS = 200_000;
const PIPELINED = 100;
const KEYS = 10_000;

/** Orders a second that the Redis at `port` could count if its commands were all; undefined without redis-benchmark. */
export async function measureLimit(port: number): Promise<number | undefined> {
  let seconds = 0;
  try {
    for (const [times, ...command] of COMMANDS) seconds += times / (await commandsPerSecond(port, command));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
  return 1 / seconds;
}

async function commandsPerSecond(port: number, command: readonly string[]): Promise<number> {
  const settings = ['-p', `${port}`, '-n', `${REQUESTS}`, '-P', `${PIPELINED}`, '-r', `${KEYS}`, '-q', '--csv'];
  const { stdout } = await run('redis-benchmark', [...settings, ...command]);
  const rate = Number(/,"([\d.]+)"/.exec(stdout.split('\n').at(-2) ?? '')?.[1]);
  if (!(rate > 0)) throw new Error(`redis-benchmark said ${stdout}`);
  return rate;
}
