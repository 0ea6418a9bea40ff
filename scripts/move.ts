import { errorText } from '../lib/errorText.ts';
import { RedisConnection } from '../lib/redis/connection.ts';
import { redisName } from '../lib/redis/url.ts';
import { defineTopUsersScript } from '../lib/stats/topUsers.ts';
import { describeMoved, move } from './move/move.ts';
import { type Options, readOptions } from './move/options.ts';
import { Refusal } from './move/target.ts';
import { stepLines } from './shared/progress.ts';

/** Longest wait for Redis, in milliseconds: nobody else waits for the answer. */
const REDIS_LIMITS = { connectMs: 3000, commandMs: 30_000 };

try {
  process.exitCode = (await run(readOptions(process.argv.slice(2)))) ? 0 : 1;
} catch (error) {
  const again = error instanceof Refusal ? '' : '. The move is not complete: repeat it by the same command';
  console.error(`${errorText(error)}${again}`);
  process.exitCode = 1;
}

/** @returns whether both hold the same */
async function run({ from, to }: Options): Promise<boolean> {
  const source = await connect(from);
  const target = await connect(to).catch((error) => {
    source.disconnect();
    throw error;
  });
  try {
    console.error(`Moving from Redis ${redisName(from)} to Redis ${redisName(to)}`);
    const moved = await move(source, target, redisName(from), stepLines(process.stderr));
    console.log(describeMoved(moved));
    return moved.kind === 'compared' && moved.parts.every(({ isEqual }) => isEqual);
  } finally {
    source.disconnect();
    target.disconnect();
  }
}

async function connect(url: string) {
  try {
    return await new RedisConnection(url, REDIS_LIMITS, defineTopUsersScript).open();
  } catch (error) {
    const { cause = error } = error instanceof Error ? error : {};
    throw new Refusal(`Redis at ${redisName(url)}: ${errorText(cause)}`, { cause: error });
  }
}
