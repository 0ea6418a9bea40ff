/**
 * The possible results of a delivery, one line each.
 * - `letter`: in the reply of the counting script
 * - `field`: in `global:messages` and `/pipeline`
 * - `metric`: in CloudWatch
 */
export const RESULTS = {
  /** New: added to all totals. */
  counted: { letter: 'n', field: 'counted', metric: 'OrdersCounted' },
  /** Counted in place of a lower version of its order. */
  revised: { letter: 'r', field: 'revised', metric: 'OrdersRevised' },
  /** Counted or revised: its order is cancelled from now on. */
  cancelled: { metric: 'OrdersCancelled' },
  /** Counted before with the same content. */
  duplicate: { letter: 'd', field: 'duplicates', metric: 'DuplicatesIgnored' },
  /** A higher version was counted before. */
  superseded: { letter: 's', field: 'superseded', metric: 'RevisionsSuperseded' },
  /** Not a valid order. */
  invalid: { field: 'invalid', metric: 'OrdersRejected' },
  /** The order id was counted with other content. */
  conflict: { letter: 'c', field: 'conflicts', metric: 'Conflicts' },
  /** A later version of an order that the ledger does not know, so old that an earlier version may have been counted. */
  unknown: { letter: 'u', field: 'unknown', metric: 'UnknownVersions' },
  /** Redis is unavailable, slow, failing over, or cannot write now. */
  transient: { metric: 'TransientFailures' },
  /** Counted, but the archive does not keep it now. The next delivery is a duplicate, which is archived. */
  unarchived: { metric: 'ArchiveFailures' },
  /** A key has a value that the pipeline never writes. Only an operator can repair it. */
  corrupt: { letter: 'f', metric: 'CorruptKeys' },
  /** Redis refuses the command until somebody changes a setting. */
  refused: { metric: 'RedisRefusals' },
} as const;

type Results = typeof RESULTS;

export type Result = keyof Results;

type With<Property extends string> = {
  [Name in Result]: Results[Name] extends Readonly<Record<Property, string>> ? Name : never;
}[Result];

/** A result that the counting script decides on. */
export type Judged = With<'letter'>;

/**
 * A field of `global:messages`. `retried` counts deliveries of a message received before, whatever their result; `restored`
 * counts versions of orders, see keys.ts.
 */
export type MessageField = Results[With<'field'>]['field'] | 'retried' | 'restored';

/** The field `restored` in words. */
export const describeRestored = (versions: number): string =>
  versions === 1
    ? '1 order was restored after Redis lost it.'
    : `${versions.toLocaleString('en')} versions of orders were restored after Redis lost them.`;

const isResult = (name: string): name is Result => name in RESULTS;

export const RESULT_NAMES: readonly Result[] = Object.keys(RESULTS).filter(isResult);

/** An object with a value per name. Needs a cast because Object.fromEntries forgets the names. */
export const perName = <Name extends string, Value>(
  names: readonly Name[],
  toValue: (name: Name) => Value,
): Record<Name, Value> => Object.fromEntries(names.map((name) => [name, toValue(name)])) as Record<Name, Value>;

const isJudged = (name: Result): name is Judged => 'letter' in RESULTS[name];
const isShown = (name: Result): name is With<'field'> => 'field' in RESULTS[name];

export const RESULT_BY_LETTER: ReadonlyMap<string, Judged> = new Map(
  RESULT_NAMES.filter(isJudged).map((name) => [RESULTS[name].letter, name]),
);

/** All fields of `global:messages` that count something. */
export const MESSAGE_FIELDS: readonly MessageField[] = [
  ...RESULT_NAMES.filter(isShown).map((name) => RESULTS[name].field),
  'retried',
  'restored',
];

export const FIELD_BY_LETTER: Readonly<Record<string, string>> = Object.fromEntries(
  RESULT_NAMES.flatMap((name) =>
    isJudged(name) && isShown(name) ? [[RESULTS[name].letter, RESULTS[name].field]] : [],
  ),
);
