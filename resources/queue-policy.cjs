/**
 * Who may not use the queues, and which topics and rules may send orders. In JavaScript, because the list may be empty.
 */
module.exports = async ({ resolveVariable }) => {
  const arns = await resolveVariable('self:custom.producerArns');
  const producers = ['sns', 'events'].flatMap((service) => {
    const own = arns.split(',').filter((arn) => arn.split(':')[2] === service);
    return own.length === 0 ? [] : sendingBy(`${service}.amazonaws.com`, own);
  });
  return {
    Resources: {
      OrdersQueuePolicy: policyOf('OrdersQueue', [...DENIALS, ...producers]),
      OrdersDeadLetterQueuePolicy: policyOf('OrdersDeadLetterQueue', DENIALS),
    },
  };
};

const sendingBy = (Service, arns) => ({
  Effect: 'Allow',
  Principal: { Service },
  Action: 'sqs:SendMessage',
  Resource: '*',
  // Without this condition, topics and rules of anybody could send.
  Condition: { ArnEquals: { 'aws:SourceArn': arns } },
});

/** These override whatever an identity is allowed elsewhere. */
const DENIALS = [
  {
    Sid: 'NotWithoutTls',
    Effect: 'Deny',
    Principal: '*',
    Action: 'sqs:*',
    Resource: '*',
    Condition: { Bool: { 'aws:SecureTransport': 'false' } },
  },
  {
    Sid: 'NotFromOtherAccounts',
    Effect: 'Deny',
    Principal: '*',
    Action: 'sqs:*',
    Resource: '*',
    Condition: {
      StringNotEquals: { 'aws:PrincipalAccount': { Ref: 'AWS::AccountId' } },
      // AWS services, such as SNS, have no account. They still need a statement that allows them.
      BoolIfExists: { 'aws:PrincipalIsAWSService': 'false' },
    },
  },
];

/** In the statements, `*` means the queue that the policy is attached to. */
const policyOf = (queue, Statement) => ({
  Type: 'AWS::SQS::QueuePolicy',
  Properties: { Queues: [{ Ref: queue }], PolicyDocument: { Version: '2012-10-17', Statement } },
});
