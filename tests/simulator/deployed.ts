import * as v from 'valibot';
import { readYaml } from '../support/apiResources.ts';
import type { FunctionName } from './code.ts';

const Functions = v.record(v.string(), v.object({ timeout: v.optional(v.number()) }));
/** `functions`: those of the file, and references to files with more. */
const Service = v.object({
  provider: v.object({ timeout: v.number() }),
  functions: v.looseTuple([Functions]),
});
const Queues = v.object({
  Resources: v.object({
    OrdersQueue: v.object({
      Properties: v.object({
        VisibilityTimeout: v.number(),
        RedrivePolicy: v.object({ maxReceiveCount: v.number() }),
      }),
    }),
  }),
});

const { provider, functions } = v.parse(Service, readYaml('serverless.yml'));
const archive = v.parse(v.object({ functions: Functions }), readYaml('resources/archive/s3.yml'));
const timeouts = { ...functions[0], ...archive.functions };

/** How long an invocation of a function may take, in milliseconds. */
export const timeoutOf = (name: FunctionName): number => (timeouts[name]?.timeout ?? provider.timeout) * 1000;

/** The settings of the queue of orders in resources/queues.yml. */
export const ordersQueue = v.parse(Queues, readYaml('resources/queues.yml')).Resources.OrdersQueue.Properties;
