/** Calls in flight. */
export const CONCURRENCY = 8;

/** Most entries that SQS takes in a call. */
export const ENTRIES_A_CALL = 10;

/** Cuts what there is into the pieces that SQS takes in a call. */
export function chunksOf<T>(items: readonly T[]): T[][] {
  const chunks: T[][] = [];
  for (let start = 0; start < items.length; start += ENTRIES_A_CALL) {
    chunks.push(items.slice(start, start + ENTRIES_A_CALL));
  }
  return chunks;
}
