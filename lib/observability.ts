import { Logger } from '@aws-lambda-powertools/logger';

/** Structured JSON logs. The level is POWERTOOLS_LOG_LEVEL, the service POWERTOOLS_SERVICE_NAME. */
export const logger = new Logger();
