/** A key holds something that the pipeline never writes: only a person can repair it. */
export class CorruptKeyError extends Error {
  override readonly name = 'CorruptKeyError';

  constructor(readonly key: string) {
    super(`${key} holds something else than it should`);
  }
}

/** Redis does not answer, or answers with an error; the cause says which. */
export class RedisUnavailableError extends Error {
  override readonly name = 'RedisUnavailableError';

  constructor(cause: unknown) {
    super('Redis could not be read', { cause });
  }
}

/** What the error of a command on a key means: {@link CorruptKeyError} where the key has another type, else the error itself. */
export const corruptionOf = (key: string, error: Error): Error =>
  error.message.startsWith('WRONGTYPE') ? new CorruptKeyError(key) : error;

/**
 * What Redis answers when it cannot serve a command now. Redis 7 gives the code of a refusal inside a script first,
 * Redis 6 behind a dash somewhere in the text. To a script that comes without the password Redis answers with a protocol
 * error, as the text of the script is more than it reads of a stranger.
 */
const TEMPORARY =
  /(^|-)(LOADING|READONLY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|OOM|BUSY|MISCONF|NOREPLICAS|MOVED|ASK|NOSCRIPT|NOAUTH|WRONGPASS|ERR Protocol error: unauthenticated) /;

/** Whether a later attempt may succeed: errors of the connection, and replies that Redis cannot serve a command now. */
export function isTemporary(error: unknown): boolean {
  const isReply = error instanceof Error && error.name === 'ReplyError';
  return !isReply || TEMPORARY.test(error.message);
}
