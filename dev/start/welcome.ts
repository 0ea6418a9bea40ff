import { redisAddress, withoutPassword } from '../../lib/redis/url.ts';
import type { RunningStack } from '../../scripts/shared/runningStack.ts';

type Places = Omit<RunningStack, 'pid'>;

/**
 * Commands to copy, without the password of Redis.
 *
 * @param how isFound: whether the tools find this pipeline by themselves; samplesFile: holds the sample orders
 */
export function whatToTry(places: Places, how: { isFound: boolean; samplesFile?: string | undefined }): string {
  const redisUrl = withoutPassword(places.redisUrl);
  const endpoint = how.isFound ? '' : ` --endpoint ${places.sqsEndpoint}`;
  const redis = how.isFound ? '' : ` --redis ${redisUrl}`;
  const zone = how.isFound ? '' : ` --time-zone ${places.timeZone}`;
  // redis-cli has no URLs for clusters.
  const { isCluster } = redisAddress(places.redisUrl);
  const redisCli = isCluster
    ? `redis-cli -c -u ${redisUrl.replace('+cluster', '').replace(/,[^@]*$/, '')}`
    : `redis-cli -u ${redisUrl}`;
  const commands = [
    `curl ${places.apiUrl}/stats/global`,
    `curl ${places.apiUrl}/users/U00001/stats`,
    `curl '${places.apiUrl}/top-users?limit=3'`,
    ...(how.samplesFile ? [`npm run verify -- --file ${how.samplesFile}${redis}${zone}`] : []),
    `npm run populate -- --count 10000 --invalid 0.001${endpoint}`,
    `npm run dlq -- list${endpoint}${redis}${zone}`,
    `${redisCli} hgetall global:stats`,
  ];
  return `
The pipeline runs. Try, in another terminal:

${commands.map((command) => `  ${command}`).join('\n')}

Send orders to ${places.queueUrl}
Dashboard: ${places.apiUrl}/dashboard
API ${places.apiUrl} · SQS ${places.sqsEndpoint} · ${redisUrl}
Functions reload when their code changes. Ctrl-C ends everything.
`;
}
