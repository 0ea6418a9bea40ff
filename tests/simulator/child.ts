import * as v from 'valibot';
import { Runner } from './runner.ts';

/*
 * A process that runs the schedules that its parent names, one after the other: `{ seed, days, isTwice, isToExplain }`.
 */

const Order = v.object({
  seed: v.number(),
  days: v.optional(v.number()),
  isTwice: v.optional(v.boolean()),
  isToExplain: v.boolean(),
});

const runner = await Runner.start();
process.on('message', async (message) => {
  const { isToExplain, ...task } = v.parse(Order, message);
  process.send?.(isToExplain ? { text: await runner.explain(task) } : await runner.run(task));
});
process.on('disconnect', async () => {
  await runner.stop();
  process.exit();
});
process.send?.('ready');
