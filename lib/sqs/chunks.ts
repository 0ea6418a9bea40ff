/** Most messages that SQS takes or gives per call. */
export const MESSAGES_PER_CALL = 10;

/** Cuts a list into the pieces that SQS takes per call. */
export function chunksOf<T>(items: readonly T[]): T[][] {
  const chunks: T[][] = [];
  for (let start = 0; start < items.length; start += MESSAGES_PER_CALL) {
    chunks.push(items.slice(start, start + MESSAGES_PER_CALL));
  }
  return chunks;
}
