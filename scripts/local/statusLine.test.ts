import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { describeResults } from './results.ts';
import { startStatusLine } from './statusLine.ts';

const CLEAR = '\r\x1b[K';

it('a line stays below all that is written, and goes in the end', () => {
  const terminal = Object.assign(new PassThrough({ encoding: 'utf8' }), { columns: 11 });
  const errors = new PassThrough({ encoding: 'utf8' });
  const line = startStatusLine([terminal, errors]);
  terminal.write('before\n');
  line.show('1 counted');
  terminal.write('a log line\n');
  errors.write('an error\n');
  line.show('12,345 counted');
  line.stop();
  terminal.write('after\n');
  expect(terminal.read()).toBe(
    [
      'before\n',
      `${CLEAR}1 counted`,
      `${CLEAR}a log line\n${CLEAR}1 counted`,
      `${CLEAR}${CLEAR}1 counted`,
      `${CLEAR}12,345 cou`,
      CLEAR,
      'after\n',
    ].join(''),
  );
  expect(errors.read()).toBe('an error\n');
});

it('results that did not occur are left out, but for what is counted, waiting and dead', () => {
  const none = {
    counted: 0,
    revised: 0,
    duplicates: 0,
    superseded: 0,
    conflicts: 0,
    unknown: 0,
    invalid: 0,
    retried: 0,
  };
  expect(describeResults(none, 0, 0)).toBe('0 counted · 0 waiting · 0 dead letters');
  expect(describeResults({ ...none, counted: 12_345, duplicates: 6, invalid: 40 }, 120, 5)).toBe(
    '12,345 counted · 6 duplicates · 40 invalid · 120 waiting · 5 dead letters',
  );
});
