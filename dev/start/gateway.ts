import Lambda from 'serverless-offline/lambda';
import * as v from 'valibot';
import type { GatewayResponse, Serverless } from './service.ts';

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

/** What is used of hapi, the HTTP server of serverless-offline. */
type HttpServer = {
  ext(event: 'onPreResponse', method: (request: HttpRequest, toolkit: Toolkit) => unknown): void;
};
type HttpRequest = { readonly path: string; readonly route: { readonly path: string }; readonly response: unknown };
type Toolkit = {
  readonly continue: symbol;
  response(body: string): HttpResponse;
  redirect(path: string): HttpResponse;
};
type HttpResponse = {
  code(status: number): HttpResponse;
  header(name: string, value: string): HttpResponse;
};

const ServerlessOffline = v.object({
  internals: v.custom<() => { getApiGatewayServer(): HttpServer }>((value) => typeof value === 'function'),
});

/** The path of the route that serverless-offline adds for all that has no other. */
const ANYTHING_ELSE = '/{p*}';

/** hapi's own answer to what it does not understand, such as a path that is no percent-encoding. */
const HapiError = v.object({
  isBoom: v.literal(true),
  message: v.string(),
  output: v.object({ statusCode: v.number() }),
});

/**
 * Answers requests that reach no function as API Gateway does once deployed: with the gateway responses of
 * serverless.yml. The root leads to the page, for whoever follows the address of the API.
 */
export function answerAsGateway({ pluginManager }: Serverless, responses: readonly GatewayResponse[]): void {
  const offline = pluginManager.plugins.find((plugin) => v.is(ServerlessOffline, plugin));
  if (!v.is(ServerlessOffline, offline)) return;
  offline
    .internals()
    .getApiGatewayServer()
    .ext('onPreResponse', ({ path, route, response }, toolkit) => {
      if (v.is(HapiError, response)) {
        const { statusCode } = response.output;
        const error = { type: statusCode < 500 ? 'DEFAULT_4XX' : 'DEFAULT_5XX', statusCode, message: response.message };
        return gatewayAnswer(toolkit, responses, error);
      }
      if (route.path !== ANYTHING_ELSE) return toolkit.continue;
      if (path === '/') return toolkit.redirect('/dashboard');
      return gatewayAnswer(toolkit, responses, { type: 'MISSING_AUTHENTICATION_TOKEN', statusCode: 403, message: '' });
    });
}

function gatewayAnswer(
  toolkit: Toolkit,
  responses: readonly GatewayResponse[],
  error: { readonly type: string; readonly statusCode: number; readonly message: string },
): HttpResponse {
  const response = responses.find(({ type }) => type === error.type);
  if (!response) throw new Error(`serverless.yml has no gateway response ${error.type}`);
  const body = response.body.replace('$context.error.messageString', () => JSON.stringify(error.message));
  const answer = toolkit.response(body).code(response.status ?? error.statusCode);
  for (const [name, value] of Object.entries(response.headers)) answer.header(name, value);
  return answer;
}
