import { errorText, innermost } from '../errorText.ts';

/** A key holds something that the pipeline never writes: only a person can repair it. */
export class CorruptKeyError extends Error {
  override readonly name = 'CorruptKeyError';

  constructor(readonly key: string) {
    super(`${key} holds something else than it should`);
  }
}

/** Redis does not answer, or refuses to; the cause says why. */
export class RedisUnavailableError extends Error {
  override readonly name = 'RedisUnavailableError';

  constructor(cause: unknown) {
    super(refusalOf(cause) ?? 'Redis could not be read', { cause });
  }
}

/** What the error of a command on a key means: {@link CorruptKeyError} where the key has another type, else the error itself. */
export const corruptionOf = (key: string, error: Error): Error =>
  error.message.startsWith('WRONGTYPE') ? new CorruptKeyError(key) : error;

/**
 * What an error of Redis, or of the connection to it, means.
 * - `corrupt`: a key has another type than it should; a person has to repair it.
 * - `temporary`: a later attempt may succeed. Redis does not answer, or cannot serve the command now.
 * - `refused`: Redis will not do what is asked of it until somebody changes a setting, see {@link refusalOf}.
 */
export type RedisTrouble = 'corrupt' | 'temporary' | 'refused';

/** Which trouble an error is, or the one that caused it. */
export function troubleOf(error: unknown): RedisTrouble {
  const cause = innermost(error);
  if (cause instanceof CorruptKeyError || (isReply(cause) && /(^|-)WRONGTYPE /.test(cause.message))) return 'corrupt';
  return isReply(cause) && !TEMPORARY.test(cause.message) ? 'refused' : 'temporary';
}

/** What Redis refuses and what to change, in one sentence without a stop; undefined for other errors. */
export function refusalOf(error: unknown): string | undefined {
  if (troubleOf(error) !== 'refused') return undefined;
  const text = errorText(innermost(error));
  for (const [pattern, describe] of REFUSALS) {
    const match = pattern.exec(text);
    if (match) return describe(match.groups ?? {});
  }
  return `Redis refuses the command: ${text}`;
}

const isReply = (error: unknown): error is Error => error instanceof Error && error.name === 'ReplyError';

/** Whether a command failed as its connection had ended before, for a reason that ioredis does not give. */
export const isAfterEnd = (error: unknown): boolean =>
  error instanceof Error && /^(Connection is closed\.|Stream isn't writeable)/.test(error.message);

/** The first of some errors that says why a connection failed; where none does, the first one. */
export const firstCause = (errors: readonly unknown[]): unknown =>
  errors.find((error) => error !== undefined && !isAfterEnd(error)) ?? errors.find((error) => error !== undefined);

/**
 * What Redis answers when it cannot serve a command now. Redis 7 gives the code of a refusal inside a script first,
 * Redis 6 behind a dash somewhere in the text.
 */
const TEMPORARY =
  /(^|-)(LOADING|READONLY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|OOM|BUSY|MISCONF|NOREPLICAS|NOSCRIPT|ERR max number of clients) /;

type Describe = (groups: Readonly<Record<string, string>>) => string;

const ACCESS = 'see "A user of Redis" in docs/deployment.md';
const userOf = (user: string | undefined): string => (user ? `User ${user}` : 'The user in the URL of Redis');

/** Texts of Redis 7 and Valkey, and of older ones; what a client of a cluster follows itself only one of one Redis gets. */
const REFUSALS: readonly (readonly [RegExp, Describe])[] = [
  [
    /^(CROSSSLOT|MOVED|ASK) |SELECT is not allowed in cluster mode/,
    () => 'This Redis is a cluster: begin its URL with redis+cluster://, or rediss+cluster:// for TLS',
  ],
  [/cluster support disabled/, () => 'This Redis is not a cluster: begin its URL with redis://, or rediss:// for TLS'],
  [
    /^NOPERM (?:User (?<user>\S+)|this user) has no permissions to run the '(?<command>[^']+)' command/i,
    ({ user, command = '' }) => `${userOf(user)} may not run ${command.toUpperCase()}: ${ACCESS}`,
  ],
  [/^NOPERM .*\bkeys?\b/i, () => `The user in the URL of Redis may not use all keys of the pipeline: ${ACCESS}`],
  [
    /user executing the script can't|ACL failure in script/i,
    () => `The user in the URL of Redis may not run a command of the scripts: ${ACCESS}`,
  ],
  [
    /unknown (?:command|subcommand) ['`"](?<command>[^'`"]+)/i,
    ({ command = '' }) =>
      `This Redis has no ${command.toUpperCase()}: use Redis 7, Valkey or newer, with no command renamed`,
  ],
  [
    /compiling script|Unknown Redis command called from script|Invalid command passed to|unknown .*shebang/i,
    () => 'This Redis cannot run the scripts of the pipeline: use Redis 7, Valkey or newer, with no command renamed',
  ],
  [/^NOAUTH |unauthenticated/, () => 'Redis wants a password: put the user and the password into its URL (NOAUTH)'],
  [/^WRONGPASS |invalid password/, () => 'Redis does not take the user and the password in its URL (WRONGPASS)'],
  [/DB index is out of range|invalid DB index/i, () => 'Redis has no database with the number at the end of its URL'],
];
