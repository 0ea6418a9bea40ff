import { createInterface } from 'node:readline/promises';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { dayIn } from '../lib/orders/calendar.ts';
import { DeadLetters } from './dlq/deadLetters.ts';
import { forgivingLedger, openLedger } from './dlq/ledger.ts';
import { jsonListing, listing, showing } from './dlq/list.ts';
import { type Options, readOptions } from './dlq/options.ts';
import { purging } from './dlq/purge.ts';
import { chooseQueuePair, findDeadLetterQueue, type QueuePair, readQueueState } from './dlq/queues.ts';
import { acceptedUnknown, redrive, retryable } from './dlq/redrive.ts';
import { run } from './dlq/run.ts';
import { CommandError } from './shared/command.ts';
import { messages } from './shared/message.ts';
import { chooseRedis, currencyOf, describePlaces, timeZoneOf } from './shared/places.ts';
import { writeLine } from './shared/progress.ts';
import { readRunningStack } from './shared/runningStack.ts';
import { describeSqsError, sqsClient } from './shared/sqs.ts';

const FAILED = 1;
/** What a shell makes of a process that Ctrl-C ended. */
const INTERRUPTED = 130;

const running = readRunningStack();
process.exitCode = await dlq(readOptions(process.argv.slice(2)));

/** @returns the exit code */
async function dlq(options: Options): Promise<number> {
  const queues = chooseQueuePair(options, process.env.AWS_ENDPOINT_URL, running);
  const client = sqsClient(queues);
  const signal = interruption();
  try {
    await work(options, queues, client, signal);
    return signal.aborted ? INTERRUPTED : 0;
  } catch (error) {
    console.error(error instanceof CommandError ? error.message : await describeSqsError(error, { ...queues, client }));
    return FAILED;
  } finally {
    client.destroy();
  }
}

/** Fires on Ctrl-C, and when nobody reads what is printed any more, as with `| head`. */
function interruption(): AbortSignal {
  const stop = new AbortController();
  process.on('SIGINT', () => {
    if (stop.signal.aborted) process.exit(INTERRUPTED);
    stop.abort();
    writeLine(
      'Stopping: making the remaining messages visible again. ' +
        'Ctrl-C again quits at once: they stay invisible for as long as the command has run, at least a minute.',
    );
  });
  process.stdout.on('error', () => stop.abort());
  return stop.signal;
}

async function work(options: Options, queues: QueuePair, client: SQSClient, signal: AbortSignal): Promise<void> {
  const url = await findDeadLetterQueue(client, queues);
  const from = new DeadLetters(client, url);
  const usesRedis = options.command !== 'redrive' || options.only !== undefined || options.acceptUnknown === true;
  const redisUrl = usesRedis
    ? chooseRedis({ ...options, endpoint: queues.endpoint, standard: process.env.REDIS_URL, running })
    : undefined;
  console.error(describePlaces({ queue: queues.dlq, endpoint: queues.endpoint, redisUrl }, running));
  const units = () => ({
    dayOf: dayIn(options.timeZone ?? timeZoneOf(redisUrl, process.env.TIME_ZONE, running)),
    currency: options.currency ?? currencyOf(redisUrl, process.env.CURRENCY, running),
  });
  const ledger = () => openLedger(redisUrl, units());
  const reader = () => forgivingLedger(redisUrl, units());
  switch (options.command) {
    case 'list': {
      if (options.json) return run(jsonListing(console.log, reader()), from, signal);
      const { limit } = options;
      return run(listing({ name: queues.dlq, limit, width: process.stdout.columns }, reader()), from, signal);
    }
    case 'show': {
      const job = showing(options.messageId, reader());
      await run(job, from, signal);
      if (!job.isDone() && !signal.aborted)
        throw new CommandError(`There is no message ${options.messageId} in ${queues.dlq}`);
      return;
    }
    case 'purge': {
      const { to, only } = options;
      return run(await purging({ to, ...(only && { only }), dlq: queues.dlq, from, ledger: ledger() }), from, signal);
    }
    case 'redrive': {
      if (!options.only && !options.acceptUnknown) {
        const { visible } = await readQueueState(client, url);
        if (visible > 0 && !(await isMeant(visible, queues.queue, options.all, signal)))
          return console.error('Nothing is sent back');
      }
      const job = await redrive({
        client,
        queues,
        from,
        fromUrl: url,
        signal,
        ...(options.only && { choice: retryable(ledger()) }),
        ...(options.acceptUnknown && { choice: acceptedUnknown(ledger()) }),
      });
      return job && run(job, from, signal);
    }
  }
}

/** Says how many messages will go back at once, and asks unless that is what was said. */
async function isMeant(
  visible: number,
  queue: string,
  isSaid: boolean | undefined,
  signal: AbortSignal,
): Promise<boolean> {
  const text =
    `Sending about ${messages(visible)} back to ${queue} at once, those that cannot count too ` +
    '(--only retryable leaves these)';
  if (isSaid) {
    console.error(text);
    return true;
  }
  process.stderr.write(`${text}. Go on? [y/N] `);
  for await (const line of createInterface({ input: process.stdin, signal })) return /^y(es)?$/i.test(line.trim());
  return false;
}
