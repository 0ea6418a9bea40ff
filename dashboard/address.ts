import { isPeriod, lengthOf, MAX_PERIODS, type Range, type Unit, unitOf } from '../lib/stats/periods.ts';

/** The last so many days or months, whenever it is looked at. */
export type Recent = { readonly unit: Unit; readonly count: number };

/** The range that somebody chose. */
export type Choice = Recent | Range;

/** What the part of the address after `#` says: `#/users/U5678?last=12-months`, `#/?from=2026-01&to=2026-03`. */
export type Address = {
  /** The user who is shown. */
  readonly userId?: string | undefined;
  /** Undefined: the page chooses a range with orders. */
  readonly choice?: Choice | undefined;
};

export const isRecent = (choice: Choice): choice is Recent => 'count' in choice;

/** Reads the hash of an address; what it does not understand is left out. */
export function parseAddress(hash: string): Address {
  const [path = '', query = ''] = hash.replace(/^#/, '').split('?', 2);
  const [, userId] = /^\/users\/(.+)$/.exec(path) ?? [];
  return { userId: userId === undefined ? undefined : decode(userId), choice: readChoice(new URLSearchParams(query)) };
}

/** The hash of an address, `#/` where it says nothing. */
export function formatAddress({ userId, choice }: Address): string {
  const path = userId === undefined ? '#/' : `#/users/${encodeURIComponent(userId)}`;
  if (!choice) return path;
  if (isRecent(choice)) return `${path}?last=${choice.count}-${choice.unit}s`;
  return `${path}?from=${choice.from}&to=${choice.to}`;
}

/** Why the API would not answer for a range, as a sentence; undefined where it would. */
export function problemOf(from: string, to: string): string | undefined {
  if (!isPeriod(from) || !isPeriod(to)) return 'Give a first and a last one, from 1970 on.';
  if (unitOf(from) !== unitOf(to)) return 'Give two days or two months.';
  const unit = unitOf(from);
  const length = lengthOf({ unit, from, to });
  if (length < 1) return 'The first one must not be after the last one.';
  if (length > MAX_PERIODS[unit]) return `Give at most ${MAX_PERIODS[unit]} ${unit}s; these are ${length}.`;
  return undefined;
}

function readChoice(query: URLSearchParams): Choice | undefined {
  const [, digits = '', unit] = /^(\d{1,3})-(day|month)s$/.exec(query.get('last') ?? '') ?? [];
  const count = Number(digits);
  if ((unit === 'day' || unit === 'month') && count >= 1 && count <= MAX_PERIODS[unit]) return { unit, count };
  const from = query.get('from') ?? '';
  const to = query.get('to') ?? '';
  return problemOf(from, to) ? undefined : { unit: unitOf(from), from, to };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
