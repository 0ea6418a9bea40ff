import type { RunningStack } from './runningStack.ts';
import { isThisMachine, type SqsPlace } from './sqs.ts';

/** The queue, by its name or URL, and where it is. */
export type Target = SqsPlace & { readonly queue: string };

const LOCAL_ENDPOINT = 'http://localhost:4566';

/**
 * Where to send. What the user named comes first, then AWS_ENDPOINT_URL as for every tool of AWS, then the `npm start`
 * that runs. The URL of a queue says where it is, so that one of AWS never goes to this machine.
 *
 * @param standard - value of AWS_ENDPOINT_URL
 * @param running - the `npm start` that runs
 */
export function chooseTarget(
  options: { readonly queue?: string; readonly endpoint?: string; readonly stage: string },
  standard: string | undefined,
  running: RunningStack | undefined,
): Target {
  const isLocal = options.stage === 'local';
  const queue = options.queue ?? (isLocal ? 'orders-queue' : `orders-queue-${options.stage}`);
  const place = URL.canParse(queue)
    ? placeOf(new URL(queue))
    : { endpoint: standard || (isLocal ? (running?.sqsEndpoint ?? LOCAL_ENDPOINT) : undefined), region: undefined };
  return { ...place, ...(options.endpoint && { endpoint: options.endpoint }), queue };
}

function placeOf(url: URL): SqsPlace {
  const [, region] = /^sqs\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?$/.exec(url.hostname) ?? [];
  if (region) return { endpoint: undefined, region };
  // Emulators name the region in front of localhost, which not every machine resolves.
  if (isThisMachine(url.hostname)) url.hostname = 'localhost';
  return { endpoint: url.origin, region: undefined };
}
