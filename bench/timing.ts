import pMap from 'p-map';

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
