import { inject, onTestFinished } from 'vitest';
import { redisProcess } from '../../support/redisInfo.ts';

/**
 * Stops the Redis of the pipeline as if it hung, until the end of the test at the latest.
 *
 * @returns what has it go on
 */
export async function stopRedis(): Promise<() => void> {
  const pid = await redisProcess(inject('pipeline').redis);
  const goOn = () => {
    process.kill(pid, 'SIGCONT');
  };
  onTestFinished(goOn);
  process.kill(pid, 'SIGSTOP');
  return goOn;
}
