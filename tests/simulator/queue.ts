import { pickNumber, type Random } from '../../scripts/shared/random.ts';
import type { World } from './world.ts';

/** Attributes of a message by name, all strings. */
export type Attributes = Readonly<Record<string, string>>;

/** A message of a queue, as the queue sees it. */
export type Message = {
  readonly id: string;
  readonly body: string;
  readonly attributes: Attributes;
  readonly sentAt: number;
  receives: number;
  visibleAt: number;
  /** The latest receipt handle. */
  handle: string;
};

/** What is handed out of a message: it does not change any more. */
export type Received = Readonly<Message>;

const RETENTION_MS = 14 * 86_400_000;
const SECOND = 1000;

/** How a queue is set up. */
export type QueueSettings = {
  readonly visibilitySeconds: number;
  /** Where messages go that were received so often. */
  readonly deadLetters?: { readonly queue: SimulatedQueue; readonly maxReceiveCount: number };
  /** How often a message is delivered twice, or comes back although it was deleted. */
  readonly duplicates: number;
};

/**
 * A standard queue of SQS: it delivers at least once, in any order, and again where nothing was deleted in time.
 */
export class SimulatedQueue {
  readonly #messages = new Map<string, Message>();
  readonly #random: Random;
  #handles = 0;
  /** Told whenever a message becomes visible, and when. */
  onVisible: (at: number) => void = () => {};

  constructor(
    readonly name: string,
    private readonly world: World,
    private readonly settings: QueueSettings,
  ) {
    this.#random = world.random(`queue ${name}`);
  }

  get messages(): readonly Message[] {
    return [...this.#messages.values()];
  }

  get arn(): string {
    return `arn:aws:sqs:us-east-1:000000000000:${this.name}`;
  }

  get url(): string {
    return `http://sqs/000000000000/${this.name}`;
  }

  /** @param sentAt when it was sent first: it counts for how long it is kept */
  send(id: string, body: string, attributes: Attributes = {}, sentAt = this.world.now): void {
    const message: Message = { id, body, attributes, sentAt, receives: 0, visibleAt: this.world.now, handle: '' };
    this.#messages.set(id, message);
    this.onVisible(this.world.now);
  }

  /** Hands out messages that are visible, in any order. */
  receive(most: number, visibilitySeconds = this.settings.visibilitySeconds): Received[] {
    const { now } = this.world;
    const visible = this.messages.filter(({ visibleAt }) => visibleAt <= now);
    const received: Received[] = [];
    for (const message of shuffled(visible, this.#random)) {
      if (received.length === most) break;
      if (this.#isExpired(message) || this.#isDead(message)) continue;
      message.receives += 1;
      message.handle = `${this.name}-${this.#handles++}`;
      received.push({ ...message });
      if (this.#random() >= this.settings.duplicates) this.#hide(message, now + visibilitySeconds * SECOND);
      // Else somebody else receives it as well.
    }
    return received;
  }

  #isExpired({ id, sentAt }: Message): boolean {
    if (this.world.now - sentAt <= RETENTION_MS) return false;
    this.#messages.delete(id);
    this.world.note(`${id} was in ${this.name} for 14 days and is deleted`);
    return true;
  }

  #isDead({ id, body, attributes, sentAt, receives }: Message): boolean {
    const { deadLetters } = this.settings;
    if (!deadLetters || receives < deadLetters.maxReceiveCount) return false;
    this.#messages.delete(id);
    deadLetters.queue.send(id, body, attributes, sentAt);
    this.world.note(`${id} moves to ${deadLetters.queue.name}`);
    return true;
  }

  /** @returns whether it was known under this handle */
  delete(handle: string): boolean {
    const message = this.#find(handle);
    if (!message) return false;
    // A server of SQS that did not hear of it gives it out again.
    if (this.#random() < this.settings.duplicates)
      this.#hide(message, this.world.now + pickNumber(this.#random, 600) * SECOND);
    else this.#messages.delete(message.id);
    return true;
  }

  /** Takes a message away for good, whoever has received it. */
  remove(id: string): void {
    this.#messages.delete(id);
  }

  /** @returns whether it was known under this handle */
  changeVisibility(handle: string, seconds: number): boolean {
    const message = this.#find(handle);
    if (message) this.#hide(message, this.world.now + seconds * SECOND);
    return message !== undefined;
  }

  #find(handle: string): Message | undefined {
    return this.messages.find((message) => message.handle === handle);
  }

  #hide(message: Message, until: number): void {
    message.visibleAt = until;
    this.onVisible(until);
  }
}

/** A list in an order that chance decides. */
export function shuffled<T>(list: readonly T[], random: Random): T[] {
  const items = [...list];
  for (let n = items.length - 1; n > 0; n--) {
    const other = pickNumber(random, n + 1);
    [items[n], items[other]] = [items[other] as T, items[n] as T];
  }
  return items;
}
