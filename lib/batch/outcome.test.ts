import { expect, it } from 'vitest';
import { failureOfRedis, InvalidMessageError, MessageFailure } from './outcome.ts';

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
  'NOSCRIPT No matching script. Please use EVAL.',
  'BUSY Redis is busy running a script.',
  'MISCONF Redis is configured to save RDB snapshots, but it is unable to persist to disk.',
  'NOREPLICAS Not enough good replicas to write.',
  'ERR max number of clients reached',
  'ERR max number of clients + cluster connections reached',
])('an answer that Redis cannot serve now is transient: %s', (message) => {
  expect(failureOfRedis(reply(message)).kind).toBe('transient');
});

const CLUSTER = /^This Redis is a cluster: begin its URL with redis\+cluster:\/\//;
const SCRIPTS = /^This Redis cannot run the scripts of the pipeline: use Redis 7/;

it.each([
  ["CROSSSLOT Keys in request don't hash to the same slot", CLUSTER],
  ['MOVED 3999 127.0.0.1:6381', CLUSTER],
  ['ASK 3999 127.0.0.1:6381', CLUSTER],
  ['ERR SELECT is not allowed in cluster mode', CLUSTER],
  ['ERR This instance has cluster support disabled', /^This Redis is not a cluster: begin its URL with redis:\/\//],
  [
    "NOPERM this user has no permissions to run the 'evalsha' command",
    /^The user in the URL of Redis may not run EVALSHA: see "A user of Redis"/,
  ],
  [
    "NOPERM User orders has no permissions to run the 'cluster|slots' command",
    /^User orders may not run CLUSTER\|SLOTS/,
  ],
  ['NOPERM this user has no permissions to access one of the keys used as arguments', /may not use all keys/],
  ['NOPERM No permissions to access a key', /may not use all keys/],
  [
    "ERR The user executing the script can't run this command or subcommand script: 1, on @user_script:1.",
    /of the scripts/,
  ],
  ["ERR unknown command 'evalsha', with args beginning with: 'secret'", /^This Redis has no EVALSHA: use Redis 7/],
  ['ERR unknown command `EVALSHA`, with args beginning with: `secret`', /^This Redis has no EVALSHA: /],
  ["ERR Error compiling script (new function): user_script:1: unexpected symbol near '#'", SCRIPTS],
  ['ERR Unknown Redis command called from script script: 1, on @user_script:1.', SCRIPTS],
  ['ERR Invalid command passed to redis.acl_check_cmd() script: 1, on @user_script:1.', SCRIPTS],
  ['NOAUTH Authentication required.', /^Redis wants a password: /],
  ['ERR Protocol error: unauthenticated multibulk length', /^Redis wants a password: /],
  ['WRONGPASS invalid username-password pair or user is disabled.', /^Redis does not take the user and the password/],
  ['ERR DB index is out of range', /^Redis has no database with the number/],
  ['ERR user_script:12: attempt to index a nil value', /^Redis refuses the command: ERR user_script:12: /],
])('an answer that only a change of settings heals is refused, with what to change: %s', (message, reason) => {
  const failure = failureOfRedis(new Error('Redis cannot be reached', { cause: reply(message) }));
  expect(failure).toMatchObject({ kind: 'refused', isPermanent: false, message: expect.stringMatching(reason) });
  expect(failure.message).not.toContain('secret');
});

it('a key of another type is corrupt', () => {
  const message =
    'WRONGTYPE Operation against a key holding the wrong kind of value script: 1137737e, on @user_script:119.';
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

it.each(['invalid', 'conflict', 'unknown'] as const)('no later receive can change that a message is %s', (kind) => {
  expect(new MessageFailure(kind, '').isPermanent).toBe(true);
});

it.each(['transient', 'refused', 'corrupt', 'unarchived'] as const)(
  'a later receive can succeed after a failure that is %s',
  (kind) => {
    expect(new MessageFailure(kind, '').isPermanent).toBe(false);
  },
);
