import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { withTimeout } from './withTimeout.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it('the timer is cleared when the work ends in time', async () => {
  expect(await withTimeout(1000, Promise.resolve('result'), 'too late')).toBe('result');
  await expect(withTimeout(1000, Promise.reject(new Error('refused')), 'too late')).rejects.toThrow('refused');
  expect(vi.getTimerCount()).toBe(0);
});

it('work that takes too long rejects with the message', async () => {
  const result = expect(withTimeout(1000, new Promise(() => {}), 'too late')).rejects.toThrow('too late');
  await vi.advanceTimersByTimeAsync(1000);
  await result;
});
