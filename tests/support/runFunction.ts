import { createInterface } from 'node:readline';
import { lambdaContext } from './lambdaContext.ts';

/*
 * Runs the function that the command line names. For each line on standard input, `{ times, event }`, it calls the handler
 * `times` times at once and prints one line of JSON: the responses, and the memory of the process in bytes.
 */

const { handler } = await import(`../../functions/${process.argv[2]}.ts`);
console.log('ready');
for await (const line of createInterface({ input: process.stdin })) {
  const { times, event } = JSON.parse(line);
  const responses = await Promise.all(Array.from({ length: times }, () => handler(event, lambdaContext)));
  console.log(JSON.stringify({ responses, rss: process.memoryUsage.rss() }));
}
process.exit();
