import { pathToFileURL } from 'node:url';
import { lambdaContext } from '../../tests/support/lambdaContext.ts';

/*
 * A container: hands each event that its parent sends to the handler of a module, and sends back `{ response }` or, where it
 * throws, `{ error }`. The command line names the module, and the milliseconds that an invocation may take.
 */

const [, , module = '', timeoutMs] = process.argv;
const loaded = import(pathToFileURL(module).href);
process.on('message', async (event) => {
  const { handler } = await loaded;
  const end = Date.now() + Number(timeoutMs);
  try {
    const response = await handler(event, { ...lambdaContext, getRemainingTimeInMillis: () => end - Date.now() });
    process.send?.({ response });
  } catch (error) {
    process.send?.({ error: `${error}` });
  }
});
process.on('disconnect', () => process.exit());
loaded.then(() => process.send?.('ready'));
