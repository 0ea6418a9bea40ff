/** The LocalStack to test with: the one that AWS_ENDPOINT_URL names, else the one of docker-compose.yml. */
export const endpoint = (process.env.AWS_ENDPOINT_URL || 'http://localhost:4566').replace(/\/+$/, '');

/** What a client of the AWS SDK needs for it. */
export const localStack = {
  endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
};

/** Where the API of stage `local` is after every deployment; that of another stage has its name in the id as well. */
export const apiUrlOf = (stage: string): string =>
  `${endpoint}/_aws/execute-api/${stage === 'local' ? 'orders' : `orders-${stage}`}/${stage}`;
