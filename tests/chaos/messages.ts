import { generateMessages } from '../../scripts/populate/generate.ts';

/** Messages of a trial: valid orders, the same ones again, other content under the same order_id, and invalid ones. */
export function trialMessages(seed: number, mix: { orders: number; users: number; conflicts: number }): string[] {
  const { orders, users, conflicts } = mix;
  const generated = [
    ...generateMessages({ seed, day: '2026-11-24', users, count: orders, invalid: 0.1, duplicates: 0.15 }),
  ];
  const valid = generated.filter(({ kind }) => kind === 'valid').map(({ body }) => body);
  const conflicting = valid.slice(0, conflicts).map((body) => ({ ...JSON.parse(body), user_id: 'SOMEONE-ELSE' }));
  return [...generated.map(({ body }) => body), ...conflicting.map((order) => JSON.stringify(order))];
}
