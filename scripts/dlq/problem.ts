/** Why the command cannot do what it should: one sentence without a stop, for people. */
export class Problem extends Error {}
