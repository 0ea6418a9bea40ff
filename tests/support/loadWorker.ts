import { lambdaContext } from './lambdaContext.ts';
import { inNewContainer } from './newContainer.ts';

/** Gives the worker an event, in a request with this id; resolves to its response. */
export type Deliver = (event: unknown, requestId?: string) => Promise<unknown>;

/** Loads the worker as a new Lambda container does. */
export async function loadWorker(environment: Readonly<Record<string, string | undefined>>): Promise<Deliver> {
  const { handler } = await inNewContainer(environment, () => import('../../functions/processOrders.ts'));
  return (event, requestId = lambdaContext.awsRequestId) =>
    handler(event, { ...lambdaContext, awsRequestId: requestId });
}
