/** A message and its state in SQS. */
export type Message = {
  readonly id: string;
  readonly body: string;
  receives: number;
  state: 'waiting' | 'deleted' | 'dead';
};

/** A model of an SQS queue with a dead-letter queue: at-least-once, with a visibility timeout and maxReceiveCount. */
export class Queue {
  readonly #visible: Message[] = [];
  readonly #all: Message[] = [];

  constructor(
    private readonly visibilityMs: number,
    private readonly maxReceiveCount: number,
  ) {}

  send(id: string, body: string): void {
    const message: Message = { id, body, receives: 0, state: 'waiting' };
    this.#all.push(message);
    this.#visible.push(message);
  }

  /** Receives visible messages and hides them for the visibility timeout. With `isTwice`, another consumer gets them too. */
  receive(limit: number, isTwice: boolean): Message[] {
    const batch: Message[] = [];
    while (batch.length < limit) {
      const message = this.#visible.shift();
      if (!message) break;
      if (message.state !== 'waiting' || batch.includes(message)) continue;
      if (message.receives === this.maxReceiveCount) {
        message.state = 'dead';
        continue;
      }
      message.receives += 1;
      batch.push(message);
    }
    for (const message of batch) {
      if (isTwice) this.#visible.push(message);
      setTimeout(() => this.#visible.push(message), this.visibilityMs);
    }
    return batch;
  }

  /** Deletes a message, even if another consumer has received it since. */
  delete(message: Message): void {
    if (message.state === 'waiting') message.state = 'deleted';
  }

  /** Whether all messages are deleted or dead. */
  get isEmpty(): boolean {
    return this.#all.every(({ state }) => state !== 'waiting');
  }

  get messages(): readonly Message[] {
    return this.#all;
  }
}
