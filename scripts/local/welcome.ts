import { clusterNodes, withoutPassword } from '../../lib/redisUrl.ts';

const USUAL_SQS = 'http://localhost:4566';

/** What to try with the pipeline that runs: commands to copy. A password of Redis is not shown. */
export function whatToTry(urls: { apiUrl: string; sqsUrl: string; redisUrl: string }): string {
  const endpoint = urls.sqsUrl === USUAL_SQS ? '' : ` --endpoint ${urls.sqsUrl}`;
  // redis-cli knows no URL of a cluster.
  const [node] = clusterNodes(urls.redisUrl) ?? [];
  const redisCli = withoutPassword(node ? `redis-cli -c -u ${node}` : `redis-cli -u ${urls.redisUrl}`);
  return `
The pipeline runs. Try, in another terminal:

  curl ${urls.apiUrl}/stats/global
  curl ${urls.apiUrl}/users/U00001/stats
  curl '${urls.apiUrl}/top-users?limit=3'
  npm run populate -- --count 10000${endpoint}
  ${redisCli} hgetall global:stats

To look at: ${urls.apiUrl}/dashboard
API ${urls.apiUrl} · SQS ${urls.sqsUrl} · ${withoutPassword(urls.redisUrl)}
Functions reload when their code changes. Ctrl-C ends everything.
`;
}
