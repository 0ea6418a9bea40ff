import { parentPort, workerData } from 'node:worker_threads';

/* Runs one function, an invocation at a time, in a thread of its own: see localFunction.ts. */

const { file, name, context } = workerData;
const { [name]: handler } = await import(file);

parentPort.on('message', async ({ event, awsRequestId, deadline }) => {
  const getRemainingTimeInMillis = () => Math.max(deadline - Date.now(), 0);
  try {
    parentPort.postMessage({ result: await handler(event, { ...context, awsRequestId, getRemainingTimeInMillis }) });
  } catch (error) {
    parentPort.postMessage({ error });
  }
});
