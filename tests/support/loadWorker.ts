import { lambdaContext } from './lambdaContext.ts';
import { inNewContainer } from './newContainer.ts';

/** Gives the worker an event; resolves to its response. */
export type Deliver = (event: unknown) => Promise<unknown>;

/** Loads the worker as a new Lambda container does. */
export async function loadWorker(environment: Readonly<Record<string, string | undefined>>): Promise<Deliver> {
  const { handler } = await inNewContainer(environment, () => import('../../functions/processOrders.ts'));
  return (event) => handler(event, lambdaContext);
}
