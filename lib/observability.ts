import { Logger } from '@aws-lambda-powertools/logger';
import { errorText } from './errorText.ts';

/** Structured JSON logs. The level is POWERTOOLS_LOG_LEVEL, the service POWERTOOLS_SERVICE_NAME. */
export const logger = new Logger({
  jsonReplacerFn: (_, value) => (value instanceof Error ? errorFields(value) : value),
});

/**
 * An error as fields of a log. Powertools would copy all that it carries: an error of ioredis the command with its
 * arguments, be it an order or the password.
 */
const errorFields = (error: Error) => ({
  name: error.name,
  message: errorText(error),
  ...('code' in error && { code: error.code }),
  // Before its frames a stack repeats the message.
  stack: error.stack?.match(/^ {4}at .*$/gm)?.join('\n'),
  ...(error.cause !== undefined && { cause: error.cause instanceof Error ? error.cause : errorText(error.cause) }),
});
