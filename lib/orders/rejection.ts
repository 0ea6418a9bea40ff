import type { BaseIssue } from 'valibot';

/**
 * Why a message is not an order: the field that broke a rule, and the rule. Both are safe to log. The only values from
 * the message that they repeat are amounts that do not add up, a currency code, and the code point of an invisible
 * character.
 */
export type Rejection = {
  /** Path of the field, e.g. `items[3].quantity`, or `body` for the message as a whole. */
  readonly field: string;
  /** Follows the field in a sentence, e.g. `must be a whole number from 1 to 1,000,000`. */
  readonly rule: string;
};

export type Rejected = { readonly ok: false; readonly rejection: Rejection };

export const reject = (field: string, rule: string): Rejected => ({ ok: false, rejection: { field, rule } });

const OPTIONAL_FIELDS = new Set(['order_version', 'order_status', 'currency']);

/** @param whole what to call the message as a whole */
export function rejectIssue(issue: BaseIssue<unknown>, whole: string): Rejected {
  const { path, received, expected, input, message } = issue;
  let field = '';
  for (const { key } of path ?? []) field += typeof key === 'number' ? `[${key}]` : `${field && '.'}${key}`;
  if (received === 'undefined') return reject(field, 'is required');
  if (expected === 'number' && typeof input === 'string') return reject(field, `${message}, not a string`);
  if (received !== 'null') return reject(field || whole, message);
  return reject(field || whole, `${message}, not null${OPTIONAL_FIELDS.has(field) ? ': leave it out' : ''}`);
}

/** The rejection as one sentence, e.g. `order_id is required`. */
export const describeRejection = ({ field, rule }: Rejection): string => `${field} ${rule}`;

/** Names the first space or invisible character of a text, to append to a rule, e.g. ` (it contains a space)`. */
export function describeInvisible(text: string): string {
  const code = /[\p{C}\p{Z}]/u.exec(text)?.[0].codePointAt(0);
  if (code === undefined) return '';
  if (code === 0x20) return ' (it contains a space)';
  return ` (it contains U+${code.toString(16).toUpperCase().padStart(4, '0')}, which is invisible)`;
}
