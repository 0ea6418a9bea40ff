/**
 * Why a message is not an order: the field that broke a rule, and the rule.
 * Both are safe to log: they never hold a value from the message other than the amounts that do not add up, the code of
 * a currency, and the number of a character that cannot be seen.
 */
export type Rejection = {
  /** Path of the field, e.g. `items[3].quantity`; `body` when the message as a whole is meant. */
  readonly field: string;
  /** The rule in words that follow the field, e.g. `must be a whole number from 1 to 1,000,000`. */
  readonly rule: string;
};

/** A {@link Rejection} as the result of reading something. */
export type Rejected = { readonly ok: false; readonly rejection: Rejection };

export const reject = (field: string, rule: string): Rejected => ({ ok: false, rejection: { field, rule } });

/** The rejection as one sentence, e.g. `order_id is required`. */
export const describeRejection = ({ field, rule }: Rejection): string => `${field} ${rule}`;

/** Names the first character of a text that cannot be seen, for the end of a rule, e.g. `: it holds U+FEFF`. */
export function describeInvisible(text: string): string {
  const code = /[\p{C}\p{Z}]/u.exec(text)?.[0].codePointAt(0);
  return code === undefined ? '' : `: it holds U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
}
