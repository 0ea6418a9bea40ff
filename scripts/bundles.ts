import Table from 'cli-table3';
import { measureBundles } from './bundles/measure.ts';

/*
 * What cold starts depend on. Fails when a bundle has grown over the limit. Two functions bring the SQS client along; the
 * worker loads it only when it needs it.
 */

const LIMIT_KB = 300;
const WITH_SQS_CLIENT = ['processOrders', 'getPipeline'];

const table = new Table({ head: ['function', 'kB', 'loaded in ms'], style: { head: [], border: [], compact: true } });
const tooLarge: string[] = [];
for (const { name, kilobytes, loadMs } of await measureBundles()) {
  if (!WITH_SQS_CLIENT.includes(name) && kilobytes > LIMIT_KB) tooLarge.push(name);
  table.push([name, kilobytes.toFixed(0), loadMs.toFixed(0)]);
}

console.log(table.toString());
if (tooLarge.length > 0) console.error(`Over ${LIMIT_KB} kB: ${tooLarge.join(', ')}. See what was added to them.`);
process.exitCode = tooLarge.length > 0 ? 1 : 0;
