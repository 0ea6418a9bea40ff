import fc from 'fast-check';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { operations, type Parameter } from '../support/apiDescription.ts';
import { bundleApiFunctions } from '../support/apiFunctions.ts';
import { getRequest } from '../support/apiRequest.ts';
import { acceptsText } from '../support/apiSchema.ts';
import { countingRedis } from '../support/countingRedis.ts';

const { options } = await countingRedis();
const redisUrl = `redis://127.0.0.1:${options.port}`;
const startFunction = await bundleApiFunctions();

/** What a path needs, as in the examples. */
const pathValues = (parameters: readonly Parameter[]) =>
  Object.fromEntries(
    parameters.filter(({ in: place }) => place === 'path').map(({ name, example }) => [name, example]),
  );

const NEAR_MISSES = [
  ...['', ' ', '0', '1', '100', '101', '-1', '+5', '010', '1e1', '1e3', '5.0', '0x5', '５', ' 5', '5\n', 'abc', 'null'],
  ...['2024-13', '2024-00', '2024-1', '1969-12', '1970-01', '9999-12', '10000-01', '2024-12-13', '202412'],
  ...['%', '%00', '\0', '%41', 'a/b', '{a}', '*', 'é', 'e\u0301', '😀', '-a', 'a b', 'a,b', 'U5678\n', '__proto__'],
  ...['x'.repeat(128), 'x'.repeat(129), '9'.repeat(10_000)],
];

/** Texts around what a parameter allows: such as are valid, such as almost are, and anything else. */
function textsFor({ schema }: Parameter): fc.Arbitrary<string> {
  const pattern = v.is(v.object({ pattern: v.string() }), schema) ? schema.pattern : '^[0-9]{1,3}$';
  const valid = fc.stringMatching(new RegExp(pattern, 'u'));
  const character = fc.string({ unit: 'binary', minLength: 0, maxLength: 1 });
  const spoiled = fc.tuple(valid, fc.nat(), fc.nat(1), character).map(([text, nat, removed, inserted]) => {
    const at = nat % (text.length + 1);
    return text.slice(0, at) + inserted + text.slice(at + removed);
  });
  return fc.oneof(valid, spoiled, fc.string({ unit: 'binary' }));
}

describe.each(operations)('the parameters of $path', ({ operationId, parameters }) => {
  it('describes all parameters that the function knows', async () => {
    const ask = await startFunction(operationId, redisUrl);
    const names = ['from', 'to', 'limit', 'user_id', 'toString', '__proto__', 'constructor'];
    const request = getRequest(parameters, pathValues(parameters));
    const inQuery = parameters.filter(({ in: place }) => place === 'query').map(({ name }) => name);
    for (const name of names) {
      const multiValueQueryStringParameters = JSON.parse(`{ "${name}": ["(not valid)"] }`);
      const { statusCode, body } = await ask({ ...request, multiValueQueryStringParameters });
      expect([statusCode, JSON.parse(body)]).toMatchObject([400, { parameter: name, errors: [{ parameter: name }] }]);
      expect([name, /is not a parameter/.test(body)]).toEqual([name, !inQuery.includes(name)]);
    }
  });

  for (const parameter of parameters) {
    it(`${parameter.name} is described as the function takes it`, async () => {
      const ask = await startFunction(operationId, redisUrl);
      await fc.assert(
        fc.asyncProperty(textsFor(parameter), async (text) => {
          // A range from long ago until now would be too long.
          const values = parameter.name === 'from' ? { from: text, to: text } : { [parameter.name]: text };
          const { statusCode, body } = await ask(getRequest(parameters, { ...pathValues(parameters), ...values }));
          expect(statusCode !== 400).toBe(acceptsText(parameter, text));
          if (statusCode === 400) expect(JSON.parse(body)).toMatchObject({ parameter: parameter.name });
        }),
        { numRuns: 500, examples: [parameter.example, ...NEAR_MISSES].map((text) => [text]) },
      );
    });
  }

  for (const parameter of parameters.filter(({ in: place }) => place === 'query')) {
    it(`${parameter.name} must not be given twice`, async () => {
      const ask = await startFunction(operationId, redisUrl);
      const { statusCode, body } = await ask(
        getRequest(parameters, { ...pathValues(parameters), [parameter.name]: [parameter.example, parameter.example] }),
      );
      expect({ statusCode, ...JSON.parse(body) }).toMatchObject({ statusCode: 400, parameter: parameter.name });
    });
  }
});
