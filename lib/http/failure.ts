import { errorText } from '../errorText.ts';
import { logger } from '../observability.ts';
import { CorruptKeyError, RedisUnavailableError, troubleOf } from '../redis/errors.ts';
import type { Problem } from './problem.ts';

/** Logs an error, and says of it what the caller may know. */
export function failure(error: unknown): Problem {
  logger.error(errorText(error), { error });
  if (error instanceof RedisUnavailableError) {
    const detail =
      troubleOf(error) === 'temporary'
        ? 'Try again in a few seconds.'
        : 'An operator has to change a setting; the logs say which.';
    return { problem: 'redis-unavailable', detail, headers: { 'Retry-After': '5' } };
  }
  if (error instanceof CorruptKeyError) {
    return {
      problem: 'corrupt-key',
      detail: 'An operator has to repair a stored value; the logs of this request name the key.',
    };
  }
  return { problem: 'internal-error', detail: 'The logs of this request show the reason.' };
}
