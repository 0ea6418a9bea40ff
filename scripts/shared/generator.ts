import { amend, cancel, spoil } from './changeOrder.ts';
import { makeOrder, type OrderMessage, type OrderSeries } from './order.ts';
import { pickNumber, seededRandom, shuffle } from './random.ts';

/** A generated message. */
export type GeneratedMessage = {
  /**
   * - `valid`: version 1 of an order
   * - `revision`: version 2, of lower value
   * - `cancellation`: the last version of an order
   * - `duplicate`: repeats an earlier message
   * - `invalid`: breaks a rule
   */
  readonly kind: 'valid' | 'revision' | 'cancellation' | 'duplicate' | 'invalid';
  readonly body: string;
  /** What it adds to the number of orders once all messages are counted. */
  readonly orders: number;
  /** What it adds to the revenue in cents. */
  readonly cents: number;
};

/** Shares of the messages, 0 to 1. The rest are valid orders. */
type Shares = {
  readonly invalid: number;
  readonly duplicates: number;
  /** Messages that amend an order; default 0. */
  readonly revisions?: number;
  /** Messages that cancel an order; default 0. */
  readonly cancellations?: number;
};

/** What to generate. The same options give the same messages, byte for byte. */
export type GenerateOptions = Omit<OrderSeries, 'days'> &
  Shares & {
    /** Number of all messages. */
    readonly count: number;
    /** Whether to shuffle them, so that later versions come before earlier ones. */
    readonly shuffle?: boolean;
  };

/** Numbers of messages. */
export type Mix = Required<Shares> & { readonly valid: number };

/**
 * How many messages of each kind the options ask for: shares are rounded to whole messages.
 *
 * @returns undefined when the sum of the shares is over 1, or leaves too few orders to repeat, amend and cancel
 */
export function mixOf({ count, ...shares }: Shares & { readonly count: number }): Mix | undefined {
  const { revisions: amended = 0, cancellations: cancelled = 0 } = shares;
  const invalid = Math.round(count * shares.invalid);
  const duplicates = Math.round(count * shares.duplicates);
  const revisions = Math.round(count * amended);
  const cancellations = Math.round(count * cancelled);
  const valid = count - invalid - duplicates - revisions - cancellations;
  const least = Math.max(revisions + cancellations, duplicates > 0 ? 1 : 0);
  return valid < least ? undefined : { valid, duplicates, invalid, revisions, cancellations };
}

/** Orders are placed within this number of days before the day of the series. */
export const DAYS = 365;
/** Where some are amended or cancelled: a later version may arrive first only for an order of the last 30 days. */
const DAYS_OF_REVISED = 28;

/**
 * Generates order messages, with the kinds mixed evenly. A duplicate repeats any order before it. Each order is amended or
 * cancelled at most once; only these are kept in memory.
 *
 * @throws RangeError when {@link mixOf} the options is undefined
 */
export function generateMessages(options: GenerateOptions): Generator<GeneratedMessage> {
  const mix = mixOf(options);
  if (!mix) throw new RangeError('The shares of messages leave too few valid orders');
  const days = mix.revisions + mix.cancellations > 0 ? DAYS_OF_REVISED : DAYS;
  const messages = generate({ ...options, days }, mix);
  return options.shuffle ? shuffle(messages, seededRandom(options.seed, SHUFFLE_STREAM)) : messages;
}

/** Streams of random numbers beside those of the orders, which are numbered from 1. */
const MIX_STREAM = 0;
const SHUFFLE_STREAM = -1;

function* generate(series: OrderSeries, mix: Mix): Generator<GeneratedMessage> {
  const random = seededRandom(series.seed, MIX_STREAM);
  const left: Record<GeneratedMessage['kind'], number> = {
    invalid: mix.invalid,
    duplicate: mix.duplicates,
    revision: mix.revisions,
    cancellation: mix.cancellations,
    valid: mix.valid,
  };
  /** The last versions of amended or cancelled orders, by number. */
  const revised = new Map<number, OrderMessage>();
  let [orders, invalid] = [0, 0];
  for (let messages = Object.values(left).reduce((one, other) => one + other); messages > 0; messages--) {
    // In proportion to what is left of each kind, so the numbers come out exact.
    const kind = kindAt(pickNumber(random, messages), left, {
      canRepeat: orders > 0,
      canRevise: orders > revised.size,
    });
    left[kind]--;
    switch (kind) {
      case 'valid': {
        const { order, cents } = makeOrder(series, ++orders);
        yield { kind, body: JSON.stringify(order), orders: 1, cents };
        break;
      }
      case 'invalid': {
        // Numbered after the valid ones, so that no order of this run has its id.
        const { order } = makeOrder(series, mix.valid + 1 + invalid);
        yield { kind, body: spoil(order, invalid++), orders: 0, cents: 0 };
        break;
      }
      case 'duplicate': {
        const number = 1 + pickNumber(random, orders);
        const later = revised.get(number);
        const order = later && random() < 0.5 ? later : makeOrder(series, number).order;
        yield { kind, body: JSON.stringify(order), orders: 0, cents: 0 };
        break;
      }
      default: {
        let number = 1 + pickNumber(random, orders);
        while (revised.has(number)) number = (number % orders) + 1;
        const before = makeOrder(series, number);
        const { order, cents } = kind === 'revision' ? amend(before.order, random) : cancel(before.order);
        revised.set(number, order);
        yield { kind, body: JSON.stringify(order), orders: kind === 'revision' ? 0 : -1, cents: cents - before.cents };
      }
    }
  }
}

/** The kind at this place among the messages that are left. A valid order comes first where a kind needs one. */
function kindAt(
  place: number,
  left: Readonly<Record<GeneratedMessage['kind'], number>>,
  { canRepeat, canRevise }: { readonly canRepeat: boolean; readonly canRevise: boolean },
): GeneratedMessage['kind'] {
  let end = left.invalid;
  if (place < end) return 'invalid';
  end += left.duplicate;
  if (place < end) return canRepeat ? 'duplicate' : 'valid';
  end += left.revision;
  if (place < end) return canRevise ? 'revision' : 'valid';
  end += left.cancellation;
  return place < end && canRevise ? 'cancellation' : 'valid';
}
