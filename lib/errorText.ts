/** Follows the causes of an error to the first one: what Redis or the connection said. */
export function innermost(error: unknown): unknown {
  let current = error;
  while (current instanceof Error && current.cause !== undefined) current = current.cause;
  return current;
}

/**
 * The message of an error without secrets. Redis repeats the arguments of an unknown command, which may include a
 * password. SQS repeats a request that it refuses, with its credentials, after the first line.
 */
export function errorText(error: unknown): string {
  const [line = ''] = (error instanceof Error ? error.message : String(error)).split('\n', 1);
  return line.replace(/,? with args beginning with:.*/, '');
}
