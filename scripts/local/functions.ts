import Lambda from 'serverless-offline/lambda';
import type { Serverless } from './service.ts';

/** The functions of the service in threads of their own, run by serverless-offline. */
export class LocalFunctions {
  readonly #lambda: Lambda;
  #stale = false;

  /** Once serverless-esbuild has bundled the functions: it then says where they are. */
  constructor({ service, ...rest }: Serverless) {
    const { location } = service.custom['serverless-offline'];
    this.#lambda = new Lambda({ service, ...rest }, { location });
    this.#lambda.create(
      Object.entries(service.functions).map(([functionKey, functionDefinition]) => ({
        functionKey,
        functionDefinition,
      })),
    );
  }

  /**
   * Runs a function.
   *
   * @returns what it returned
   * @throws what it threw, or an error after its timeout
   */
  async invoke(functionKey: string, event: unknown): Promise<unknown> {
    if (this.#stale) {
      this.#stale = false;
      await this.#lambda.cleanup();
    }
    const lambdaFunction = this.#lambda.get(functionKey);
    lambdaFunction.setEvent(event);
    try {
      return await lambdaFunction.runHandler();
    } catch (error) {
      // After a timeout its thread is gone, yet it would be used again.
      this.#stale = true;
      throw error;
    }
  }

  /** The next invocation loads the code anew. Not at once: that would cut off one in flight. */
  reload(): void {
    this.#stale = true;
  }

  stop(): Promise<void> {
    return this.#lambda.cleanup();
  }
}
