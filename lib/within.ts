import { setTimeout as sleep } from 'node:timers/promises';

/**
 * What some work comes to; it is not ended when it takes longer.
 *
 * @throws an error with the message when so many milliseconds have passed, or the work's own
 */
export async function within<T>(ms: number, work: Promise<T>, message: string): Promise<T> {
  const deadline = new AbortController();
  const expired = sleep(ms, undefined, { signal: deadline.signal }).then(() => {
    throw new Error(message);
  });
  try {
    return await Promise.race([work, expired]);
  } finally {
    deadline.abort();
  }
}
