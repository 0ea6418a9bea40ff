/** A key holds something that the pipeline never writes: nothing heals it but a person. */
export class CorruptKeyError extends Error {
  override readonly name = 'CorruptKeyError';

  constructor(readonly key: string) {
    super(`${key} holds something else than it should`);
  }
}

/** Whether the error of a command is only about the type of the key, not about Redis or the connection. */
const isWrongType = (error: unknown): boolean => error instanceof Error && error.message.startsWith('WRONGTYPE');

/** What the error of a command on a key means: {@link CorruptKeyError} where it is about the key, else the error itself. */
export const corruptionOf = (key: string, error: Error): Error =>
  isWrongType(error) ? new CorruptKeyError(key) : error;
