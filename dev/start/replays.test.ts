import { afterEach, expect, it, vi } from 'vitest';
import { runReplays } from './replays.ts';

const printed = vi.spyOn(console, 'log').mockImplementation(() => {});
const complained = vi.spyOn(console, 'error').mockImplementation(() => {});
afterEach(() => vi.clearAllMocks());

/** Runs replays that end like these, one after the other. @returns how many ran at the same time at most */
async function replaysThatEnd(...ends: readonly (number | Error)[]): Promise<number> {
  const aborter = new AbortController();
  let running = 0;
  let most = 0;
  const left = [...ends];
  await runReplays(
    async () => {
      most = Math.max(most, ++running);
      await new Promise(setImmediate);
      running--;
      const end = left.shift();
      if (left.length === 0) aborter.abort();
      if (end instanceof Error) throw end;
      return { restored: end };
    },
    1,
    aborter.signal,
  );
  return most;
}

it('says how many versions of orders were restored, and nothing if there were none', async () => {
  await replaysThatEnd(0, 1, 12_345, 0);
  expect(printed.mock.calls).toEqual([
    ['1 order was restored after Redis lost it.'],
    ['12,345 versions of orders were restored after Redis lost them.'],
  ]);
});

it('goes on after an error, which is printed once until it changes', async () => {
  const away = new Error('connect ECONNREFUSED');
  await replaysThatEnd(away, away, new Error('Command timed out'), 2, away, away, 0);
  expect(complained.mock.calls.map(([text]) => text)).toEqual([
    'The archive was not replayed: connect ECONNREFUSED',
    'The archive was not replayed: Command timed out',
    'The archive was not replayed: connect ECONNREFUSED',
  ]);
  expect(printed).toHaveBeenCalledTimes(1);
});

it('one replay ends before the next begins, and the end of npm start is no error', async () => {
  expect(await replaysThatEnd(0, 0, 0)).toBe(1);
  await replaysThatEnd(new Error('terminated'));
  expect(complained).not.toHaveBeenCalled();
});
