import { createInterface } from 'node:readline/promises';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { hourIn } from '../../lib/orders/calendar.ts';
import { CommandError, type Context, FAILED, INTERRUPTED } from '../shared/command.ts';
import { messages } from '../shared/message.ts';
import { chooseRedis, chooseUnits, describePlaces } from '../shared/places.ts';
import { describeSqsError, sqsClient } from '../shared/sqs.ts';
import { DeadLetters } from './deadLetters.ts';
import { run } from './job.ts';
import { openLedger, optionalLedger } from './ledger.ts';
import { jsonListing, listing, showing } from './list.ts';
import type { Options } from './options.ts';
import { purging } from './purge.ts';
import { chooseQueuePair, findDeadLetterQueue, type QueuePair } from './queues.ts';
import { acceptedUnknown, redrive, retryable } from './redrive.ts';

/**
 * Runs a command, and prints what it did or why it failed.
 *
 * @returns the exit code
 */
export async function dlq(options: Options, context: Context): Promise<number> {
  const queues = chooseQueuePair(options, context.env.AWS_ENDPOINT_URL, context.running);
  const client = sqsClient(queues);
  try {
    await runCommand(options, queues, client, context);
    return context.signal.aborted ? INTERRUPTED : 0;
  } catch (error) {
    console.error(error instanceof CommandError ? error.message : await describeSqsError(error, { ...queues, client }));
    return FAILED;
  } finally {
    client.destroy();
  }
}

async function runCommand(options: Options, queues: QueuePair, client: SQSClient, context: Context): Promise<void> {
  const { env, running, signal } = context;
  const from = new DeadLetters(client, await findDeadLetterQueue(client, queues));
  const usesRedis = options.command !== 'redrive' || options.only !== undefined || options.acceptUnknown === true;
  const redisUrl = usesRedis
    ? chooseRedis({ ...options, endpoint: queues.endpoint, standard: env.REDIS_URL, running })
    : undefined;
  console.error(describePlaces({ queue: queues.dlq, endpoint: queues.endpoint, redisUrl }, running));
  const units = usesRedis ? chooseUnits(options, redisUrl, env, running) : undefined;
  const ledger = openLedger(redisUrl, units ? { hourOf: hourIn(units.timeZone), currency: units.currency } : {});
  try {
    switch (options.command) {
      case 'list': {
        const reader = optionalLedger(ledger);
        const { limit } = options;
        const job = options.json
          ? jsonListing(console.log, reader)
          : listing({ name: queues.dlq, limit, width: process.stdout.columns }, reader);
        return await run(job, from, signal);
      }
      case 'show': {
        const job = showing(options.messageId, optionalLedger(ledger));
        await run(job, from, signal);
        if (job.isDone() || signal.aborted) return;
        throw new CommandError(`There is no message ${options.messageId} in ${queues.dlq}`);
      }
      case 'purge':
        return await run(await purging({ ...options, dlq: queues.dlq, from, ledger }), from, signal);
      case 'redrive': {
        if (!usesRedis && !(await mayRedriveAll(from, queues.queue, options.all, signal)))
          return console.error('Nothing is sent back');
        const accepted = options.acceptUnknown ? acceptedUnknown(ledger) : undefined;
        const choice = options.only ? retryable(ledger) : accepted;
        const job = await redrive({ client, queues, from, signal, choice });
        return await (job && run(job, from, signal));
      }
    }
  } finally {
    ledger.close();
  }
}

/** Says how many messages will go back at once, and asks for a yes unless `--all` was given. */
async function mayRedriveAll(
  from: DeadLetters,
  queue: string,
  all: boolean | undefined,
  signal: AbortSignal,
): Promise<boolean> {
  const { visible } = await from.state();
  if (visible === 0) return true;
  const text =
    `Sending about ${messages(visible)} back to ${queue} at once, those that cannot count too ` +
    '(--only retryable leaves these)';
  if (all) {
    console.error(text);
    return true;
  }
  process.stderr.write(`${text}. Go on? [y/N] `);
  const answers = createInterface({ input: process.stdin, signal });
  try {
    for await (const answer of answers) return /^y(es)?$/i.test(answer.trim());
    return false;
  } finally {
    // As long as it is open, this process does not end.
    answers.close();
  }
}
