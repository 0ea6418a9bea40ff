/** Follows the causes of an error to what Redis or the connection said. */
export function innermost(error: unknown): unknown {
  let current = error;
  while (current instanceof Error && current.cause !== undefined) current = current.cause;
  return current;
}

/**
 * What an error says, fit for logs and people. Left out are the arguments of a command that Redis does not know, a
 * password among them, and all but the first line: SQS repeats a request that it refuses, with its credentials.
 */
export function errorText(error: unknown): string {
  const [line = ''] = (error instanceof Error ? error.message : String(error)).split('\n', 1);
  return line.replace(/,? with args beginning with:.*/, '');
}
