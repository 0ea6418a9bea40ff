import { expect, it } from 'vitest';
import { nearest } from './nearest.ts';

const NAMES = ['from', 'to', 'limit'];

it.each([
  ['form', 'from'],
  ['From', 'from'],
  ['fro', 'from'],
  ['until', 'to'],
  ['t', 'to'],
  ['limits', 'limit'],
  ['lmit', 'limit'],
])('of %s the nearest name is %s', (name, expected) => {
  expect(nearest(name, NAMES)).toBe(expected);
});

it('of equally near names it is the first, and of none it is none', () => {
  expect(nearest('', ['ab', 'ba'])).toBe('ab');
  expect(nearest('from', [])).toBeUndefined();
});
