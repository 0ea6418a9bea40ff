import type { Redis } from 'ioredis';
import { orderBody } from '../support/orderMessage.ts';
import type { Consumer, SentOrder } from './holdAgainstFaults.ts';

const orders = {
  body: ({ id }: SentOrder) => orderBody({ order_id: id, user_id: `user-of-${id}` }),
  counted: async (redis: Redis, { id }: SentOrder) => Number(await redis.hget(`user:user-of-${id}`, 'order_count')),
};

/** No SQS answers, so failed messages come back after the visibility timeout of the kit. */
const OURS = {
  QUEUE_URL: 'http://127.0.0.1:1/000000000000/orders-queue',
  AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
  POWERTOOLS_LOG_LEVEL: 'SILENT',
  POWERTOOLS_METRICS_DISABLED: 'true',
};

/** The consumers that are held against faults. Each order has its own user, whose total shows how often it was counted. */
export const CONSUMERS = {
  ours: {
    ...orders,
    handler: 'functions/processOrders.ts',
    environment: (redisUrl) => ({ REDIS_URL: redisUrl, ...OURS }),
  },
  'one pipeline a batch': {
    ...orders,
    handler: 'bench/peers/plain.ts',
    environment: (redisUrl) => ({ REDIS_URL: redisUrl }),
  },
} as const satisfies Record<string, Consumer>;

/** One more, whose packages are installed apart. */
export const POWERTOOLS = {
  'Powertools batch and idempotency': { ...CONSUMERS['one pipeline a batch'], handler: 'bench/peers/powertools.ts' },
} as const satisfies Record<string, Consumer>;
