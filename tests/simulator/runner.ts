import { Code } from './code.ts';
import { type Schedule, scheduleOf } from './schedule.ts';
import { shrink } from './shrink.ts';
import { type Outcome, simulate } from './simulation.ts';
import { Targets } from './target.ts';

/** What a schedule is found by, and whether to run it twice, to see whether the same happens. */
export type Task = {
  readonly seed: number;
  readonly days?: number | undefined;
  readonly isTwice?: boolean | undefined;
};

/** How the schedule of a task went. */
export type Result = {
  /** What was wrong; undefined where nothing was. */
  readonly failure: string | undefined;
  readonly digest: string;
  /** Virtual milliseconds that it took. */
  readonly length: number;
};

const SHRINK_MS = 60_000;
/** Lines of the trace of a small schedule that are shown. */
const SHOWN_LINES = 30;

/** Runs schedules, one after the other, on servers that it keeps. */
export class Runner {
  private constructor(
    private readonly code: Code,
    private readonly targets: Targets,
  ) {}

  static async start(): Promise<Runner> {
    return new Runner(await Code.load(), new Targets());
  }

  /** Runs the schedule of a seed. */
  async run({ seed, days, isTwice }: Task): Promise<Result> {
    const schedule = scheduleOf(seed, days);
    const { failure, digest, length, trace } = await this.#simulate(schedule);
    if (failure !== undefined || !isTwice) return { failure, digest, length };
    const again = await this.#simulate(schedule);
    return { failure: again.digest === digest ? undefined : differenceOf(trace, again.trace), digest, length };
  }

  /** Makes the schedule of a task that fails as small as it can, and describes it in lines of text. */
  async explain({ seed, days }: Task): Promise<string> {
    const fails = async (schedule: Schedule) => (await this.#simulate(schedule)).failure !== undefined;
    const schedule = scheduleOf(seed, days);
    const { failure, length } = await this.#simulate(schedule);
    if (failure === undefined) return NOT_AGAIN;
    const small = await shrink(schedule, fails, length, SHRINK_MS);
    return describe(small, await this.#simulate(small));
  }

  async stop(): Promise<void> {
    await this.targets.stop();
  }

  async #simulate(schedule: Schedule): Promise<Outcome> {
    return simulate(schedule, this.code, await this.targets.prepare(schedule.target, schedule.start));
  }
}

const NOT_AGAIN =
  'Run again, the schedule agrees with the model. Unless time ran out, something in the simulator does not follow from the seed.';

/** Where two runs of a schedule part. */
function differenceOf(trace: readonly string[], again: readonly string[]): string {
  const place = trace.findIndex((line, n) => line !== again[n]);
  const at = place < 0 ? trace.length : place;
  return `two runs differ: ${trace[at] ?? 'the first ends'}; ${again[at] ?? 'the second ends'}`;
}

function describe(schedule: Schedule, { failure, trace }: Outcome): string {
  const { target, batchSize, concurrency, duplicates, start } = schedule;
  const time = (at: number) => new Date(start + at).toISOString();
  const messages = schedule.messages.map(({ at, id, kind, body }) => `${time(at)} ${id}: ${kind} ${body}`);
  return [
    `target ${target}, batches of ${batchSize}, ${concurrency} at once, ${duplicates} delivered twice`,
    ...schedule.faults.map(({ at, ...fault }) => `${time(at)} fault ${JSON.stringify(fault)}`),
    ...schedule.commands.map(({ at, command }) => `${time(at)} operator ${command}`),
    ...schedule.requests.map(({ at, route }) => `${time(at)} request ${JSON.stringify(route)}`),
    ...messages.slice(0, SHOWN_LINES),
    ...(messages.length > SHOWN_LINES ? [`and ${messages.length - SHOWN_LINES} more messages`] : []),
    '--- what happened last',
    ...trace.slice(-SHOWN_LINES),
    `--- ${failure}`,
  ].join('\n');
}
