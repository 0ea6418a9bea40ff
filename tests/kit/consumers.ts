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

/** What is held against faults: each order has a user of its own, who shows how often it was counted. */
export const CONSUMERS = {
  ours: {
    ...orders,
    handler: 'functions/processOrders.ts',
    environment: (redisUrl) => ({ REDIS_URL: redisUrl, ...OURS }),
  },
  'Powertools batch and idempotency': {
    ...orders,
    handler: 'bench/peers/powertools.ts',
    environment: (redisUrl) => ({ REDIS_URL: redisUrl, TIMEOUT_MS: '400' }),
  },
  'one pipeline a batch': {
    ...orders,
    handler: 'bench/peers/plain.ts',
    environment: (redisUrl) => ({ REDIS_URL: redisUrl }),
  },
} as const satisfies Record<string, Consumer>;
