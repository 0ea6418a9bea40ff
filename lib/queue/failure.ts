/**
 * Why a message was not counted. `permanent`: it never will be, however often it is received, so it belongs in the
 * dead-letter queue at once. `transient`: not now, but it may be at the next receive.
 */
export class MessageFailure extends Error {
  constructor(
    readonly kind: 'permanent' | 'transient',
    reason: string,
    options?: ErrorOptions,
  ) {
    super(reason, options);
    this.name = 'MessageFailure';
  }
}
