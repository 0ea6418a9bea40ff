/** A key holds something that the pipeline never writes: nothing heals it but a person. */
export class DamagedKeyError extends Error {
  override readonly name = 'DamagedKeyError';

  constructor(readonly key: string) {
    super(`${key} holds something else than it should`);
  }
}

/** Whether the error of a command is only about the type of the key, not about Redis or the connection. */
const isWrongType = (error: unknown): boolean => error instanceof Error && error.message.startsWith('WRONGTYPE');

/** What the error of a command on a key means: {@link DamagedKeyError} where it is about the key, else the error itself. */
export const damageOf = (key: string, error: Error): Error => (isWrongType(error) ? new DamagedKeyError(key) : error);
