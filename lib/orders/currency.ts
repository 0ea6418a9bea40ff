/*
 * Most stages count in US dollars: loading Intl would add to their cold start.
 */

/** Whether a text is the code of a currency in ISO 4217. */
export const isCurrency = (code: string): boolean =>
  code === 'USD' || Intl.supportedValuesOf('currency').includes(code);

/**
 * Whether amounts in this currency have two decimals, as all that the statistics hold have.
 *
 * @param code see {@link isCurrency}
 */
export const hasTwoDecimals = (code: string): boolean =>
  code === 'USD' ||
  new Intl.NumberFormat('en', { style: 'currency', currency: code }).resolvedOptions().maximumFractionDigits === 2;
