import { describe, expect, it } from 'vitest';
import { countOrders } from '../../lib/counting/count.ts';
import { expectDescribed, shapeNames } from '../support/apiAnswer.ts';
import { operations, type Parameter } from '../support/apiDescription.ts';
import { bundleApiFunctions } from '../support/apiFunctions.ts';
import { getRequest } from '../support/apiRequest.ts';
import { countingRedis } from '../support/countingRedis.ts';
import { orderBody, orderOf } from '../support/orderMessage.ts';

const redis = await countingRedis();
const redisUrl = `redis://127.0.0.1:${redis.options.port}`;
const startFunction = await bundleApiFunctions();

const NO_REDIS = 'redis://127.0.0.1:1';

/** What Redis holds, each added to the one before. */
const CONTENTS = [
  async () => {},
  async () => {
    await countOrders(redis, [orderOf(orderBody({ user_id: 'U00001' }))]);
  },
  async () => {
    for (const key of await redis.keys('*')) {
      if ((await redis.type(key)) === 'hash') await redis.set(key, 'corrupt');
    }
  },
];

/**
 * Requests with each parameter as in its example, a day, not valid, and left out where it may be, in all combinations, and one
 * with an unknown parameter.
 */
function requestsWith(parameters: readonly Parameter[]) {
  let choices: Record<string, string>[] = [{}];
  for (const { name, in: place, example } of parameters) {
    choices = choices.flatMap((values) => [
      { ...values, [name]: example },
      { ...values, [name]: '2024-12-13' },
      { ...values, [name]: '(not valid)' },
      ...(place === 'query' ? [values] : []),
    ]);
  }
  const requests = choices.map((values) => getRequest(parameters, values));
  return [...requests, { ...requests[0], multiValueQueryStringParameters: { unknown: ['parameter'] } }];
}

describe.each(operations)('the function of $path', (operation) => {
  const requests = requestsWith(operation.parameters);

  it('gives exactly the described answers', async () => {
    const seen = new Set<string>();
    const working = await startFunction(operation.operationId, redisUrl);
    const outage = await startFunction(operation.operationId, NO_REDIS);
    for (const changeContent of CONTENTS) {
      await changeContent();
      for (const request of requests) {
        for (const ask of [working, outage]) {
          seen.add(expectDescribed(operation, await ask(request)));
          seen.add(expectDescribed(operation, await ask({ ...request, httpMethod: 'DELETE' })));
        }
      }
    }
    expect([...seen].sort()).toEqual(shapeNames(operation).sort());
  });

  it('gives the same answer as a 304 without a body to whoever has it', async () => {
    const ask = await startFunction(operation.operationId, redisUrl);
    for (const request of requests) {
      const { statusCode, headers } = await ask(request);
      const again = await ask({ ...request, headers: { 'If-None-Match': headers.ETag ?? '*' } });
      if (statusCode === 200) expect(again).toEqual({ statusCode: 304, headers, body: '' });
      else expect(again.statusCode).toBe(statusCode);
    }
  });

  it('answers HEAD like GET without the body, and OPTIONS with the methods', async () => {
    const ask = await startFunction(operation.operationId, redisUrl);
    for (const request of requests) {
      const answer = await ask(request);
      expect(await ask({ ...request, httpMethod: 'HEAD' })).toEqual({ ...answer, body: '' });
      expect(await ask({ ...request, httpMethod: 'OPTIONS' })).toMatchObject({
        statusCode: 204,
        headers: { Allow: 'GET, HEAD, OPTIONS' },
      });
    }
  });
});
