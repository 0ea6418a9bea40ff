import { expect, test } from 'vitest';
import { Reader } from './reader.ts';
import { Turns } from './turns.ts';

const nothing = async () => {};

/** The parts that are read, turn by turn. While orders flow, each reading of the pipeline brings news. */
async function ask(turns: number, { untilTurn }: { untilTurn: number }): Promise<string> {
  const readers = { P: new Reader(nothing), d: new Reader(nothing), t: new Reader(nothing), u: new Reader(nothing) };
  const order = new Turns(readers.P, readers.d, [readers.t, readers.u, new Reader(nothing, () => false)]);
  const asked: string[] = [];
  let news = 0;
  for (const reader of Object.values(readers)) await reader.read(news);
  for (let turn = 0; turn < turns; turn++) {
    const reader = order.next(news);
    await reader.read(news);
    if (reader === readers.P && turn < untilTurn) news++;
    asked.push(Object.entries(readers).find(([, other]) => other === reader)?.[0] ?? '?');
  }
  return asked.join(' ');
}

test('without news, only the pipeline is read', async () => {
  expect(await ask(5, { untilTurn: 0 })).toBe('P P P P P');
});

test('after news, each part is read once, the last days first', async () => {
  expect(await ask(8, { untilTurn: 1 })).toBe('P d t P u P P P');
});

test('while orders flow, the last days are read at every third turn, the others in turn', async () => {
  expect(await ask(12, { untilTurn: 12 })).toBe('P d t P d u P d t P d u');
});
