/** The message is a sentence for the user. */
export class ApiError extends Error {}

/** The user is unknown, or the id is not valid. Other requests still work. */
export class Refusal extends ApiError {}

export class KeyNeeded extends ApiError {
  /** @param isKeyRefused whether there was a key, and it was refused */
  constructor(readonly isKeyRefused: boolean) {
    super('The API needs a key.');
  }
}
