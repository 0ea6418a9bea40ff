/** A value in Redis that is not what the recount expects. */
export type Difference = {
  readonly key: string;
  /** Field of the hash, or member of the leaderboard; `type` when the key holds something else altogether. */
  readonly field: string;
  /** The value that should be there; null when there should be none. */
  readonly expected: string | null;
  /** The value as it is; null when there is none. */
  readonly actual: string | null;
  /** Whether the value is not even a number of its kind, e.g. an amount with 3 decimals. */
  readonly corrupt: boolean;
};

/** A key that is not of the type that it should be. */
export const wrongType = (key: string, type: string): Difference => ({
  key,
  field: 'type',
  expected: type,
  actual: `not a ${type}`,
  corrupt: true,
});

/** Whether the error of a command says that the key is of another type. */
export const isWrongType = (error: unknown): boolean => error instanceof Error && error.message.startsWith('WRONGTYPE');

/** The differences of users by key; those of a key in their order. */
export const byKey = (differences: readonly Difference[]): Difference[] =>
  differences.toSorted((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
