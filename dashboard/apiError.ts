/** Why there are no figures, as a sentence. */
export class ApiError extends Error {}

/** The API knows no such user, or refuses the id: the others can be read all the same. */
export class Refusal extends ApiError {}

/** The API wants a key, or another one. */
export class KeyNeeded extends ApiError {
  /** @param isKeyRefused whether there was a key, and it was refused */
  constructor(readonly isKeyRefused: boolean) {
    super('The API needs a key.');
  }
}
