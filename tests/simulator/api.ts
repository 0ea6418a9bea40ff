import { isDeepStrictEqual } from 'node:util';
import { type Range as Least, MESSAGE_FIELDS, type MessageField, type ShardModel } from '../support/model.ts';
import { byRank, type Ranked, type Total, ZERO } from '../support/modelTotals.ts';
import type { FunctionName } from './code.ts';
import type { Ending, Invocation, LambdaFunction } from './lambda.ts';
import type { Watch } from './network.ts';
import { getEvent } from './requests.ts';
import type { World } from './world.ts';

/** Months from one to another, as `YYYY-MM`. */
type Range = { readonly from: string; readonly to: string };

/** A request to the API. */
export type Route =
  | { readonly kind: 'global'; readonly range?: Range }
  | { readonly kind: 'user'; readonly userId: string; readonly range?: Range }
  | { readonly kind: 'top'; readonly limit: number }
  | { readonly kind: 'overview' }
  | { readonly kind: 'pipeline' }
  | { readonly kind: 'health' };

const FUNCTION_OF: Readonly<Record<Route['kind'], FunctionName>> = {
  global: 'getGlobalStats',
  user: 'getUserStats',
  top: 'getTopUsers',
  overview: 'getOverview',
  pipeline: 'getPipeline',
  health: 'getHealth',
};

/** What a shard holds of what was asked, when it was asked. */
type Part = {
  readonly totals: ReadonlyMap<string, Total>;
  readonly top: readonly Ranked[];
  readonly messages: ReadonlyMap<MessageField, Least>;
  readonly lastCounted: number;
  readonly days: ReadonlyMap<string, Total>;
  readonly hours: ReadonlyMap<string, Total>;
  /** The first hour that it must have. */
  readonly hoursSince: string | undefined;
};

/** `isBehind`: whether a replica was read that its primary does not reach, as a reader may that was connected before. */
type Reading = { readonly route: Route; readonly parts: Map<string, Part>; isBehind: boolean };

/** Longest that a caller waits for an answer. */
const LONGEST_MS = 1000;

/** Those that use the API, and compare each answer with the model at the moment at which Redis was read. */
export class Api {
  #running = 0;

  constructor(
    private readonly place: {
      readonly world: World;
      readonly shards: ReadonlyMap<string, ShardModel>;
      readonly functions: ReadonlyMap<FunctionName, LambdaFunction>;
      /** Whether something was wrong with Redis or the network since a time. */
      readonly wasDisturbed: (since: number) => boolean;
    },
  ) {}

  get isIdle(): boolean {
    return this.#running === 0;
  }

  /** Asks; resolves when the answer is checked. */
  ask(route: Route): Promise<void> {
    const { functions } = this.place;
    const reading: Reading = { route, parts: new Map(), isBehind: false };
    this.#running += 1;
    return new Promise((resolve) => {
      functions.get(FUNCTION_OF[route.kind])?.invoke(eventOf(route), reading, (ending, invocation) => {
        this.#running -= 1;
        this.#check(reading, ending, invocation);
        resolve();
      });
    });
  }

  /** Follows a request of a container that reads. */
  watch(task: unknown, request: readonly Buffer[]): Watch | undefined {
    if (!isReading(task)) return undefined;
    const parts = request.map(String);
    const key = /^EVAL/i.test(parts[0] ?? '') ? parts[3] : parts[1];
    const prefix = /^(\{\d+\}:)?(?=user:|global:(?!dead-letters))/.exec(key ?? '')?.[0];
    const shard = prefix === undefined ? undefined : this.place.shards.get(prefix);
    if (prefix === undefined || !shard) return undefined;
    let part: Part;
    return {
      executed: (reply, node) => {
        if (node.isCutOff) task.isBehind = true;
        if (!(reply instanceof Error)) part = partOf(shard, task.route);
      },
      arrived: () => {
        if (part) task.parts.set(prefix, part);
      },
    };
  }

  #check({ route, parts, isBehind }: Reading, ending: Ending, invocation: Invocation): void {
    const { world, wasDisturbed, shards } = this.place;
    if (ending.kind === 'lost') return;
    const what = JSON.stringify(route);
    if (ending.kind === 'error') {
      world.violate(`${what} threw ${ending.error}`);
      return;
    }
    const { statusCode, body } = ending.response as { statusCode: number; body: string };
    const took = invocation.endedAt - invocation.startedAt;
    if (took > LONGEST_MS && !invocation.wasStarved) world.violate(`${what} took ${Math.round(took)} ms`);
    if (statusCode === 503) {
      if (!invocation.wasStarved && !wasDisturbed(invocation.startedAt))
        world.violate(`${what} was answered 503 without a reason`);
      return;
    }
    if (isBehind) return;
    const isOfAll = route.kind !== 'user' && route.kind !== 'health';
    if (isOfAll && parts.size < shards.size && !wasDisturbed(invocation.startedAt)) {
      world.violate(`${what} was answered from ${parts.size} of ${shards.size} shards`);
      return;
    }
    if ((route.kind === 'pipeline' || route.kind === 'overview') && statusCode === 200) {
      const isExcused = invocation.wasStarved || wasDisturbed(invocation.startedAt);
      const wrongIn = route.kind === 'pipeline' ? wrongInPipeline : wrongInOverview;
      const wrong = wrongIn(JSON.parse(body), [...parts.values()], isExcused);
      if (wrong) world.violate(`${what} was answered ${body}: ${wrong}`);
      return;
    }
    const expected = answerOf(route, [...parts.values()]);
    if (statusCode !== expected.status) {
      world.violate(`${what} was answered ${statusCode}: ${body}`);
    } else if (expected.body && !isDeepStrictEqual(JSON.parse(body), expected.body)) {
      world.violate(`${what} was answered ${body}, not ${JSON.stringify(expected.body)}`);
    }
  }
}

const isReading = (task: unknown): task is Reading => typeof task === 'object' && task !== null && 'route' in task;

function eventOf(route: Route) {
  switch (route.kind) {
    case 'global':
      return getEvent(null, route.range);
    case 'user':
      return getEvent({ user_id: route.userId }, route.range);
    case 'top':
      return getEvent(null, { limit: `${route.limit}` });
    case 'overview':
    case 'pipeline':
    case 'health':
      return getEvent(null);
  }
}

const NOTHING: Part = {
  totals: new Map(),
  top: [],
  messages: new Map(),
  lastCounted: 0,
  days: new Map(),
  hours: new Map(),
  hoursSince: undefined,
};

/** Users that the overview shows. */
const TOP = 10;

function partOf(shard: ShardModel, route: Route): Part {
  switch (route.kind) {
    case 'global':
      return { ...NOTHING, totals: new Map(shard.months) };
    case 'user':
      return { ...NOTHING, totals: new Map(shard.users.get(route.userId)) };
    case 'top': {
      return { ...NOTHING, top: shard.ranking.slice(0, route.limit) };
    }
    case 'pipeline':
      return { ...NOTHING, ...resultsOf(shard) };
    case 'overview':
      return {
        ...resultsOf(shard),
        totals: new Map(shard.months),
        days: new Map(shard.days),
        hours: new Map(shard.hours),
        hoursSince: shard.hoursSince,
        top: shard.ranking.slice(0, TOP),
      };
    case 'health':
      return NOTHING;
  }
}

const resultsOf = (shard: ShardModel) => ({
  messages: new Map(MESSAGE_FIELDS.map((field) => [field, shard.messages(field)])),
  lastCounted: shard.lastCounted ?? 0,
});

/** What the API must answer, by the contract. */
function answerOf(route: Route, parts: readonly Part[]): { status: number; body?: object } {
  switch (route.kind) {
    case 'overview':
    case 'pipeline':
    case 'health':
      return { status: 200 };
    case 'top':
      return { status: 200, body: { users: topOf(parts, route.limit) } };
    case 'global': {
      const stats = ({ orders, cents }: Total, ofRange: object) => ({
        total_orders: orders,
        total_revenue: cents / 100,
        ...(route.range && { total_revenue_cents: cents }),
        ...ofRange,
      });
      return { status: 200, body: statsOf(route.range, parts, stats) };
    }
    case 'user': {
      if (!parts.some(({ totals }) => totals.has(''))) return { status: 404 };
      const stats = ({ orders, cents }: Total, ofRange: object) => ({
        user_id: route.userId,
        order_count: orders,
        total_spend: cents / 100,
        ...(route.range && { total_spend_cents: cents, all_time: allTimeOf(parts) }),
        ...ofRange,
      });
      return { status: 200, body: statsOf(route.range, parts, stats) };
    }
  }
}

const topOf = (parts: readonly Part[], limit: number): object[] =>
  parts
    .flatMap(({ top }) => top)
    .sort(byRank)
    .slice(0, limit)
    .map(({ userId, orders, cents }, n) => ({
      rank: n + 1,
      user_id: userId,
      total_spend: cents / 100,
      total_spend_cents: cents,
      order_count: orders,
    }));

type Period = { period: string; orders: number; revenue_cents: number };

type Overview = {
  total_orders: number | null;
  total_revenue_cents: number;
  hours: Period[];
  days: Period[];
  top_users: object[];
  pipeline: Pipeline;
};

/** What is wrong in the overview; parts of it may be null while something is wrong with Redis or SQS. */
function wrongInOverview(overview: Overview, parts: readonly Part[], isExcused: boolean): string | undefined {
  const { total_orders, total_revenue_cents, hours, days, top_users, pipeline } = overview;
  if (total_orders === null) return isExcused ? undefined : 'there are no statistics';
  const total = (of: (part: Part) => ReadonlyMap<string, Total>, period: string) =>
    parts.map((part) => of(part).get(period) ?? ZERO).reduce(plus, ZERO);
  const { orders, cents } = total(({ totals }) => totals, '');
  if (orders !== total_orders || cents !== total_revenue_cents) return `not ${orders} orders with ${cents} cents`;
  const wrongPeriod = (periods: readonly Period[], of: (part: Part) => ReadonlyMap<string, Total>) =>
    periods.find(({ period, orders, revenue_cents }) => {
      const right = total(of, period);
      return orders !== right.orders || revenue_cents !== right.cents;
    });
  const sinces = parts.map(({ hoursSince }) => hoursSince ?? '9999');
  const complete = hours.filter(({ period }) => sinces.every((since) => period >= since));
  const wrong = wrongPeriod(days, (part) => part.days) ?? wrongPeriod(complete, (part) => part.hours);
  if (wrong) return `${wrong.period} is wrong`;
  if (!isDeepStrictEqual(top_users, topOf(parts, TOP))) return `not the users ${JSON.stringify(topOf(parts, TOP))}`;
  return wrongInPipeline(pipeline, parts, isExcused);
}

type Pipeline = {
  messages: Record<MessageField, number> | null;
  queue: object | null;
  dead_letters: object | null;
  last_count: { at: string } | null;
};

/** What is wrong in the state of the pipeline; parts of it may be null while something is wrong with Redis or SQS. */
function wrongInPipeline(state: Pipeline, parts: readonly Part[], isExcused: boolean): string | undefined {
  if (!isExcused && (!state.messages || !state.queue || !state.dead_letters)) return 'a part is missing';
  if (!state.messages) return undefined;
  for (const field of MESSAGE_FIELDS) {
    const ranges = parts.map(({ messages }) => messages.get(field) ?? { least: 0, most: 0 });
    const [least, most] = [sum(ranges.map((range) => range.least)), sum(ranges.map((range) => range.most))];
    const count = state.messages[field];
    if (!(count >= least && count <= most)) return `${count} ${field}, not ${least} to ${most}`;
  }
  const last = Math.max(0, ...parts.map(({ lastCounted }) => lastCounted));
  const at = last > 0 ? new Date(last * 1000).toISOString() : undefined;
  return state.last_count?.at === at ? undefined : `last counted at ${at}`;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

function statsOf(
  range: Range | undefined,
  parts: readonly Part[],
  toStats: (total: Total, ofRange: object) => object,
): object {
  const sums = new Map<string, Total>();
  for (const { totals } of parts) for (const [field, total] of totals) sums.set(field, plus(sums.get(field), total));
  if (!range) return toStats(sums.get('') ?? ZERO, {});
  const months = monthsOf(range).map((period) => ({ period, total: sums.get(period) ?? ZERO }));
  const series = months.map(({ period, total: { orders, cents } }) => ({
    period,
    orders,
    revenue_cents: cents,
    revenue: cents / 100,
  }));
  const total = months.map(({ total }) => total).reduce(plus, ZERO);
  return toStats(total, { ...range, granularity: 'month', currency: 'USD', series });
}

function allTimeOf(parts: readonly Part[]): object {
  const { orders, cents } = parts.map(({ totals }) => totals.get('') ?? ZERO).reduce(plus, ZERO);
  return { order_count: orders, total_spend: cents / 100, total_spend_cents: cents };
}

function monthsOf({ from, to }: Range): string[] {
  const months: string[] = [];
  for (const month = new Date(from); ; month.setUTCMonth(month.getUTCMonth() + 1)) {
    const name = month.toISOString().slice(0, 7);
    if (name > to) return months;
    months.push(name);
  }
}

const plus = (one: Total = ZERO, other: Total): Total => ({
  orders: one.orders + other.orders,
  cents: one.cents + other.cents,
});
