import type { Report } from './report.ts';
import { ratioOf, type Spread } from './statistics.ts';

/** What a run should come to. Ratios of figures of one run, as no two machines are alike. */
export type Goal = {
  readonly goal: string;
  readonly target: number;
  readonly actual: number;
  readonly isMet: boolean;
};

/** Compares a run with the goals; without those whose contender was missing. */
export function judge({ race, limit, growth, memory }: Report): Goal[] {
  const rate = (contender: string, batch: number, inFlight = 1): Spread | undefined =>
    race.find((r) => r.contender === contender && r.batch === batch && r.inFlight === inFlight)?.ordersPerSecond;
  const handler = rate('handler', 100);
  const fuller = [rate('handler', 1000), rate('handler', 100, 4)].map((result) => ratioOf(result, handler));
  const bytes = memory[0]?.bytesEach ?? Number.NaN;
  return [
    atLeast('batch 10, to Powertools', 4, ratioOf(rate('handler', 10), rate('Powertools', 10))),
    atLeast('batch 10, to one pipeline a batch', 2, ratioOf(rate('handler', 10), rate('pipeline', 10))),
    atLeast('batch 10, to awaited commands', 20, ratioOf(rate('handler', 10), rate('awaited', 10))),
    atLeast('batch 100, to Powertools', 5, ratioOf(handler, rate('Powertools', 100))),
    atLeast('batch 100, to one pipeline a batch', 2.5, ratioOf(handler, rate('pipeline', 100))),
    atLeast('batch 100, to awaited commands', 40, ratioOf(handler, rate('awaited', 100))),
    atLeast('batch 1000 or 4 in flight, to batch 100 with one', 1.33, Math.max(...fuller)),
    atLeast('counting alone with 4 in flight, to redis-benchmark', 0.5, ratioOf(rate('counting alone', 100, 4), limit)),
    atLeast('many orders remembered, to an empty Redis', 0.9, ratioOf(growth.full, growth.empty)),
    { goal: 'bytes an order remembered', target: 60, actual: bytes, isMet: bytes <= 60 },
  ].filter(({ actual }) => !Number.isNaN(actual));
}

const atLeast = (goal: string, target: number, actual: number): Goal => ({
  goal,
  target,
  actual,
  isMet: actual >= target,
});
