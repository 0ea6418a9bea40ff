import pMap from 'p-map';
import type { CountBatch } from './handler.ts';
import type { Load } from './orders.ts';

/** Runs what counts batches, so many at once, with the log and the metrics made but not printed; returns seconds. */
export async function secondsOf(batches: readonly (() => Promise<void>)[], inFlight: number): Promise<number> {
  const write = process.stdout.write;
  process.stdout.write = () => true;
  try {
    const started = performance.now();
    await pMap(batches, (count) => count(), { concurrency: inFlight });
    return (performance.now() - started) / 1000;
  } finally {
    process.stdout.write = write;
  }
}

/** Has a handler count all batches, so many at once; returns seconds. */
export const countAll = (count: CountBatch, { batches }: Load, inFlight: number): Promise<number> =>
  secondsOf(
    batches.map((batch) => () => count(batch)),
    inFlight,
  );

/** Orders a second of a handler, with so many batches at once. */
export const rateOf = async (count: CountBatch, load: Load, inFlight: number): Promise<number> =>
  load.orders / (await countAll(count, load, inFlight));
