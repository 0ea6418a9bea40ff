import { SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import { type Options, readOptions } from './populate/options.ts';
import { today } from './populate/order.ts';
import { showProgress } from './populate/progress.ts';
import { run } from './populate/run.ts';
import { describeFileError, generated, openFile, type Source } from './populate/source.ts';
import { summarise } from './populate/tally.ts';
import { chooseTarget } from './populate/target.ts';
import { describeSqsError, findQueueUrl, sqsClient } from './sqs.ts';

const FAILED = 1;
/** What a shell makes of a process that Ctrl-C ended. */
const INTERRUPTED = 130;

process.exitCode = await populate(readOptions(process.argv.slice(2)));

/** @returns the exit code */
async function populate(options: Options): Promise<number> {
  let source: Source;
  try {
    source = options.file === undefined ? generated({ ...options, day: today() }) : await openFile(options.file);
  } catch (error) {
    console.error(describeFileError(options.file ?? '', error));
    return FAILED;
  }
  const target = chooseTarget(options, process.env.AWS_ENDPOINT_URL);
  const client = sqsClient(target);
  const explain = (error: unknown) => describeSqsError(error, { ...target, client });
  let queueUrl: string;
  try {
    queueUrl = await findQueueUrl(client, target.queue);
  } catch (error) {
    console.error(await explain(error));
    return FAILED;
  }

  const stop = new AbortController();
  const progress = showProgress(source, process.stderr);
  let isInterrupted = false;
  process.on('SIGINT', () => {
    if (isInterrupted) {
      progress.stop();
      process.exit(INTERRUPTED);
    }
    isInterrupted = true;
    stop.abort();
    progress.note('Stopping: waiting for the calls in flight (Ctrl-C again: not)');
  });
  const start = performance.now();
  const { tally, isComplete } = await run(source, {
    call: (entries) => client.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries: entries })),
    concurrency: options.concurrency,
    rate: options.rate,
    stop,
    progress,
    explain,
  });
  client.destroy();
  console.log(summarise(tally, source.kind, (performance.now() - start) / 1000));
  if (isInterrupted) return INTERRUPTED;
  return isComplete ? 0 : FAILED;
}
