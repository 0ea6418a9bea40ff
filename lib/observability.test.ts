import { afterAll, expect, it, vi } from 'vitest';
import { captureOutput } from '../tests/support/captureOutput.ts';
import { inNewContainer } from '../tests/support/newContainer.ts';

afterAll(() => vi.unstubAllEnvs());

const { logger } = await inNewContainer({ POWERTOOLS_LOG_LEVEL: 'ERROR' }, () => import('./observability.ts'));

function logged(error: Error): unknown {
  const output = captureOutput();
  try {
    logger.error('failed', { error });
  } finally {
    output.restore();
  }
  return JSON.parse(output.text()).error;
}

it('a logged error has name, text, code, frames and cause, and nothing else', () => {
  const cause = Object.assign(new RangeError('refused'), { code: 'ECONNREFUSED', password: 'secret' });
  const error = Object.assign(new Error('No Redis\n    at the second line', { cause }), { command: 'AUTH secret' });
  error.stack = 'Error: No Redis\n    at open (a.ts:1:2)\n    at read (b.ts:3:4)\nAnd    at the end';
  expect(logged(error)).toEqual({
    name: 'Error',
    message: 'No Redis',
    stack: '    at open (a.ts:1:2)\n    at read (b.ts:3:4)',
    cause: { name: 'RangeError', message: 'refused', code: 'ECONNREFUSED', stack: expect.stringContaining('    at ') },
  });
});

it('an error without frames, or with a cause that is no error, is logged too', () => {
  const error = new Error('No Redis', { cause: "ERR unknown command 'X', with args beginning with: 'secret'" });
  Reflect.deleteProperty(error, 'stack');
  expect(logged(error)).toEqual({ name: 'Error', message: 'No Redis', cause: "ERR unknown command 'X'" });
  error.stack = 'Error: No Redis';
  expect(logged(error)).toEqual({ name: 'Error', message: 'No Redis', cause: "ERR unknown command 'X'" });
});
