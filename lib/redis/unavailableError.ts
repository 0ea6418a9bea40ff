/** Redis does not answer, or answers with an error; the cause says which. */
export class RedisUnavailableError extends Error {
  override readonly name = 'RedisUnavailableError';

  constructor(cause: unknown) {
    super('Redis could not be read', { cause });
  }
}
