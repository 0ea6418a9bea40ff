import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { type Display, showProgress } from './progress.ts';

/** A display that is no terminal, and what was written to it. */
function makeDisplay(): { display: Display; written: string[] } {
  const written: string[] = [];
  const display = new Writable({
    write(text, _encoding, done) {
      written.push(String(text));
      done();
    },
  });
  return { display, written };
}

test('without a terminal there is a line at most every two seconds', () => {
  const { display, written } = makeDisplay();
  let time = 0;
  const progress = showProgress({ kind: 'generated', size: 1000 }, display, () => time);
  for (time = 0; time <= 5000; time += 100) progress.show(time / 10, time / 10);
  progress.stop();
  expect(written).toEqual(['sent 200 of 1000 (20 %), 100/s\n', 'sent 400 of 1000 (40 %), 100/s\n']);
});

test('the line says how much of a file was read', () => {
  const { display, written } = makeDisplay();
  let time = 0;
  const progress = showProgress({ kind: 'file', size: 3_000_000 }, display, () => time);
  time = 2000;
  progress.show(1_000_000, 5000);
  expect(written).toEqual(['sent 5000 (33 % of the file), 2500/s\n']);
});

test('a note is written at once', () => {
  const { display, written } = makeDisplay();
  showProgress({ kind: 'file', size: 0 }, display).note('Line 5 was not sent');
  expect(written).toEqual(['Line 5 was not sent\n']);
});
