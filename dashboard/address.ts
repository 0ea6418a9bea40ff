import { isPeriod, lengthOf, MAX_PERIODS, type Range, type Unit, unitOf } from '../lib/stats/periods.ts';

/** The last `count` days or months, up to the current one. */
export type Recent = { readonly unit: Unit; readonly count: number };

/** All months with orders. */
export const ALL = 'all';

export type Choice = typeof ALL | Recent | Range;

/** The hash of the address: `#/users/U5678?last=12-months`, `#/?from=2026-01&to=2026-03`, `#/?range=all`. */
export type Address = {
  readonly userId?: string | undefined;
  /** If undefined, the page chooses a range with orders. */
  readonly choice?: Choice | undefined;
};

export const isRecent = (choice: Recent | Range): choice is Recent => 'count' in choice;

/** Ignores everything that it does not understand. */
export function parseAddress(hash: string): Address {
  const [path = '', query = ''] = hash.replace(/^#/, '').split('?', 2);
  const [, userId] = /^\/users\/(.+)$/.exec(path) ?? [];
  return { userId: userId === undefined ? undefined : decode(userId), choice: readChoice(new URLSearchParams(query)) };
}

export function formatAddress({ userId, choice }: Address): string {
  const path = userId === undefined ? '#/' : `#/users/${encodeURIComponent(userId)}`;
  if (!choice) return path;
  if (choice === ALL) return `${path}?range=all`;
  if (isRecent(choice)) return `${path}?last=${choice.count}-${choice.unit}s`;
  return `${path}?from=${choice.from}&to=${choice.to}`;
}

/** Why the API would refuse a range, as a sentence. */
export function problemOf(from: string, to: string): string | undefined {
  if (!isPeriod(from) || !isPeriod(to)) return 'Enter a start and an end date (1970 or later).';
  if (unitOf(from) !== unitOf(to)) return 'Enter two days or two months.';
  const unit = unitOf(from);
  const length = lengthOf({ unit, from, to });
  if (length < 1) return 'The start must not be after the end.';
  if (length > MAX_PERIODS[unit]) return `The range may span at most ${MAX_PERIODS[unit]} ${unit}s, not ${length}.`;
  return undefined;
}

function readChoice(query: URLSearchParams): Choice | undefined {
  if (query.get('range') === ALL) return ALL;
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
