import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { withTimeout } from './withTimeout.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it('no timer keeps the process running after work that ends in time', async () => {
  expect(await withTimeout(1000, Promise.resolve('result'), 'too late')).toBe('result');
  await expect(withTimeout(1000, Promise.reject(new Error('refused')), 'too late')).rejects.toThrow('refused');
  expect(vi.getTimerCount()).toBe(0);
});

it('work that takes longer fails with the message', async () => {
  const result = expect(withTimeout(1000, new Promise(() => {}), 'too late')).rejects.toThrow('too late');
  await vi.advanceTimersByTimeAsync(1000);
  await result;
});
