/** What the answer to a batch call says of an entry, by the id of the entry: its place in the call. */
type Entry = { readonly Id?: string | undefined };

const isOf =
  (index: number) =>
  ({ Id }: Entry): boolean =>
    Id === `${index}`;

/** Whether SQS has confirmed an entry. One that the answer does not mention has failed. */
export const isConfirmed = (
  { Successful = [] }: { readonly Successful?: readonly Entry[] | undefined },
  index: number,
): boolean => Successful.some(isOf(index));

/** Why SQS has refused an entry, where the answer says so. */
export const refusalOf = <Refusal extends Entry>(
  { Failed = [] }: { readonly Failed?: readonly Refusal[] | undefined },
  index: number,
): Refusal | undefined => Failed.find(isOf(index));

const CONTENT_ERRORS = ['BatchRequestTooLong', 'InvalidMessageContents', 'InvalidParameterValue'];

/** Whether the error of a whole call is about the messages in it: one of them, or all together. */
export const isAboutContent = (error: unknown): error is Error =>
  error instanceof Error && CONTENT_ERRORS.includes(error.name);
