import { pathToFileURL } from 'node:url';
import { lambdaContext } from '../../tests/support/lambdaContext.ts';

/*
 * A container: calls the handler of a module with each event from its parent, and sends back `{ response }`, or `{ error }`
 * if it throws. The arguments are the module and the timeout of an invocation in milliseconds.
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
