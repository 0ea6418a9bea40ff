import { expect, it } from 'vitest';
import { hash32, hashNumbers } from './hash32.ts';

/*
 * Computed by another implementation. A ledger remembers these hashes for 40 days: were they to change in a release, every
 * order that comes again would be a conflict.
 */

it.each([
  ['', 0xab3e7c0b, 0x514e28b7],
  ['U5678', 0xdf3cd890, 0xc5dbd987],
  ['shop:9012@eu', 0x833ee5d3, 0x45cd42c7],
  ['Zoë', 0x43c9b562, 0xa8827636],
  ['☃', 0xf809546c, 0xe6ead5d7],
])('the text %j has the hash of every release', (text, hash, hashAfterOne) => {
  expect(hash32(text)).toBe(hash);
  expect(hash32(text, 1)).toBe(hashAfterOne);
});

it.each([
  [[], 0xab3e7c0b],
  [[0], 0x7c8c47c8],
  [[1], 0x269b4383],
  [[2 ** 32], 0x87c87c57],
  [[2 ** 53 - 1], 0x74174808],
  [[1, 2], 0x661c80fe],
  [[2, 1], 0x28ce3b40],
])('the numbers %j have the hash of every release', (numbers, hash) => {
  expect(hashNumbers(numbers)).toBe(hash);
});
