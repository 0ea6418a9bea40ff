import type { Redis } from 'ioredis';
import { orderBody } from '../../tests/support/orderMessage.ts';
import type { Consumer } from './runUnderFaults.ts';

const orders = {
  body: (id: string) => orderBody({ order_id: id, user_id: `user-of-${id}` }),
  counted: async (redis: Redis, id: string) => Number(await redis.hget(`user:user-of-${id}`, 'order_count')),
};

/** No SQS answers, so failed messages come back after the visibility timeout of the queue. */
const OURS = {
  QUEUE_URL: 'http://127.0.0.1:1/000000000000/orders-queue',
  ARCHIVE_BUCKET: 'none',
  AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
  POWERTOOLS_LOG_LEVEL: 'SILENT',
  POWERTOOLS_METRICS_DISABLED: 'true',
};

/** The consumers that are compared. Each order has its own user, whose total shows how often it was counted. */
export const CONSUMERS = {
  ours: {
    ...orders,
    handler: 'functions/processOrders.ts',
    environment: (redisUrl) => ({ REDIS_URL: redisUrl, ...OURS }),
  },
  'one pipeline per batch': {
    ...orders,
    handler: 'bench/peers/plain.ts',
    environment: (redisUrl) => ({ REDIS_URL: redisUrl }),
  },
} as const satisfies Record<string, Consumer>;

/** One more, whose packages are installed separately. */
export const POWERTOOLS = {
  'Powertools batch and idempotency': { ...CONSUMERS['one pipeline per batch'], handler: 'bench/peers/powertools.ts' },
} as const satisfies Record<string, Consumer>;
