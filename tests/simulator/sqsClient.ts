import type { Random } from '../../scripts/shared/random.ts';
import type { SimulatedQueue } from './queue.ts';
import type { Actor, World } from './world.ts';

/** How SQS answers: not at all, with an error, or as usual. `answerLost`: it does what it is asked, and says nothing. */
export type SqsState = 'up' | 'failing' | 'silent' | 'answerLost';

/** A change of the visibility of a message that somebody asked for. */
export type VisibilityChange = { readonly actor: Actor; readonly handle: string; readonly seconds: number };

type Entry = {
  Id: string;
  ReceiptHandle: string;
  VisibilityTimeout: number;
  MessageBody: string;
  MessageAttributes?: Sent;
};
type Sent = Record<string, { DataType?: string; StringValue?: string }>;

/** What any of the commands may say. */
type Input = {
  QueueUrl: string;
  QueueName: string;
  SourceArn: string;
  DestinationArn: string;
  MaxNumberOfMessages: number;
  VisibilityTimeout: number;
  Entries: Entry[];
};

/** Two attempts, each until the client gives up. */
const GIVES_UP_MS = 4000;
const FAILS_MS = 100;
/** Of each move of a dead letter by SQS itself. */
const MOVE_MS = 20;

/** SQS as the SDK shows it to code in the simulation. */
export class SimulatedSqs {
  state: SqsState = 'up';
  onVisibilityChange: (change: VisibilityChange) => void = () => {};
  onSend: (id: string, from: SimulatedQueue) => void = () => {};
  readonly #random: Random;
  #sent = 0;
  #moves: { source: string; moved: number; isDone: boolean }[] = [];

  constructor(
    private readonly world: World,
    private readonly queues: readonly SimulatedQueue[],
  ) {
    this.#random = world.random('SQS');
  }

  /** The module `@aws-sdk/client-sqs`. */
  get module(): Record<string, unknown> {
    const sqs = this;
    const commands = Object.fromEntries(
      COMMANDS.map((name) => [
        `${name}Command`,
        class {
          readonly name = name;
          constructor(readonly input: Input) {}
        },
      ]),
    );
    return {
      ...commands,
      QueueDoesNotExist: class extends Error {},
      SQSClient: class {
        send(command: { name: (typeof COMMANDS)[number]; input: Input }): Promise<unknown> {
          return sqs.#answer(command.name, command.input);
        }
      },
    };
  }

  #answer(name: (typeof COMMANDS)[number], input: Input): Promise<unknown> {
    const { world } = this;
    const actor = world.current;
    if (!actor) throw new Error('Nobody calls SQS');
    if (name === 'ChangeMessageVisibilityBatch') {
      for (const { ReceiptHandle: handle, VisibilityTimeout: seconds } of input.Entries) {
        this.onVisibilityChange({ actor, handle, seconds });
      }
    }
    return new Promise((resolve, reject) => {
      const fail = (ms: number) => world.after(ms, () => reject(new Error('SQS does not answer')), { actor });
      const act = (ms: number, answer: (result: unknown) => void) =>
        world.after(ms / 2, () => {
          const result = this.#do(name, input);
          world.after(ms / 2, () => answer(result), { actor });
        });
      if (this.state === 'failing') fail(FAILS_MS);
      else if (this.state === 'silent') fail(GIVES_UP_MS);
      else if (this.state === 'answerLost') act(FAILS_MS, () => fail(GIVES_UP_MS));
      else act(5 + this.#random() * 20, resolve);
    });
  }

  #do(name: (typeof COMMANDS)[number], input: Input): unknown {
    const queue = this.queues.find(
      ({ url, name, arn }) => url === input.QueueUrl || name === input.QueueName || arn === input.SourceArn,
    );
    if (!queue) throw new Error(`There is no queue for ${JSON.stringify(input)}`);
    const each = (act: (entry: Entry) => boolean) => {
      const [Successful, Failed]: { Id: string; MessageId?: string }[][] = [[], []];
      for (const entry of input.Entries) (act(entry) ? Successful : Failed)?.push({ Id: entry.Id });
      return { Successful, Failed };
    };
    switch (name) {
      case 'ChangeMessageVisibilityBatch':
        return each(({ ReceiptHandle, VisibilityTimeout }) => queue.changeVisibility(ReceiptHandle, VisibilityTimeout));
      case 'DeleteMessageBatch':
        return each(({ ReceiptHandle }) => queue.delete(ReceiptHandle));
      case 'ReceiveMessage':
        return {
          Messages: queue.receive(input.MaxNumberOfMessages, input.VisibilityTimeout).map((message) => ({
            MessageId: message.id,
            Body: message.body,
            ReceiptHandle: message.handle,
            Attributes: { SentTimestamp: `${message.sentAt}`, ApproximateReceiveCount: `${message.receives}` },
            MessageAttributes: Object.fromEntries(
              Object.entries(message.attributes).map(([key, value]) => [
                key,
                { DataType: 'String', StringValue: value },
              ]),
            ),
          })),
        };
      case 'SendMessageBatch': {
        const Successful = input.Entries.map(({ Id, MessageBody, MessageAttributes = {} }) => {
          const MessageId = `again-${this.#sent++}`;
          const attributes = Object.entries(MessageAttributes).map(([key, { StringValue = '' }]) => [key, StringValue]);
          queue.send(MessageId, MessageBody, Object.fromEntries(attributes));
          this.onSend(MessageId, queue);
          return { Id, MessageId };
        });
        return { Successful, Failed: [] };
      }
      case 'GetQueueAttributes':
        return {
          Attributes: {
            QueueArn: queue.arn,
            ApproximateNumberOfMessages: `${queue.messages.filter(({ visibleAt }) => visibleAt <= this.world.now).length}`,
            ApproximateNumberOfMessagesNotVisible: `${queue.messages.filter(({ visibleAt }) => visibleAt > this.world.now).length}`,
            ApproximateNumberOfMessagesDelayed: '0',
          },
        };
      case 'GetQueueUrl':
        return { QueueUrl: queue.url };
      case 'StartMessageMoveTask':
        return this.#move(queue, this.queues.find(({ arn }) => arn === input.DestinationArn) ?? queue);
      case 'ListMessageMoveTasks': {
        const move = this.#moves.findLast(({ source }) => source === queue.arn);
        return {
          Results: move && [
            { Status: move.isDone ? 'COMPLETED' : 'RUNNING', ApproximateNumberOfMessagesMoved: move.moved },
          ],
        };
      }
    }
  }

  #move(from: SimulatedQueue, to: SimulatedQueue): { TaskHandle: string } {
    const move = { source: from.arn, moved: 0, isDone: false };
    this.#moves.push(move);
    // Not those that come back meanwhile: two thousand that never count would be moved for ever.
    const most = from.messages.length;
    const next = () => {
      const [message] = move.moved < most ? from.receive(1) : [];
      move.isDone = !message;
      if (!message) return;
      from.remove(message.id);
      to.send(message.id, message.body, message.attributes);
      move.moved += 1;
      this.world.after(MOVE_MS, next);
    };
    this.world.after(MOVE_MS, next);
    return { TaskHandle: `move-${this.#moves.length}` };
  }
}

const COMMANDS = [
  'ChangeMessageVisibilityBatch',
  'DeleteMessageBatch',
  'ReceiveMessage',
  'SendMessageBatch',
  'GetQueueAttributes',
  'GetQueueUrl',
  'StartMessageMoveTask',
  'ListMessageMoveTasks',
] as const;
