import { type FunctionProcess, startFunctionProcess } from './functionProcess.ts';

/** The worker in a process of its own, connected to a Redis. */
export type WorkerProcess = FunctionProcess;

/** Starts it: see {@link startFunctionProcess}. */
export const startWorkerProcess = (
  redisUrl: string,
  environment?: Readonly<Record<string, string>>,
): Promise<WorkerProcess> => startFunctionProcess('processOrders', redisUrl, environment);
