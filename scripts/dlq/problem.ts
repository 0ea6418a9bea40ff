/** Why the command cannot do what it should: one sentence without a stop, for people. */
export class Problem extends Error {}

/** What an error says, whatever it is. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
