/** Older ones lack commands that the Lua scripts use, or report their errors in another form. */
const OLDEST = 7;

/**
 * Tells what is wrong with the version of a Redis, if anything. Valkey says there which Redis it is like.
 *
 * @param info what the command INFO says
 * @returns a text to follow the name of the Redis, e.g. `is Redis 6.0.16: Redis 7 or newer is needed, or Valkey`
 */
export function versionProblem(info: string): string | undefined {
  const [, version = '?', major] = /^redis_version:((\d+)\S*)/m.exec(info) ?? [];
  return Number(major) >= OLDEST ? undefined : `is Redis ${version}: Redis ${OLDEST} or newer is needed, or Valkey`;
}
