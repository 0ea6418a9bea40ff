import { InvalidArgumentError } from 'commander';
import { NpmCommand } from '../../scripts/shared/npmCommand.ts';

/** What is to be simulated. */
export type Options = {
  /** The only schedule, or the first one. */
  readonly seed: number | undefined;
  /** How many schedules; undefined for the usual ones, or until the hours have passed. */
  readonly schedules: number | undefined;
  /** How long each schedule is, in days; undefined for short ones. */
  readonly days: number | undefined;
  /** For how long to go on. */
  readonly hours: number | undefined;
  /** Whether to run every schedule twice. */
  readonly twice: boolean;
};

function positive(text: string): number {
  if (!/^\d{1,9}(\.\d+)?$/.test(text)) throw new InvalidArgumentError('It must be a number above 0.');
  return Number(text);
}

function whole(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('It must be a whole number of up to 9 digits.');
  return Number(text);
}

/** Reads the arguments; ends the process with a message where they are wrong. */
export function readOptions(args: readonly string[]): Options {
  const {
    seed,
    schedules,
    days,
    hours,
    twice = false,
  } = new NpmCommand('simulate')
    .description(
      'Runs the pipeline in virtual time, with faults, and compares everything with a model. Without options: 400 short schedules and 3 of 100 days, other ones every day.',
    )
    .option('--seed <number>', 'run the schedule of this seed; with --schedules or --hours: begin with it', whole)
    .option('--schedules <number>', 'how many schedules', whole)
    .option('--days <number>', 'how many days each schedule is long (default: minutes to weeks)', whole)
    .option('--hours <number>', 'go on for this number of hours', positive)
    .option('--twice', 'run every schedule twice, and compare the two runs (default: one of 50)')
    .allowExcessArguments(false)
    .parse(args, { from: 'user' })
    .opts<Partial<Options>>();
  return { seed, schedules, days, hours, twice };
}
