import { expect, it } from 'vitest';
import { errorText } from './errorText.ts';

it.each([
  ['an error', new Error('No route'), 'No route'],
  ['an error of several lines', new Error('SQS refused\nAuthorization: secret'), 'SQS refused'],
  ['a text', 'No route', 'No route'],
  ['nothing', undefined, 'undefined'],
  [
    'an unknown command',
    new Error("ERR unknown command 'AUTHX', with args beginning with: 'secret' 'more'"),
    "ERR unknown command 'AUTHX'",
  ],
  [
    'an unknown command without a comma',
    new Error("ERR unknown command 'X' with args beginning with: 'secret'"),
    "ERR unknown command 'X'",
  ],
])('the text of %s is one line without the arguments of a command', (_, error, text) => {
  expect(errorText(error)).toBe(text);
});
