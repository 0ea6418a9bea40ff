import { expect, it } from 'vitest';
import { getEvent, loadReadFunction, readFunction } from '../tests/support/readFunction.ts';

const importFunction = () => import('./getHealth.ts');
const { ask } = await readFunction(importFunction);

it('GET /health answers that Redis does, and what is deployed', async () => {
  const response = await ask(getEvent(null));
  expect(response.statusCode).toBe(200);
  expect(JSON.parse(response.body)).toEqual({ status: 'ok', version: '1.2.3', stage: 'test' });
});

it('without a stage or a version the function stops before its first request, with one message', async () => {
  const environment = { REDIS_URL: 'redis://127.0.0.1:1', STAGE: undefined, VERSION: undefined };
  await expect(loadReadFunction(importFunction, environment)).rejects.toThrow(
    'The environment is not complete: STAGE is missing; VERSION is missing. See',
  );
});
