import { Logger } from '@aws-lambda-powertools/logger';
import { errorText } from './errorText.ts';

export const logger = new Logger({
  jsonReplacerFn: (_, value) => (value instanceof Error ? errorFields(value) : value),
});

/**
 * Powertools would log every field of an error. An error of ioredis has the command with its arguments, which may be an
 * order or the password.
 */
const errorFields = (error: Error) => ({
  name: error.name,
  message: errorText(error),
  ...('code' in error && { code: error.code }),
  // A stack starts with the message, which may hold secrets: only the frames.
  stack: error.stack?.match(/^ {4}at .*$/gm)?.join('\n'),
  ...(error.cause !== undefined && { cause: error.cause instanceof Error ? error.cause : errorText(error.cause) }),
});
