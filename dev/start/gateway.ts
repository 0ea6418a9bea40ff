import { randomUUID } from 'node:crypto';
import Lambda from 'serverless-offline/lambda';
import * as v from 'valibot';
import type { GatewayResponse, Serverless } from './service.ts';

/** A function of the service, which serverless-offline runs in a thread. */
export class LocalFunction {
  readonly #lambda: Lambda;
  #stale = false;

  /** To be called after serverless-esbuild has bundled the functions and set their location. */
  constructor(
    { service, ...rest }: Serverless,
    private readonly key: string,
  ) {
    const { location } = service.custom['serverless-offline'];
    this.#lambda = new Lambda({ service, ...rest }, { location });
    this.#lambda.create([{ functionKey: key, functionDefinition: service.functions[key] }]);
  }

  /**
   * To be called again only after the last invocation has ended.
   *
   * @throws the error of the function, or one after its timeout
   */
  async invoke(event: unknown): Promise<unknown> {
    if (this.#stale) {
      this.#stale = false;
      await this.#lambda.cleanup();
    }
    const lambdaFunction = this.#lambda.get(this.key);
    lambdaFunction.setEvent(event);
    try {
      return await lambdaFunction.runHandler();
    } catch (error) {
      // After a timeout its thread has ended, but serverless-offline would use it again.
      this.#stale = true;
      throw error;
    }
  }

  /** The next invocation loads the code again. Not now: that would cut off one in flight. */
  reload(): void {
    this.#stale = true;
  }

  stop(): Promise<void> {
    return this.#lambda.cleanup();
  }
}

/** The parts of hapi, the HTTP server of serverless-offline, that are used here. */
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

/** The route that serverless-offline adds for all other paths. */
const ANYTHING_ELSE = '/{p*}';

/** hapi's answer to an invalid request, for example to a path with invalid percent-encoding. */
const HapiError = v.object({
  isBoom: v.literal(true),
  message: v.string(),
  output: v.object({ statusCode: v.number() }),
});

/**
 * Answers requests that reach no function as API Gateway does: with the gateway responses of serverless.yml. The root
 * redirects to the page.
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
  const body = response.body
    .replace('$context.error.messageString', () => JSON.stringify(error.message))
    .replace('$context.requestId', () => randomUUID());
  const answer = toolkit.response(body).code(response.status ?? error.statusCode);
  for (const [name, value] of Object.entries(response.headers)) answer.header(name, value);
  return answer;
}
