import fc from 'fast-check';
import { afterAll, expect, it } from 'vitest';
import { connectTo, deliver } from '../support/deliver.ts';
import { deliverHistory, histories, WORKERS } from '../support/histories.ts';
import { nodesOf, visibleContent } from '../support/storedContent.ts';
import { emptyCluster } from './support/cluster.ts';

const cluster = await emptyCluster();
const connections = Array.from({ length: WORKERS }, () => connectTo(cluster));
afterAll(async () => {
  for (const connection of connections) connection.drop(await connection.open());
});

it('random deliveries of versions to several workers count like the highest versions alone', async () => {
  const [connection = connectTo(cluster)] = connections;
  const redis = await connection.open();
  const counted = async () =>
    [...(await visibleContent(nodesOf(redis)))].filter(([key]) => !key.endsWith('global:messages'));
  const empty = () => Promise.all(cluster.primaries.map((node) => node.redis.flushall()));
  await fc.assert(
    fc.asyncProperty(histories, async (history) => {
      await empty();
      expect(await deliverHistory(connections, history)).toEqual([]);
      const actual = await counted();
      await empty();
      await deliver(connection, history.highest);
      expect(actual).toEqual(await counted());
    }),
    { numRuns: 100 },
  );
});
