import * as v from 'valibot';
import { readYaml } from '../support/apiResources.ts';
import type { FunctionName } from './code.ts';

const Service = v.object({
  provider: v.object({ timeout: v.number() }),
  functions: v.record(v.string(), v.object({ timeout: v.optional(v.number()) })),
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

/** How long an invocation of a function may take, in milliseconds. */
export const timeoutOf = (name: FunctionName): number => (functions[name]?.timeout ?? provider.timeout) * 1000;

/** The settings of the queue of orders in resources/queues.yml. */
export const ordersQueue = v.parse(Queues, readYaml('resources/queues.yml')).Resources.OrdersQueue.Properties;
