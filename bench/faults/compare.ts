import Table from 'cli-table3';
import { isPowertoolsInstalled } from '../peers/plain.ts';
import { CONSUMERS, POWERTOOLS } from './consumers.ts';
import { runUnderFaults } from './runUnderFaults.ts';

/**
 * Runs our worker and other ways to count under the same faults.
 *
 * @returns a table, and whether ours counted every order once
 */
export async function compareUnderFaults(faults: number): Promise<{ text: string; isExact: boolean }> {
  const seed = Date.now() % 1_000_000_000;
  const table = new Table({
    head: ['consumer', 'orders', 'counted twice', 'lost', 'dead letters'],
    style: { head: [], border: [] },
  });
  let isExact = true;
  const consumers = { ...CONSUMERS, ...(isPowertoolsInstalled() && POWERTOOLS) };
  for (const [name, consumer] of Object.entries(consumers)) {
    console.error(name);
    const { orders, double, lost, dead } = await runUnderFaults(consumer, faults, seed);
    table.push([name, orders, double, lost, dead]);
    if (name === 'ours') isExact = double + lost === 0;
  }
  return { text: `${faults} faults each, seed ${seed}\n${table}`, isExact };
}
