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

/** The answer to a batch call, as far as it says what went well. An entry that it does not mention has failed. */
type BatchAnswer = { readonly Successful?: readonly { readonly Id?: string | undefined }[] | undefined };

/**
 * Whether SQS has confirmed an entry.
 *
 * @param index - the place of the entry in its call, which is its id
 */
export const isConfirmed = ({ Successful = [] }: BatchAnswer, index: number): boolean =>
  Successful.some(({ Id }) => Id === `${index}`);

const CONTENT_ERRORS = ['BatchRequestTooLong', 'InvalidMessageContents', 'InvalidParameterValue'];

/** Whether the error of a whole call is about the messages in it: one of them, or all together. */
export const isAboutContent = (error: unknown): error is Error =>
  error instanceof Error && CONTENT_ERRORS.includes(error.name);
