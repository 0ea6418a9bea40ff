import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';

/** Structured JSON logs. The level is POWERTOOLS_LOG_LEVEL, the service POWERTOOLS_SERVICE_NAME. */
export const logger = new Logger();

/** CloudWatch metrics, written as log lines in the embedded metric format; none where POWERTOOLS_METRICS_DISABLED=true. */
export const metrics = new Metrics({ namespace: 'Orders' });
