import { deploy, remove, succeeds } from './commands.ts';
import { queueExists } from './queues.ts';
import { flushRedis } from './redis.ts';

/* Stage local, deployed once for all files that test it: a deployment takes longer than most of them. */

export async function setup(): Promise<void> {
  await succeeds(deploy('local'));
}

/** Sets the exit code itself: of an error in here vitest would print the message and end as if all was well. */
export async function teardown(): Promise<void> {
  try {
    await succeeds(remove('local'));
    await flushRedis();
    if (await queueExists()) throw new Error('The stack is removed, but its queue is still there');
  } catch (error) {
    process.exitCode = 1;
    throw error;
  }
}
