import * as v from 'valibot';
import type { GatewayResponse, Serverless } from './service.ts';

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
