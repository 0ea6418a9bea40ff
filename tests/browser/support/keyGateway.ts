import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { inject, onTestFinished } from 'vitest';
import { gatewayResponses } from '../../support/apiResources.ts';
import { listen } from '../../support/listen.ts';

const OPEN = ['/health', '/openapi.json', '/dashboard'];

/** A request that has arrived. */
export type Arrival = { readonly url: string; readonly isOpen: boolean; readonly key: string | undefined };

/** What stands before the API of the pipeline, as API Gateway does: it lets through to the data who has the key. */
export class KeyGateway {
  /** All requests so far. */
  readonly arrivals: Arrival[] = [];
  /** Whether it refuses all requests for data, as too many. */
  isThrottling = false;
  /** How it refuses those without the key. */
  refusal = refusalOf('Forbidden');

  private constructor(
    readonly url: string,
    public key: string,
  ) {}

  /** Starts one on a free port, until the end of the test. */
  static async start(key: string): Promise<KeyGateway> {
    const server = createServer((asked, answer) => gateway.#handle(asked, answer));
    const port = await listen(server);
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    const gateway = new KeyGateway(`http://127.0.0.1:${port}`, key);
    return gateway;
  }

  #handle(asked: IncomingMessage, answer: ServerResponse): void {
    const { url = '', headers } = asked;
    const { 'x-api-key': header } = headers;
    const isOpen = OPEN.includes(url);
    this.arrivals.push({ url, isOpen, key: header?.toString() });
    if (isOpen) forward(asked, answer);
    else if (header !== this.key) refuse(answer, 403, this.refusal);
    else if (this.isThrottling) refuse(answer, 429, refusalOf('Too Many Requests'));
    else forward(asked, answer);
  }
}

function refusalOf(message: string): string {
  const template = gatewayResponses.get('DEFAULT_4XX') ?? '';
  return template.replace('$context.error.messageString', JSON.stringify(message));
}

function refuse(answer: ServerResponse, status: number, body: string): void {
  answer.writeHead(status, { 'Content-Type': 'application/problem+json', 'Cache-Control': 'no-store' }).end(body);
}

function forward(asked: IncomingMessage, answer: ServerResponse): void {
  const { method, headers, url = '' } = asked;
  const onward = request(inject('pipeline').api + url, { method, headers }, (found) => {
    answer.writeHead(found.statusCode ?? 502, found.headers);
    found.pipe(answer);
  });
  // The page is gone, or the pipeline.
  onward.on('error', () => answer.destroy());
  asked.pipe(onward);
}
