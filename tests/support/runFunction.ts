import { createInterface } from 'node:readline';
import { lambdaContext } from './lambdaContext.ts';

/*
 * A function in a process of its own, which the command line names. For every line on standard input, `{ times, event }`,
 * it hands the event to the handler that many times at once, and prints one line of JSON: the responses, and the bytes of
 * memory that the process has by then.
 */

const { handler } = await import(`../../functions/${process.argv[2]}.ts`);
console.log('ready');
for await (const line of createInterface({ input: process.stdin })) {
  const { times, event } = JSON.parse(line);
  const responses = await Promise.all(Array.from({ length: times }, () => handler(event, lambdaContext)));
  console.log(JSON.stringify({ responses, rss: process.memoryUsage.rss() }));
}
process.exit();
