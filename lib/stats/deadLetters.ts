import type { RedisClient } from '../redis/client.ts';
import { CorruptKeyError, corruptionOf } from '../redis/errors.ts';
import { perName } from '../results.ts';
import { deadLettersKey, shardsOf } from './keys.ts';

/** Why a message goes to the dead-letter queue. `late`: its order is valid, but could not be counted or archived in time. */
const LETTER_REASONS = ['invalid', 'conflict', 'unknown', 'late'] as const;

export type LetterReason = (typeof LETTER_REASONS)[number];

/** Messages that went to the dead-letter queue for one reason within {@link SPAN_MS} from `at`, in milliseconds since 1970. */
export type Letters = { readonly at: number; readonly reason: LetterReason; readonly count: number };

/** What is known of the messages in the dead-letter queue. A part is null if it is not known. */
export type DeadLetters = {
  readonly waiting: number;
  /** How many of them came within the last hour, or up to ten minutes before. */
  readonly last_hour: number | null;
  /** At most; to ten minutes. */
  readonly oldest_seconds: number | null;
  readonly reasons: Readonly<Record<LetterReason | 'not_known', number>> | null;
};

/** Fields are few, and yet say what came in the last hour. */
const SPAN_MS = 10 * 60_000;
const HOUR_MS = 60 * 60_000;
/** No message stays in a queue for longer. */
const KEPT_MS = 14 * 24 * HOUR_MS;

const TIME_LENGTH = 'YYYY-MM-DDTHH:MM'.length;
const FIELD = new RegExp(`^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d (${LETTER_REASONS.join('|')})$`);

/** The ten minutes of a time in milliseconds since 1970, as a field begins with them. */
export const spanOf = (ms: number): string =>
  new Date(Math.floor(ms / SPAN_MS) * SPAN_MS).toISOString().slice(0, TIME_LENGTH);

/**
 * Adds messages that went to the dead-letter queue. Uses the first shard of a cluster.
 *
 * @param letters by field: {@link spanOf} and the reason. What Redis has taken is removed
 * @throws the error of Redis or of the connection
 */
export async function addLetters(redis: RedisClient, letters: Map<string, number>): Promise<void> {
  const [first = ''] = shardsOf(redis);
  const key = deadLettersKey(first);
  let hasNewField = false;
  const adding = [...letters].map(async ([field, count]) => {
    const total = await redis.hincrby(key, field, count);
    letters.delete(field);
    hasNewField ||= total === count;
  });
  // Each has its answer before an error says what is left.
  await Promise.allSettled(adding);
  await Promise.all(adding);
  if (!hasNewField) return;
  const oldest = spanOf(Date.now() - KEPT_MS);
  const old = Object.keys(await redis.hgetall(key)).filter((field) => field < oldest);
  if (old.length > 0) await redis.hdel(key, ...old);
}

/** @throws {@link CorruptKeyError}, or the error of Redis or of the connection */
export async function readDeadLetters(redis: RedisClient): Promise<Letters[]> {
  const [first = ''] = shardsOf(redis);
  const key = deadLettersKey(first);
  const hash = await redis.hgetall(key).catch((error) => {
    throw corruptionOf(key, error);
  });
  return toLetters(key, hash);
}

/** Newest first. @throws {@link CorruptKeyError} */
export const toLetters = (key: string, hash: Readonly<Record<string, string>>): Letters[] =>
  Object.entries(hash)
    .map(([field, count]) => {
      const reason = LETTER_REASONS.find((name) => FIELD.exec(field)?.[1] === name);
      const at = Date.parse(`${field.slice(0, TIME_LENGTH)}Z`);
      if (!reason || Number.isNaN(at) || !/^\d{1,15}$/.test(count)) throw new CorruptKeyError(key);
      return { at, reason, count: Number(count) };
    })
    .sort((one, other) => other.at - one.at);

/**
 * Explains the messages in the dead-letter queue by those that went there last. Others were sent again or deleted since.
 *
 * @param waiting how many are in the queue
 * @param letters newest first; null if Redis does not say
 * @param now in milliseconds since 1970
 */
export function explainDeadLetters(waiting: number, letters: readonly Letters[] | null, now: number): DeadLetters {
  if (!letters) return { waiting, last_hour: null, oldest_seconds: null, reasons: null };
  const reasons = { ...perName(LETTER_REASONS, () => 0), not_known: 0 };
  let [left, lastHour, oldest] = [waiting, 0, now];
  for (const { at, count, parts } of spansOf(letters)) {
    if (left === 0) break;
    const taken = Math.min(left, count);
    // Of a span that is only partly in the queue, nobody knows which part that is.
    if (taken < count && parts.length > 1) reasons.not_known += taken;
    else for (const part of parts) reasons[part.reason] += Math.min(part.count, taken);
    if (at + SPAN_MS > now - HOUR_MS) lastHour += taken;
    oldest = at;
    left -= taken;
  }
  reasons.not_known += left;
  const isAgeKnown = waiting > 0 && left === 0;
  return {
    waiting,
    last_hour: lastHour,
    oldest_seconds: isAgeKnown ? Math.max(0, Math.floor((now - oldest) / 1000)) : null,
    reasons,
  };
}

/** All letters of the same ten minutes. */
type Span = { readonly at: number; count: number; readonly parts: Letters[] };

function spansOf(letters: readonly Letters[]): Span[] {
  const spans: Span[] = [];
  for (const part of letters) {
    const last = spans.at(-1);
    if (last?.at !== part.at) {
      spans.push({ at: part.at, count: part.count, parts: [part] });
      continue;
    }
    last.count += part.count;
    last.parts.push(part);
  }
  return spans;
}
