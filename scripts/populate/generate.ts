import { makeOrder, type OrderSeries } from './order.ts';
import { pickNumber, seededRandom } from './random.ts';
import { spoil } from './spoil.ts';

/** A generated message: its body, and what the pipeline makes of it. */
export type GeneratedMessage =
  /** A valid order that was not there before, and its value in cents. */
  | { readonly kind: 'valid'; readonly body: string; readonly cents: number }
  /** A valid order that came before, unchanged. */
  | { readonly kind: 'duplicate'; readonly body: string }
  /** A message that breaks a rule. */
  | { readonly kind: 'invalid'; readonly body: string };

/** What to generate. The same options give the same messages, byte for byte. */
export type GenerateOptions = OrderSeries & {
  /** Number of messages in all. */
  readonly count: number;
  /** Share of invalid messages, 0 to 1. */
  readonly invalid: number;
  /** Share of duplicates, 0 to 1. */
  readonly duplicates: number;
};

/** How many messages of each kind there will be. */
export type Mix = { readonly valid: number; readonly duplicates: number; readonly invalid: number };

/**
 * How many messages of each kind the options ask for: shares are rounded to whole messages.
 *
 * @returns undefined when the shares are over 1 together, or when there are duplicates but no order to repeat
 */
export function mixOf(options: Pick<GenerateOptions, 'count' | 'invalid' | 'duplicates'>): Mix | undefined {
  const invalid = Math.round(options.count * options.invalid);
  const duplicates = Math.round(options.count * options.duplicates);
  const valid = options.count - invalid - duplicates;
  return valid < (duplicates > 0 ? 1 : 0) ? undefined : { valid, duplicates, invalid };
}

/**
 * Generates order messages; sends nothing. The kinds are mixed evenly, and a duplicate repeats any of the valid orders
 * before it. Nothing is kept in memory, however many are asked for.
 *
 * @throws RangeError when {@link mixOf} the options is undefined
 */
export function generateMessages(options: GenerateOptions): Generator<GeneratedMessage> {
  const mix = mixOf(options);
  if (!mix) throw new RangeError('The shares of invalid messages and of duplicates leave no valid order');
  return generate(options, mix);
}

function* generate(series: OrderSeries, { valid, duplicates, invalid }: Mix): Generator<GeneratedMessage> {
  // Orders are numbered from 1, so stream 0 is free.
  const random = seededRandom(series.seed, 0);
  const made = { valid: 0, duplicates: 0, invalid: 0 };
  for (let left = valid + duplicates + invalid; left > 0; left--) {
    // Each kind comes up in proportion to what is left of it, so the numbers come out exact.
    const ticket = pickNumber(random, left);
    const invalidLeft = invalid - made.invalid;
    const duplicatesLeft = duplicates - made.duplicates;
    if (ticket < invalidLeft) {
      // Numbered after the valid ones, so that no order of this run has its id.
      const { order } = makeOrder(series, valid + 1 + made.invalid);
      yield { kind: 'invalid', body: spoil(order, made.invalid++) };
    } else if (ticket < invalidLeft + duplicatesLeft && made.valid > 0) {
      made.duplicates++;
      const { order } = makeOrder(series, 1 + pickNumber(random, made.valid));
      yield { kind: 'duplicate', body: JSON.stringify(order) };
    } else {
      const { order, cents } = makeOrder(series, ++made.valid);
      yield { kind: 'valid', body: JSON.stringify(order), cents };
    }
  }
}
