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
  /** Why the address shows nothing, as a sentence. */
  readonly problem?: string | undefined;
};

export const isRecent = (choice: Recent | Range): choice is Recent => 'count' in choice;

export function parseAddress(hash: string): Address {
  const [path = '', query = ''] = hash.replace(/^#/, '').split('?', 2);
  const [, id] = /^\/users\/(.+)$/.exec(path) ?? [];
  if (id === undefined && path !== '' && path !== '/') return { problem: `There is nothing at ${path}.` };
  const userId = id === undefined ? undefined : decode(id);
  if (id !== undefined && userId === undefined) return { problem: `The user id ${id} is not well encoded.` };
  return { userId, ...readChoice(new URLSearchParams(query)) };
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
  if (unitOf(from) !== unitOf(to)) return 'Both must be days, or both months.';
  const unit = unitOf(from);
  const length = lengthOf({ unit, from, to });
  if (length < 1) return 'The start must not be after the end.';
  return tooLong(unit, length);
}

function tooLong(unit: Unit, length: number): string | undefined {
  const most = MAX_PERIODS[unit];
  return length > most ? `The range may span at most ${most} ${unit}s, not ${length}.` : undefined;
}

function readChoice(query: URLSearchParams): Pick<Address, 'choice' | 'problem'> {
  const names = [...query.keys()].join();
  if (names === '') return {};
  if (names === 'range' && query.get('range') === ALL) return { choice: ALL };
  const [, digits = '', unit] = /^(\d{1,4})-(day|month)s$/.exec(query.get('last') ?? '') ?? [];
  const count = Number(digits);
  if (names === 'last' && (unit === 'day' || unit === 'month') && count >= 1) {
    const problem = tooLong(unit, count);
    return problem === undefined ? { choice: { unit, count } } : { problem };
  }
  const [from, to] = [query.get('from') ?? '', query.get('to') ?? ''];
  if ((names === 'from,to' || names === 'to,from') && isPeriod(from) && isPeriod(to)) {
    const problem = problemOf(from, to);
    return problem === undefined ? { choice: { unit: unitOf(from), from, to } } : { problem };
  }
  return { problem: `${query} is no range. A range is last=30-days, from=2026-01-31&to=2026-03-31 or range=all.` };
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
