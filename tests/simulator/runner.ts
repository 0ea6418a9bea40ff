import { Code } from './code.ts';
import { type Schedule, scheduleOf } from './schedule.ts';
import { shrink } from './shrink.ts';
import { type Outcome, simulate } from './simulation.ts';
import { Targets } from './target.ts';

/** What a schedule is found by. */
export type Task = { readonly seed: number; readonly days?: number | undefined };

/** How the schedule of a task went. */
export type Result = {
  /** What was wrong; undefined where nothing was. */
  readonly failure: string | undefined;
  readonly digest: string;
  /** Virtual milliseconds that it took. */
  readonly length: number;
};

/** Of these seeds the schedule is run twice, to see whether the same happens. */
const TWICE_EVERY = 50;
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
  async run({ seed, days }: Task, isAlwaysTwice = false): Promise<Result> {
    const schedule = scheduleOf(seed, days);
    const { failure, digest, length } = await this.#simulate(schedule);
    if (failure === undefined && (isAlwaysTwice || (seed % TWICE_EVERY === 0 && days === undefined))) {
      const again = await this.#simulate(schedule);
      if (again.digest !== digest) return { failure: `two runs differ: ${digest}, ${again.digest}`, digest, length };
    }
    return { failure, digest, length };
  }

  /** Makes the schedule of a task that fails as small as it can, and describes it in lines of text. */
  async explain({ seed, days }: Task): Promise<string> {
    const fails = async (schedule: Schedule) => (await this.#simulate(schedule)).failure !== undefined;
    const schedule = scheduleOf(seed, days);
    const { failure, length } = await this.#simulate(schedule);
    if (failure === undefined) return 'It does not happen again: something else on this machine had a part in it.';
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
