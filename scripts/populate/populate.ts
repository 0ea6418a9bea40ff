import { SendMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { CommandError, type Context, FAILED, INTERRUPTED } from '../shared/command.ts';
import { today } from '../shared/order.ts';
import { chooseQueue, chooseRedis, describePlaces, type QueuePlace } from '../shared/places.ts';
import { showProgress, writeLine } from '../shared/progress.ts';
import { describeSqsError, findQueueUrl, sqsClient } from '../shared/sqs.ts';
import type { Options } from './options.ts';
import { openOut, run, summarise } from './run.ts';
import { generated, openFile, type Source } from './source.ts';
import { openWatch, waitForResults } from './wait.ts';

/**
 * Sends messages, and prints what it did or why it failed.
 *
 * @returns the exit code
 */
export async function populate(options: Options, context: Context): Promise<number> {
  const place = chooseQueue(options, context.env.AWS_ENDPOINT_URL, context.running);
  const client = sqsClient(place);
  const explain = async (error: unknown) =>
    error instanceof CommandError ? error.message : describeSqsError(error, { ...place, client });
  try {
    const source = options.file === undefined ? generate(options) : await openFile(options.file);
    const isComplete = await sendAndWait(source, options, { ...context, place, client, explain });
    if (context.signal.aborted) return INTERRUPTED;
    return isComplete ? 0 : FAILED;
  } catch (error) {
    writeLine(await explain(error));
    return FAILED;
  } finally {
    client.destroy();
  }
}

const generate = (options: Options): Source =>
  generated({ ...options, day: today(), ...(options.now && { placedAt: new Date().toISOString() }) });

type Sqs = {
  readonly place: QueuePlace;
  readonly client: SQSClient;
  readonly explain: (error: unknown) => Promise<string>;
};

/** @returns whether every message was sent */
async function sendAndWait(source: Source, options: Options, context: Context & Sqs): Promise<boolean> {
  const { env, running, signal, place, client, explain } = context;
  const { endpoint } = place;
  const redisUrl = options.wait ? chooseRedis({ ...options, endpoint, standard: env.REDIS_URL, running }) : undefined;
  const queueUrl = await findQueueUrl(client, place.queue);
  console.error(describePlaces({ ...place, redisUrl }, running));
  const watch = redisUrl ? await openWatch(client, queueUrl, redisUrl) : undefined;
  try {
    const before = await watch?.read();
    const out = options.out === undefined ? undefined : await openOut(options.out);
    const progress = showProgress(source, process.stderr);
    const noteStop = () => progress.note('Stopping: waiting for the calls in flight. Ctrl-C again quits at once.');
    signal.addEventListener('abort', noteStop);
    const start = performance.now();
    const { tally, isComplete, isStopped } = await run(source, {
      call: (entries) => client.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries: entries })),
      concurrency: options.concurrency,
      rate: options.rate,
      signal,
      progress,
      explain,
      ...(out && { out }),
    });
    signal.removeEventListener('abort', noteStop);
    await out?.close();
    // Where nothing could be read, the error says it all.
    if (isComplete || tally.sent + tally.notSent + tally.malformed > 0)
      console.log(summarise(tally, source.kind, (performance.now() - start) / 1000));
    if (source.kind === 'generated' && !options.now)
      console.log(`(Sent again today, the orders of --seed ${options.seed} are duplicates.)`);
    if (watch && before && tally.sent > 0 && !isStopped)
      console.log(await waitForResults(watch, before, tally.sent, { ...place, signal }));
    return isComplete;
  } finally {
    watch?.close();
  }
}
