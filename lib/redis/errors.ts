import { errorText, innermost } from '../errorText.ts';

/** A key has a value that the pipeline never writes. Only an operator can repair it. */
export class CorruptKeyError extends Error {
  override readonly name = 'CorruptKeyError';

  constructor(readonly key: string) {
    super(`${key} has an unexpected value`);
  }
}

/** Redis does not answer, or refuses to. The cause says why. */
export class RedisUnavailableError extends Error {
  override readonly name = 'RedisUnavailableError';

  constructor(cause: unknown) {
    super(refusalOf(cause) ?? 'Redis could not be read', { cause });
  }
}

/** {@link CorruptKeyError} if a command failed because the key has another type; else the error itself. */
export const corruptionOf = (key: string, error: Error): Error =>
  error.message.startsWith('WRONGTYPE') ? new CorruptKeyError(key) : error;

/**
 * The kinds of errors of Redis, or of the connection to it.
 * - `corrupt`: a key has the wrong type, and an operator has to repair it.
 * - `temporary`: Redis does not answer or cannot serve the command now. A later attempt may succeed.
 * - `refused`: Redis rejects the command until somebody changes a setting, see {@link refusalOf}.
 */
export type RedisTrouble = 'corrupt' | 'temporary' | 'refused';

/** Looks at the innermost cause. */
export function troubleOf(error: unknown): RedisTrouble {
  const cause = innermost(error);
  if (cause instanceof CorruptKeyError || (isReply(cause) && /(^|-)WRONGTYPE /.test(cause.message))) return 'corrupt';
  return isReply(cause) && !TEMPORARY.test(cause.message) ? 'refused' : 'temporary';
}

/** Says in one sentence, without a full stop, what Redis refuses and what to change. Undefined for other errors. */
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

/** Whether an error is an answer of Redis, and not a failure of the connection. */
export const isAnswer = (error: unknown): boolean => isReply(innermost(error));

/** Whether a command failed because its connection had already ended. ioredis does not say why it ended. */
export const isAfterEnd = (error: unknown): boolean =>
  error instanceof Error && /^(Connection is closed\.|Stream isn't writeable)/.test(error.message);

/** The first error that says why a connection failed, or else the first one. */
export const firstCause = (errors: readonly unknown[]): unknown =>
  errors.find((error) => error !== undefined && !isAfterEnd(error)) ?? errors.find((error) => error !== undefined);

/**
 * Errors with which Redis refuses a command for now. For a command inside a script, Redis 7 puts the code first, and
 * Redis 6 puts it after a dash somewhere in the text.
 */
const TEMPORARY =
  /(^|-)(LOADING|READONLY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|OOM|BUSY|MISCONF|NOREPLICAS|NOSCRIPT|FENCED|ERR max number of clients) /;

type Describe = (groups: Readonly<Record<string, string>>) => string;

const ACCESS = 'see "A user of Redis" in docs/deployment.md';
const userOf = (user: string | undefined): string => (user ? `User ${user}` : 'The user in the URL of Redis');

/** Texts of Valkey and of all Redis versions. Redirects appear only without cluster mode, where ioredis does not follow them. */
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
    // Before version 7, Redis begins every error of a script with the last of these.
    /compiling script|Unknown Redis command called from script|Invalid command passed to|unknown .*shebang|Error running script/i,
    () => 'This Redis cannot run the scripts of the pipeline: use Redis 7, Valkey or newer, with no command renamed',
  ],
  [/^NOAUTH |unauthenticated/, () => 'Redis wants a password: put the user and the password into its URL (NOAUTH)'],
  [
    /^DENIED Redis is running in protected mode/,
    () => 'Redis serves only its own machine: give its user a password, and put it into the URL (DENIED)',
  ],
  [/^WRONGPASS |invalid password/, () => 'Redis does not take the user and the password in its URL (WRONGPASS)'],
  [/DB index is out of range|invalid DB index/i, () => 'Redis has no database with the number at the end of its URL'],
];
