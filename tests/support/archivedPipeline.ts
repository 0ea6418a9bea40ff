import * as v from 'valibot';
import { startArchive, type TestArchive } from './archive.ts';
import { captureOutput } from './captureOutput.ts';
import { loadReplay, type ReplayOptions } from './loadReplay.ts';
import { loadWorker } from './loadWorker.ts';
import { messagesOf } from './queueMessages.ts';
import { failedIds } from './sqsEvent.ts';

/** The worker and the function that replays, as Lambda has them, with an archive of their own. */
export type ArchivedPipeline = {
  readonly archive: TestArchive;
  /** Delivers a batch. @returns how many of its messages failed */
  count(bodies: readonly string[]): Promise<number>;
  /** Runs the replay once. @throws its error */
  replay(options?: ReplayOptions): Promise<ReplayReport>;
  /** Runs the replay in some requests at once. */
  replayAtOnce(requestIds: readonly string[]): Promise<void>;
  /** What the last call has logged, metrics included. */
  lines(): Readonly<Record<string, unknown>>[];
  stop(): Promise<void>;
};

/** The metrics of a run. */
type ReplayReport = { readonly replayed: number; readonly restored: number; readonly lagSeconds: number };

const Metrics = v.object({
  _aws: v.unknown(),
  OrdersReplayed: v.number(),
  OrdersRestored: v.number(),
  ReplayLag: v.number(),
});

export async function startArchivedPipeline(redisUrl: string): Promise<ArchivedPipeline> {
  const archive = await startArchive();
  const environment = {
    ...archive.environment,
    REDIS_URL: redisUrl,
    // Where no SQS answers.
    QUEUE_URL: 'http://127.0.0.1:1/000000000000/orders-queue',
    AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
    POWERTOOLS_LOG_LEVEL: 'INFO',
    POWERTOOLS_METRICS_DISABLED: 'false',
  };
  const worker = await loadWorker(environment);
  const replay = await loadReplay(environment);
  let lines: Record<string, unknown>[] = [];
  let batches = 0;
  const silently = async <T>(run: () => Promise<T>): Promise<T> => {
    const output = captureOutput();
    try {
      return await run();
    } finally {
      output.restore();
      lines = output
        .text()
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line));
    }
  };
  return {
    archive,
    async count(bodies) {
      batches++;
      const answer = await silently(() => worker({ Records: messagesOf(bodies) }, `batch-${batches}`));
      return failedIds(answer).length;
    },
    async replay(options) {
      await silently(() => replay(options));
      const { OrdersReplayed, OrdersRestored, ReplayLag } = v.parse(
        Metrics,
        lines.find((line) => '_aws' in line),
      );
      return { replayed: OrdersReplayed, restored: OrdersRestored, lagSeconds: ReplayLag };
    },
    async replayAtOnce(requestIds) {
      await silently(() => Promise.all(requestIds.map((requestId) => replay({ requestId }))));
    },
    lines: () => lines,
    stop: () => archive.stop(),
  };
}
