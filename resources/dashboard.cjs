/** A CloudWatch dashboard. In JavaScript, because CloudFormation takes it as one long JSON text. */
module.exports = async ({ resolveVariable }) => {
  const stage = await resolveVariable('sls:stage');
  const suffix = await resolveVariable('param:suffix');
  const hasArchive = (await resolveVariable('param:archive')) !== 'none';
  const service = `orders${suffix}`;

  const sqs = (name, queue, stat) => ['AWS/SQS', name, 'QueueName', queue, { stat }];
  const worker = (name, stat) => ['AWS/Lambda', name, 'FunctionName', `orders-${stage}-processOrders`, { stat }];
  const orders = (name, stat) => ['Orders', name, 'service', service, { stat }];
  const api = (name, stat) => ['AWS/ApiGateway', name, 'ApiName', `${stage}-orders`, 'Stage', stage, { stat }];
  const rejected = `SEARCH('{Orders,service,reason} service="${service}" MetricName="OrdersRejected"', 'Sum', 60)`;

  const graphs = {
    Queue: [
      sqs('ApproximateNumberOfMessagesVisible', `orders-queue${suffix}`, 'Maximum'),
      sqs('ApproximateNumberOfMessagesNotVisible', `orders-queue${suffix}`, 'Maximum'),
    ],
    'Oldest order, seconds': [sqs('ApproximateAgeOfOldestMessage', `orders-queue${suffix}`, 'Maximum')],
    'Dead letters': [sqs('ApproximateNumberOfMessagesVisible', `orders-queue-dlq${suffix}`, 'Maximum')],
    Orders: [orders('OrdersCounted', 'Sum'), orders('DuplicatesIgnored', 'Sum'), orders('Conflicts', 'Sum')],
    'Rejected, by reason': [[{ expression: rejected }]],
    'Held up': [
      orders('MessagesReceived', 'Sum'),
      orders('TransientFailures', 'Sum'),
      orders('ArchiveFailures', 'Sum'),
      orders('RedisRefusals', 'Sum'),
      orders('CorruptKeys', 'Sum'),
    ],
    'A batch, milliseconds': [
      orders('BatchDuration', 'p99'),
      orders('RedisLatency', 'p99'),
      orders('ArchiveLatency', 'p99'),
    ],
    'From sent to counted': [orders('QueueDelay', 'p50'), orders('QueueDelay', 'p99')],
    Worker: [worker('Invocations', 'Sum'), worker('Errors', 'Sum'), worker('Throttles', 'Sum')],
    'Workers at once': [worker('ConcurrentExecutions', 'Maximum')],
    'API requests': [api('Count', 'Sum'), api('4XXError', 'Sum'), api('5XXError', 'Sum')],
    'API latency, milliseconds': [api('Latency', 'p50'), api('Latency', 'p99')],
    ...(hasArchive && {
      'Orders in replays': [orders('OrdersReplayed', 'Sum'), orders('OrdersRestored', 'Sum')],
      'Archive not replayed yet, seconds': [orders('ReplayLag', 'Maximum')],
    }),
  };

  const widgets = Object.entries(graphs).map(([title, metrics], index) => ({
    type: 'metric',
    x: (index % 3) * 8,
    y: Math.floor(index / 3) * 6,
    width: 8,
    height: 6,
    // biome-ignore lint/suspicious/noTemplateCurlyInString: for CloudFormation
    properties: { title, region: '${AWS::Region}', view: 'timeSeries', period: 60, metrics },
  }));
  const DashboardBody = { 'Fn::Sub': JSON.stringify({ widgets }) };
  return {
    Resources: {
      Dashboard: { Type: 'AWS::CloudWatch::Dashboard', Properties: { DashboardName: service, DashboardBody } },
    },
  };
};
