import { expect, test } from 'vitest';
import { chooseRedis, describePlaces } from './places.ts';

const running = {
  pid: 1,
  redisUrl: 'redis://:secret@127.0.0.1:7000',
  queueUrl: 'http://localhost:4570/000000000000/orders-queue',
  sqsEndpoint: 'http://localhost:4570',
  apiUrl: 'http://localhost:3000',
  timeZone: 'UTC',
};
const nothing = { stage: 'local', standard: undefined, running: undefined };

test.each([
  ['the one that is named', { redis: 'redis://a', standard: 'redis://b', running }, 'redis://a'],
  ['REDIS_URL', { standard: 'redis://b', running }, 'redis://b'],
  ['that of the npm start that runs', { running }, running.redisUrl],
  ['that of the npm start whose queue is used', { running, endpoint: 'http://localhost:4570/' }, running.redisUrl],
  [
    'the usual one where the queue is elsewhere',
    { running, endpoint: 'http://localhost:4566' },
    'redis://127.0.0.1:6379',
  ],
  ['the usual one', {}, 'redis://127.0.0.1:6379'],
  ['none for another stage', { stage: 'prod', running }, undefined],
])('Redis is %s', (_, places, url) => {
  expect(chooseRedis({ ...nothing, ...places })).toBe(url);
});

test('the line for people holds no password and names npm start only where it is used', () => {
  const place = { queue: 'orders-queue', endpoint: running.sqsEndpoint, redisUrl: running.redisUrl };
  expect(describePlaces(place, running)).toBe(
    'Using queue orders-queue at http://localhost:4570 and Redis 127.0.0.1:7000, of the npm start that runs',
  );
  expect(describePlaces({ redisUrl: 'redis://:secret@there' }, running)).toBe('Using Redis there');
  expect(describePlaces({ queue: 'orders-queue-prod', endpoint: undefined }, undefined)).toBe(
    'Using queue orders-queue-prod at AWS',
  );
});
