/** A key holds something that the pipeline never writes: nothing heals it but a person. */
export class DamagedKey extends Error {
  override readonly name = 'DamagedKey';

  constructor(readonly key: string) {
    super(`${key} holds something else than it should`);
  }
}

/** What the error of a command on a key means: {@link DamagedKey} where it is about the key, else the error itself. */
export const damageOf = (key: string, error: Error): Error =>
  error.message.startsWith('WRONGTYPE') ? new DamagedKey(key) : error;
