import { expect, test } from 'vitest';
import { Terminal } from './terminal.ts';

function shown(text: string, rows = 10): string[] {
  const terminal = new Terminal();
  terminal.write(text);
  return terminal.screen(rows);
}

test('a terminal shows lines, the last ones where there are more', () => {
  expect(shown('one\r\ntwo\r\n')).toEqual(['one', 'two']);
  expect(shown('one\r\ntwo\r\nthree\r\n', 2)).toEqual(['two', 'three']);
});

test('a line that is rewritten in place shows as it was written last', () => {
  expect(shown('10 of 20\r\x1b[K20')).toEqual(['20']);
  expect(shown('first\nbar 10%\x1b[1G\x1b[0Kbar 100%\nend')).toEqual(['first', 'bar 100%', 'end']);
  expect(shown('one\ntwo\n\x1b[1A\rTWO')).toEqual(['one', 'TWO']);
});

test('colours and the cursor leave no trace', () => {
  expect(shown('\x1b[?25l\x1b[32mgreen\x1b[39m\x1b[?25h')).toEqual(['green']);
});
