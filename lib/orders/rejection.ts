/**
 * Why a message is not an order: the field that broke a rule, and the rule.
 * Both are safe to log: they never hold a value from the message other than the amounts that do not add up.
 */
export type Rejection = {
  /** Path of the field, e.g. `items[3].quantity`; `body` when the message as a whole is meant. */
  readonly field: string;
  /** The rule in words that follow the field, e.g. `must be a whole number from 1 to 1,000,000`. */
  readonly rule: string;
};

/** The rejection as one sentence, e.g. `order_id is required`. */
export const describeRejection = ({ field, rule }: Rejection): string => `${field} ${rule}`;
