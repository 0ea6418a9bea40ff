import { defineCountingScript } from '../../../lib/counting/count.ts';
import { RedisConnection } from '../../../lib/redis/connection.ts';

/** Time limits as the worker has them. */
export const LIMITS = { connectMs: 1000, commandMs: 1000 };

/** A connection as a worker has one. */
export const connectTo = ({ url }: { readonly url: string }): RedisConnection =>
  new RedisConnection(url, LIMITS, defineCountingScript);
