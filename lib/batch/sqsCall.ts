/** Most messages that SQS takes or gives in one call. */
export const MESSAGES_A_CALL = 10;

/** Cuts what there is into the pieces that SQS takes in a call. */
export function chunksOf<T>(items: readonly T[]): T[][] {
  const chunks: T[][] = [];
  for (let start = 0; start < items.length; start += MESSAGES_A_CALL) {
    chunks.push(items.slice(start, start + MESSAGES_A_CALL));
  }
  return chunks;
}
