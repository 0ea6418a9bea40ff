import { Redis } from 'ioredis';
import { countOrders, defineCountingScript } from '../lib/stats/count.ts';
import { lambdaContext } from '../tests/support/lambdaContext.ts';
import type { Load } from './orders.ts';
import { isPowertoolsInstalled } from './peers/installed.ts';
import { type Peer, readOrder } from './peers/peer.ts';
import { connectAwaited, connectPipeline } from './peers/plain.ts';
import { loadHandler } from './target.ts';

/** A way to count orders. */
export type Contender = {
  readonly name: string;
  /** Of the orders of a round, so that slow ones do not take minutes. */
  readonly share: number;
  /** Whether totals must be right to the cent; sums of doubles drift. */
  readonly isExact: boolean;
  /** Does what need not be measured; returns what counts each batch, and throws when an order was not counted. */
  prepare(load: Load): (() => Promise<void>)[];
  close(): void;
};

/** Ours, and all peers whose packages are installed. */
export async function loadContenders(url: string): Promise<Contender[]> {
  const contenders = [
    await handler(url),
    await countingOnly(url),
    peer('pipeline', 0.5, await connectPipeline(url)),
    peer('awaited', 0.1, await connectAwaited(url)),
  ];
  const powertools = await connectPowertools(url);
  if (powertools) contenders.push(peer('Powertools', 0.25, powertools));
  return contenders;
}

async function handler(url: string): Promise<Contender> {
  const count = await loadHandler(url);
  return {
    name: 'handler',
    share: 1,
    isExact: true,
    prepare: ({ batches }) => batches.map((batch) => () => count(batch)),
    close: () => {},
  };
}

/** Without the queue's side: no JSON, no validation, no response. */
async function countingOnly(url: string): Promise<Contender> {
  const redis = new Redis(url);
  await redis.ping();
  defineCountingScript(redis);
  return {
    name: 'counting only',
    share: 1,
    isExact: true,
    prepare: ({ batches }) =>
      batches.map(({ Records }) => {
        const orders = Records.map(readOrder);
        return async () => {
          const verdicts = await countOrders(redis, orders);
          if (!verdicts.every(({ kind }) => kind === 'counted')) throw new Error('Not all orders were counted');
        };
      }),
    close: () => redis.disconnect(),
  };
}

const peer = (name: string, share: number, { count, close }: Peer): Contender => ({
  name,
  share,
  isExact: false,
  prepare: ({ batches }) =>
    batches.map(({ Records }) => async () => {
      const { batchItemFailures } = await count(Records, lambdaContext);
      if (batchItemFailures.length > 0) throw new Error('Not all orders were counted');
    }),
  close,
});

async function connectPowertools(url: string): Promise<Peer | undefined> {
  if (!isPowertoolsInstalled()) return undefined;
  // By its address: its packages are not those of this project.
  const { connect } = await import(new URL('peers/powertools.ts', import.meta.url).href);
  return connect(url);
}
