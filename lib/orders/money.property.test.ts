import fc from 'fast-check';
import { expect, it } from 'vitest';
import { oneLineBody, orderOf, rejectionOf } from '../../tests/support/orderMessage.ts';

/*
 * A model of the same rules with decimal strings and BigInt, so that none of its numbers is ever a double. Bodies are written
 * as text with the exact digits of the model.
 */

type Line = { readonly quantity: bigint; readonly micros: bigint };

const MAX_CENTS = 100_000_000_000n;

/** `units` of 10^-decimals as a decimal string, e.g. 5n with 2 decimals as `0.05`. */
function decimal(units: bigint, decimals: number): string {
  const digits = String(units).padStart(decimals + 1, '0');
  return `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}

/** Σ quantity × price in cents, rounded half up. */
function modelCents(lines: readonly Line[]): bigint {
  const micros = lines.reduce((sum, line) => sum + line.quantity * line.micros, 0n);
  return micros / 10_000n + (micros % 10_000n >= 5_000n ? 1n : 0n);
}

function body(value: string, lines: readonly Line[]): string {
  const items = lines.map(
    ({ quantity, micros }) =>
      `{"product_id":"P","quantity":${quantity},"price_per_unit":${decimal(micros, 6).replace(/\.?0+$/, '')}}`,
  );
  return `{"order_id":"O","user_id":"U","order_timestamp":"2024-12-13T10:00:00Z","order_value":${value},"items":[${items}]}`;
}

const quantity = fc.oneof(fc.bigInt({ min: 1n, max: 20n }), fc.bigInt({ min: 1n, max: 1_000_000n }));

/** Prices of all sizes; many end with half a cent. */
const micros = fc.oneof(
  fc.bigInt({ min: 0n, max: 100_000_000n }),
  fc.bigInt({ min: 0n, max: 1_000_000_000_000_000n }),
  fc.bigInt({ min: 0n, max: 10_000_000n }).map((halfCents) => halfCents * 5_000n),
);

const manyLines = (maxLength: number) =>
  fc.array(fc.record({ quantity, micros }), { minLength: 1, maxLength, size: 'max' });

/** Up to 1,000 lines, shortened until the sum is allowed for an order. */
const payableLines = fc.oneof(manyLines(3), manyLines(30), manyLines(1000)).map((lines) => {
  let payable: readonly Line[] = lines;
  while (modelCents(payable) > MAX_CENTS) {
    payable = payable.map((line) => ({ quantity: line.quantity / 10n || 1n, micros: line.micros / 10n }));
  }
  return payable;
});

it('the sum of the lines equals the order_value of the model', () => {
  fc.assert(
    fc.property(payableLines, (lines) => {
      const cents = modelCents(lines);
      expect(BigInt(orderOf(body(decimal(cents, 2), lines)).cents)).toBe(cents);
    }),
    { numRuns: 300 },
  );
});

it('an order_value one cent above or below the sum of the lines is refused', () => {
  fc.assert(
    fc.property(payableLines, fc.constantFrom(-1n, 1n), (lines, error) => {
      const cents = modelCents(lines);
      const claimed = cents + error;
      fc.pre(claimed >= 0n && claimed <= MAX_CENTS);
      expect(rejectionOf(body(decimal(claimed, 2), lines))).toBe(
        `order_value must equal the sum of the items: it is ${decimal(claimed, 2)}, they add up to ${decimal(cents, 2)}`,
      );
    }),
    { numRuns: 300 },
  );
});

it('a sum of the lines above the largest amount matches no order_value', () => {
  const costly = fc.record({
    quantity: fc.bigInt({ min: 1n, max: 1_000_000n }),
    micros: fc.bigInt(10n ** 14n, 10n ** 15n),
  });
  const lines = fc.array(costly, { minLength: 11, maxLength: 100 });
  fc.assert(
    fc.property(lines, fc.bigInt({ min: 0n, max: MAX_CENTS }), (costlyLines, value) => {
      expect(rejectionOf(body(decimal(value, 2), costlyLines))).toContain('they add up to more than 1,000,000,000');
    }),
  );
});

it('the order_value of a producer that adds up doubles is accepted', () => {
  const price = fc.integer({ min: 0, max: 1_000_000 }).map((cents) => cents / 100);
  const line = fc.record({
    product_id: fc.constant('P'),
    quantity: fc.integer({ min: 1, max: 100 }),
    price_per_unit: price,
  });
  fc.assert(
    fc.property(fc.array(line, { minLength: 1, maxLength: 50 }), (items) => {
      const order_value = items.reduce((sum, item) => sum + item.quantity * item.price_per_unit, 0);
      const order = { order_id: 'O', user_id: 'U', order_timestamp: '2024-12-13T10:00:00Z', order_value, items };
      expect(rejectionOf(JSON.stringify(order))).toBe('accepted');
    }),
  );
});

/** `whole` × `unit` + noise as a decimal string; all three in units of 10^-decimals. */
const noisy = (whole: bigint, unit: bigint, noise: bigint, decimals: number): string => {
  const value = whole * unit + noise;
  fc.pre(value >= 0n && value <= 10n ** BigInt(decimals + 9));
  return decimal(value, decimals);
};

const noiseFrom = (min: bigint, max: bigint) => fc.oneof(fc.bigInt({ min, max }), fc.bigInt({ min: -max, max: -min }));

const cents = fc.bigInt({ min: 0n, max: 100_000_000n });
const price = (whole: bigint): string => decimal(whole, 2);

it('noise below a thousandth of a cent is tolerated in an order_value', () => {
  fc.assert(
    fc.property(cents, noiseFrom(0n, 9_999n), (whole, noise) => {
      const value = noisy(whole, 10_000_000n, noise, 9);
      expect(BigInt(orderOf(oneLineBody({ value, price: price(whole) })).cents)).toBe(whole);
    }),
    { numRuns: 1000 },
  );
});

it('noise of a thousandth of a cent or more is refused in an order_value', () => {
  fc.assert(
    fc.property(cents, noiseFrom(10_000n, 5_000_000n), (whole, noise) => {
      const value = noisy(whole, 10_000_000n, noise, 9);
      expect(rejectionOf(oneLineBody({ value, price: price(whole) }))).toBe('order_value must have at most 2 decimals');
    }),
    { numRuns: 1000 },
  );
});

// For large values, neighbouring doubles are up to 1.2e-7 apart: closer to the limit, decimals cannot be told apart.
const manyCents = fc.bigInt({ min: 100_000_000n, max: MAX_CENTS });

it('noise is tolerated in the largest order_values too', () => {
  fc.assert(
    fc.property(manyCents, noiseFrom(0n, 9_800n), (whole, noise) => {
      const value = noisy(whole, 10_000_000n, noise, 9);
      expect(rejectionOf(oneLineBody({ value, price: price(whole) }))).toBe('accepted');
    }),
    { numRuns: 1000 },
  );
});

it('too much noise is refused in the largest order_values too', () => {
  fc.assert(
    fc.property(manyCents, noiseFrom(10_200n, 5_000_000n), (whole, noise) => {
      const value = noisy(whole, 10_000_000n, noise, 9);
      expect(rejectionOf(oneLineBody({ value, price: price(whole) }))).toBe('order_value must have at most 2 decimals');
    }),
    { numRuns: 1000 },
  );
});

it.each([
  ['is forgiven in a price below a thousandth of a micro', noiseFrom(0n, 999n), true],
  ['is not forgiven in a price from a thousandth of a micro on', noiseFrom(1_000n, 500_000n), false],
])('noise %s', (_, noise, accepted) => {
  // Up to 1,000, where doubles distinguish 12 decimals.
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 1_000_000_000n }), noise, (whole, by) => {
      const line = {
        price: noisy(whole, 1_000_000n, by, 12),
        value: decimal(modelCents([{ quantity: 1n, micros: whole }]), 2),
      };
      const rule = 'items[0].price_per_unit must have at most 6 decimals';
      expect(rejectionOf(oneLineBody(line))).toBe(accepted ? 'accepted' : rule);
    }),
    { numRuns: 1000 },
  );
});
