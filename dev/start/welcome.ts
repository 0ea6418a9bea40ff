import { redisAddress, withoutPassword } from '../../lib/redis/url.ts';
import type { RunningStack } from '../../scripts/shared/runningStack.ts';

type Places = Omit<RunningStack, 'pid'>;

/**
 * Commands to copy, without the password of Redis.
 *
 * @param how isFound: whether the tools find this pipeline by themselves; samplesFile: holds the sample orders
 */
export function whatToTry(places: Places, how: { isFound: boolean; samplesFile?: string | undefined }): string {
  const shownUrl = withoutPassword(places.redisUrl);
  // A password is only in the Redis that REDIS_URL names.
  const redisUrl = shownUrl === places.redisUrl ? shownUrl : '"$REDIS_URL"';
  const endpoint = how.isFound ? '' : ` --endpoint ${places.sqsEndpoint}`;
  const redis = how.isFound ? '' : ` --redis ${redisUrl}`;
  const zone = how.isFound ? '' : ` --time-zone ${places.timeZone}`;
  // On a cluster, the totals are spread over the keys of its shards.
  const redisCli = redisAddress(places.redisUrl).isCluster ? [] : [`redis-cli -u ${redisUrl} hgetall global:stats`];
  const commands = [
    `curl ${places.apiUrl}/stats/global`,
    `curl ${places.apiUrl}/users/U00001/stats`,
    `curl '${places.apiUrl}/top-users?limit=3'`,
    ...(how.samplesFile ? [`npm run verify -- --file ${how.samplesFile}${redis}${zone}`] : []),
    `npm run populate -- --count 10000 --invalid 0.001${endpoint}`,
    `npm run dlq -- list${endpoint}${redis}${zone}`,
    ...redisCli,
    ...(places.archiveBucket
      ? [`aws s3 ls s3://${places.archiveBucket} --recursive --no-sign-request --endpoint-url ${places.sqsEndpoint}`]
      : []),
  ];
  return `
The pipeline runs. Try, in another terminal:

${commands.map((command) => `  ${command}`).join('\n')}

Send orders to ${places.queueUrl}
Dashboard: ${places.apiUrl}/dashboard
API ${places.apiUrl} · SQS ${places.sqsEndpoint} · ${shownUrl}
Functions reload when their code changes. Ctrl-C ends everything.
`;
}
