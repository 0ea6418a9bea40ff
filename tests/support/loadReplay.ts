import { lambdaContext } from './lambdaContext.ts';
import { inNewContainer } from './newContainer.ts';

/** Calls the function that replays the archive. `remainingMs`: what its context says of the time before its timeout. */
export type Replay = (options?: {
  readonly remainingMs?: () => number;
  readonly requestId?: string;
}) => Promise<unknown>;

/** Loads the function that replays the archive as a new Lambda container does. */
export async function loadReplay(environment: Readonly<Record<string, string | undefined>>): Promise<Replay> {
  const { handler } = await inNewContainer(environment, () => import('../../functions/replayArchive.ts'));
  return ({ remainingMs = () => 300_000, requestId = lambdaContext.awsRequestId } = {}) =>
    handler({}, { ...lambdaContext, awsRequestId: requestId, getRemainingTimeInMillis: remainingMs });
}
