import { localStackEndpoint as endpoint } from '../../../dev/start/localStack.ts';

export { apiUrlOf, localStackEndpoint as endpoint } from '../../../dev/start/localStack.ts';

/** What a client of the AWS SDK needs for it. */
export const localStack = {
  endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
};
