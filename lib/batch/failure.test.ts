import { expect, it } from 'vitest';
import { failureOfRedis, InvalidMessageError } from './failure.ts';

function reply(message: string): Error {
  const error = new Error(message);
  error.name = 'ReplyError';
  return error;
}

it.each([
  "OOM command not allowed when used memory > 'maxmemory'. script: 1137737e, on @user_script:79.",
  "READONLY You can't write against a read only replica. script: 1137737e, on @user_script:79.",
  'ERR Error running script (call to f_1137737e): @user_script:79: @user_script: 79: -OOM command not allowed',
  'LOADING Redis is loading the dataset in memory',
  "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
  'CLUSTERDOWN The cluster is down',
  'TRYAGAIN Multiple keys request during rehashing of slot',
  'MOVED 3999 127.0.0.1:6381',
  'ASK 3999 127.0.0.1:6381',
  'NOSCRIPT No matching script. Please use EVAL.',
  'BUSY Redis is busy running a script.',
  'MISCONF Redis is configured to save RDB snapshots, but it is unable to persist to disk.',
  'NOREPLICAS Not enough good replicas to write.',
  'NOAUTH Authentication required.',
])('an answer that Redis cannot serve now is transient: %s', (message) => {
  expect(failureOfRedis(reply(message)).kind).toBe('transient');
});

it.each([
  'WRONGTYPE Operation against a key holding the wrong kind of value script: 1137737e, on @user_script:119.',
  'ERR user_script:12: attempt to index a nil value script: 1137737e, on @user_script:12.',
])('an answer that waiting does not heal is corruption: %s', (message) => {
  expect(failureOfRedis(reply(message))).toMatchObject({
    name: 'MessageFailure',
    kind: 'corrupt',
    message: 'Redis failed to count the order',
    cause: { message },
  });
});

it.each(['Connection is closed.', 'Command timed out', 'connect ECONNREFUSED 127.0.0.1:6379'])(
  'an error of the connection is transient: %s',
  (message) => {
    const failure = failureOfRedis(new Error(message));
    expect(failure.kind).toBe('transient');
    expect(failure.cause).toMatchObject({ message });
  },
);

it('the field of an invalid message has no place in the list of items', () => {
  expect(new InvalidMessageError({ field: 'items[10].quantity', rule: 'is required' }).field).toBe('items[].quantity');
});
