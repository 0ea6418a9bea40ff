import { SQSClient, type SQSClientConfig } from '@aws-sdk/client-sqs';

/**
 * A client of SQS. The host in a queue URL does not always resolve from where the code runs, such as that of an emulator; the
 * SDK's endpoint does.
 */
export const createSqsClient = (config: SQSClientConfig): SQSClient =>
  new SQSClient({ useQueueUrlAsEndpoint: false, ...config });
