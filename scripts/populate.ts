import { SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import { type Options, readOptions } from './populate/options.ts';
import { type Out, openOut, run, summarise } from './populate/run.ts';
import { describeFileError, generated, openFile, type Source } from './populate/source.ts';
import { describeResults, hasResults, openWatch, type State, type Watch, waitUntilEmpty } from './populate/wait.ts';
import { CommandError } from './shared/command.ts';
import { messages } from './shared/message.ts';
import { today } from './shared/order.ts';
import { chooseQueue, chooseRedis, describePlaces } from './shared/places.ts';
import { showProgress, stepLines, writeLine } from './shared/progress.ts';
import { readRunningStack } from './shared/runningStack.ts';
import { describeSqsError, findQueueUrl, isThisMachine, sqsClient } from './shared/sqs.ts';

const FAILED = 1;
/** What a shell makes of a process that Ctrl-C ended. */
const INTERRUPTED = 130;
/** How long the queue has to stay empty, in milliseconds. AWS says that its counts are right after a minute. */
const SETTLE = { emulator: 1000, aws: 60_000 };

process.exitCode = await populate(readOptions(process.argv.slice(2), process.env));

function generate(options: Options): Source {
  return generated({ ...options, day: today(), ...(options.now && { placedAt: new Date().toISOString() }) });
}

/** @returns the exit code */
async function populate(options: Options): Promise<number> {
  let source: Source;
  try {
    source = options.file === undefined ? generate(options) : await openFile(options.file);
  } catch (error) {
    console.error(describeFileError(options.file ?? '', error));
    return FAILED;
  }
  const running = readRunningStack();
  const target = chooseQueue(options, process.env.AWS_ENDPOINT_URL, running);
  const client = sqsClient(target);
  const explain = async (error: unknown) =>
    error instanceof CommandError ? error.message : describeSqsError(error, { ...target, client });
  const redisUrl = options.wait
    ? chooseRedis({ ...options, endpoint: target.endpoint, standard: process.env.REDIS_URL, running })
    : undefined;
  let queueUrl: string;
  let watch: Watch | undefined;
  let before: State | undefined;
  let out: Out | undefined;
  try {
    queueUrl = await findQueueUrl(client, target.queue);
    console.error(describePlaces({ ...target, redisUrl }, running));
    if (redisUrl) watch = await openWatch(client, queueUrl, redisUrl);
    before = await watch?.read();
    if (options.out !== undefined) out = await openOut(options.out);
  } catch (error) {
    watch?.close();
    console.error(await explain(error));
    return FAILED;
  }

  const stop = new AbortController();
  const progress = showProgress(source, process.stderr);
  let isInterrupted = false;
  let isSending = true;
  process.on('SIGINT', () => {
    if (isInterrupted) {
      progress.stop();
      process.exit(INTERRUPTED);
    }
    isInterrupted = true;
    stop.abort();
    if (isSending) progress.note('Stopping: waiting for the calls in flight (Ctrl-C again: not)');
  });
  const start = performance.now();
  const { tally, isComplete } = await run(source, {
    call: (entries) => client.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries: entries })),
    concurrency: options.concurrency,
    rate: options.rate,
    stop,
    progress,
    explain,
    ...(out && { out }),
  });
  isSending = false;
  await out?.close();
  console.log(summarise(tally, source.kind, (performance.now() - start) / 1000));
  if (source.kind === 'generated' && !options.now)
    console.log(`(orders of --seed ${options.seed}: sent once more today, they are duplicates)`);
  try {
    if (watch && before && tally.sent > 0 && !stop.signal.aborted) {
      const show = stepLines(process.stderr);
      const isEmulator = target.endpoint && isThisMachine(new URL(target.endpoint).hostname);
      const after = await waitUntilEmpty(
        watch,
        isEmulator ? SETTLE.emulator : SETTLE.aws,
        stop.signal,
        ({ waiting }) => {
          if (waiting > 0) show(() => `${target.queue}: ${messages(waiting)} waiting`);
        },
      );
      if (!hasResults(before, after, tally.sent))
        throw new CommandError(
          `Redis ${watch.redis} saw none of these messages: name the one that the functions use with --redis`,
        );
      console.log(describeResults(before, after, tally.sent, watch.deadLetterQueue));
    }
  } catch (error) {
    writeLine(await explain(error));
    return FAILED;
  } finally {
    watch?.close();
    client.destroy();
  }
  if (isInterrupted) return INTERRUPTED;
  return isComplete ? 0 : FAILED;
}
