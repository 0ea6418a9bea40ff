import { errorText, innermost } from '../../lib/errorText.ts';
import { refusalOf, troubleOf } from '../../lib/redis/errors.ts';
import { redisHosts } from '../../lib/redis/url.ts';

/** What went wrong with the Redis that a command uses: one sentence without a stop, which shows only its host. */
export function redisProblem(url: string, error: unknown): string {
  const hosts = redisHosts(url);
  const text = errorText(innermost(error));
  switch (troubleOf(error)) {
    case 'refused':
      return `Redis at ${hosts}: ${refusalOf(error)}`;
    case 'corrupt':
      return `Redis at ${hosts}: ${text}; see "Repair" in docs/operations.md`;
    case 'temporary':
      return `No Redis answers at ${hosts} (${text}): name it with --redis`;
  }
}
