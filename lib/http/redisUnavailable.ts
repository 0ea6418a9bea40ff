/** Redis does not answer, or answers with an error; the cause says which. */
export class RedisUnavailable extends Error {
  override readonly name = 'RedisUnavailable';

  constructor(cause: unknown) {
    super('Redis could not be read', { cause });
  }
}
