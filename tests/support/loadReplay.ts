import { lambdaContext } from './lambdaContext.ts';
import { inNewContainer } from './newContainer.ts';

/** `remainingMs`: what the context says of the time before the timeout, each time it is asked. */
export type ReplayOptions = { readonly remainingMs?: () => number; readonly requestId?: string };

/** Calls the function that replays the archive. */
export type Replay = (options?: ReplayOptions) => Promise<unknown>;

/** Loads the function that replays the archive as a new Lambda container does. */
export async function loadReplay(environment: Readonly<Record<string, string | undefined>>): Promise<Replay> {
  const { handler } = await inNewContainer(environment, () => import('../../functions/replayArchive.ts'));
  return ({ remainingMs = () => 300_000, requestId = lambdaContext.awsRequestId } = {}) =>
    handler({}, { ...lambdaContext, awsRequestId: requestId, getRemainingTimeInMillis: remainingMs });
}
