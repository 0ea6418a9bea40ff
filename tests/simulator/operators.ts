import type { Code, OperatorCode } from './code.ts';
import type { Network } from './network.ts';
import type { Command } from './operatorCode.ts';
import type { World } from './world.ts';

/** Operators at their terminals. Each command runs in its own process. */
export class Operators {
  #running = 0;
  #started = 0;

  constructor(
    private readonly place: {
      readonly world: World;
      readonly code: Code;
      readonly network: Network;
      readonly redisUrl: string;
    },
  ) {}

  get isIdle(): boolean {
    return this.#running === 0;
  }

  /** Runs a command on the dead-letter queue. It is not repeated if Redis or SQS makes it fail. */
  run(command: Command): void {
    const { world } = this.place;
    world.note(`OPERATOR dlq ${command}`);
    this.do((code) => code.runDlq(command)).then(
      () => world.note(`OPERATOR dlq ${command} has finished`),
      (error: unknown) => world.note(`OPERATOR dlq ${command}: ${error}`),
    );
  }

  /** Runs work in a new process. */
  async do<T>(work: (code: OperatorCode) => Promise<T>): Promise<T> {
    const { world, code, network, redisUrl } = this.place;
    const actor = world.newActor(`operator${this.#started++}`);
    this.#running += 1;
    try {
      return await new Promise<T>((resolve, reject) => {
        const begin = () => void work(code.startOperator(actor, redisUrl)).then(resolve, reject);
        world.after(1, begin, { actor });
      });
    } finally {
      this.#running -= 1;
      world.kill(actor);
      network.forget(actor);
    }
  }
}
