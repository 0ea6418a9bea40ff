import { SQSClient, type SQSClientConfig } from '@aws-sdk/client-sqs';

/** The host in a queue URL, such as that of an emulator, may not resolve where this code runs. The SDK's endpoint does. */
export const createSqsClient = (config: SQSClientConfig): SQSClient =>
  new SQSClient({ useQueueUrlAsEndpoint: false, ...config });
