import type { Context } from 'aws-lambda';

/** What Lambda hands to every handler besides the event. */
export const lambdaContext: Context = {
  awsRequestId: '8f5a1b1e-0000-4000-8000-000000000000',
  functionName: 'orders-test',
  functionVersion: '$LATEST',
  invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:orders-test',
  memoryLimitInMB: '512',
  logGroupName: '/aws/lambda/orders-test',
  logStreamName: 'test',
  callbackWaitsForEmptyEventLoop: true,
  getRemainingTimeInMillis: () => 10_000,
  done: () => {},
  fail: () => {},
  succeed: () => {},
};
