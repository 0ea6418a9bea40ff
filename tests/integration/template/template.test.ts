import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import { beforeAll, describe, expect, it } from 'vitest';
import { EXAMPLE_ENVIRONMENT, packageVariant, VARIANTS } from '../../../dev/checks/package.ts';
import { preflightHeaders } from '../../../dev/start/gateway.ts';
import { type Deployment, packaged } from '../../support/cloudFormation.ts';
import { testElastiCache } from './elasticache.ts';
import { testRoles } from './roles.ts';

/* What must hold for each stage, read from what would be deployed. */

const DATA_ROUTES = ['UsersUseridVarStats', 'StatsGlobal', 'TopDashusers', 'Overview', 'Pipeline'];
const OPEN_ROUTES = ['Health', 'Openapijson', 'Dashboard'];
const CORS_HEADERS = ['Content-Type', 'X-Api-Key', 'Authorization', 'If-None-Match'];
const QUEUES = ['OrdersQueue', 'OrdersDeadLetterQueue'];
const FOURTEEN_DAYS = 14 * 24 * 3600;

const WITH_KEY = { ApiKeyRequired: true, AuthorizationType: 'NONE' };
const SIGNED = { ApiKeyRequired: false, AuthorizationType: 'AWS_IAM' };
const OPEN = { ApiKeyRequired: false, AuthorizationType: 'NONE' };

const SECRET = '{{resolve:secretsmanager:orders/dev/redis-url}}';

const ALARMS = [
  'api-errors',
  'api-latency',
  'corrupt-keys',
  'dead-letters',
  'expiring-dead-letters',
  'expiring-orders',
];
ALARMS.push(
  'nothing-counted',
  'old-orders',
  'redis-refusals',
  'transient-failures',
  'worker-errors',
  'worker-throttles',
);
const ALARMS_OF_ARCHIVE = ['archive-failures', 'orders-restored', 'replay-behind'];

/** Where the variants differ. `data`: what happens to queues and archive when the stack is removed. */
const EXPECTED: Record<keyof typeof VARIANTS, { suffix: string; access: object; redisUrl: unknown; data: string }> = {
  local: { suffix: '', access: OPEN, redisUrl: EXAMPLE_ENVIRONMENT.REDIS_URL, data: 'Delete' },
  test: { suffix: '-test', access: WITH_KEY, redisUrl: SECRET.replace('dev', 'test'), data: 'Delete' },
  dev: { suffix: '-dev', access: WITH_KEY, redisUrl: SECRET, data: 'Delete' },
  prod: { suffix: '-prod', access: WITH_KEY, redisUrl: SECRET.replace('dev', 'prod'), data: 'Retain' },
  'dev with access by IAM': { suffix: '-dev', access: SIGNED, redisUrl: SECRET, data: 'Delete' },
  'prod with ElastiCache and an endpoint for SQS': {
    suffix: '-prod',
    access: WITH_KEY,
    redisUrl: { 'Fn::Sub': expect.stringMatching(/^rediss:\/\/:\{\{resolve:secretsmanager:.*}}@\$\{Redis\./) },
    data: 'Retain',
  },
  'prod with ElastiCache in cluster mode': {
    suffix: '-prod',
    access: WITH_KEY,
    redisUrl: {
      'Fn::Sub': expect.stringMatching(/^rediss\+cluster:\/\/:\{\{resolve:secretsmanager:.*}}@\$\{RedisCluster\./),
    },
    data: 'Retain',
  },
  'prod without an archive': {
    suffix: '-prod',
    access: WITH_KEY,
    redisUrl: SECRET.replace('dev', 'prod'),
    data: 'Retain',
  },
};

const names = Object.keys(VARIANTS) as (keyof typeof VARIANTS)[];

describe.each(names)('stage %s', (variant) => {
  const { suffix, access, redisUrl, data } = EXPECTED[variant];
  const hasArchive = variant !== 'prod without an archive';
  let deployment: Deployment;
  beforeAll(async () => {
    deployment = await packaged(variant);
  });
  testRoles(variant, () => deployment);
  testElastiCache(variant, () => deployment);

  it('queues are encrypted and keep messages for as long as SQS can', () => {
    expect(Object.keys(deployment.ofType('AWS::SQS::Queue'))).toEqual(QUEUES);
    for (const [name, queueName] of [
      ['OrdersQueue', 'orders-queue'],
      ['OrdersDeadLetterQueue', 'orders-queue-dlq'],
    ] as const) {
      expect(deployment.resources[name]).toMatchObject({ DeletionPolicy: data, UpdateReplacePolicy: data });
      expect(deployment.properties(name)).toMatchObject({
        QueueName: queueName + suffix,
        SqsManagedSseEnabled: true,
        MessageRetentionPeriod: FOURTEEN_DAYS,
      });
    }
  });

  it('queues refuse other accounts and calls without TLS; only the topics and rules of PRODUCER_ARNS may send', () => {
    const denials = [
      { Effect: 'Deny', Principal: '*', Action: 'sqs:*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
      {
        Effect: 'Deny',
        Principal: '*',
        Action: 'sqs:*',
        Condition: {
          StringNotEquals: { 'aws:PrincipalAccount': { Ref: 'AWS::AccountId' } },
          BoolIfExists: { 'aws:PrincipalIsAWSService': 'false' },
        },
      },
    ];
    const [topic, rule] = EXAMPLE_ENVIRONMENT.PRODUCER_ARNS.split(',');
    const services = variant === 'dev with access by IAM' ? { sns: topic } : { sns: topic, events: rule };
    const producers = Object.entries(services).map(([service, arn]) => ({
      Effect: 'Allow',
      Principal: { Service: `${service}.amazonaws.com` },
      Action: 'sqs:SendMessage',
      Resource: '*',
      Condition: { ArnEquals: { 'aws:SourceArn': [arn] } },
    }));
    expect(deployment.properties('OrdersQueuePolicy')).toMatchObject({
      Queues: [{ Ref: 'OrdersQueue' }],
      PolicyDocument: { Statement: [...denials, ...producers] },
    });
    expect(deployment.properties('OrdersDeadLetterQueuePolicy')).toMatchObject({
      Queues: [{ Ref: 'OrdersDeadLetterQueue' }],
      PolicyDocument: { Statement: denials },
    });
  });

  it('the visibility timeout is what AWS recommends: 6 times that of the worker, plus the batching window', () => {
    const Numbers = v.object({ Timeout: v.number() });
    const Window = v.object({ MaximumBatchingWindowInSeconds: v.number() });
    const { Timeout } = v.parse(Numbers, deployment.properties('ProcessOrdersLambdaFunction'));
    const source = deployment.properties('ProcessOrdersEventSourceMappingSQSOrdersQueue');
    const { MaximumBatchingWindowInSeconds } = v.parse(Window, source);
    const { VisibilityTimeout } = deployment.properties('OrdersQueue');
    expect(VisibilityTimeout).toBeGreaterThanOrEqual(6 * Timeout + MaximumBatchingWindowInSeconds);
    expect(source).toMatchObject({
      ScalingConfig: { MaximumConcurrency: 10 },
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    });
  });

  it.runIf(hasArchive)('the archive is private, encrypted, takes only TLS, and stays where the queues stay', () => {
    expect(deployment.resources.OrdersArchive).toMatchObject({ DeletionPolicy: data, UpdateReplacePolicy: data });
    expect(deployment.properties('OrdersArchive')).toMatchObject({
      BucketName: { 'Fn::Sub': `orders-archive-${VARIANTS[variant].stage}-\${AWS::AccountId}` },
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
      },
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
    });
    expect(deployment.properties('OrdersArchivePolicy')).toMatchObject({
      Bucket: { Ref: 'OrdersArchive' },
      PolicyDocument: {
        Statement: [
          {
            Effect: 'Deny',
            Principal: '*',
            Action: 's3:*',
            Resource: [{ 'Fn::GetAtt': ['OrdersArchive', 'Arn'] }, { 'Fn::Sub': `\${OrdersArchive.Arn}/*` }],
            Condition: { Bool: { 'aws:SecureTransport': 'false' } },
          },
        ],
      },
    });
  });

  it.runIf(hasArchive)('the archive keeps orders for archiveDays', () => {
    const days = variant === 'prod with ElastiCache in cluster mode' ? 400 : 0;
    expect(Number(v.parse(v.object({ Default: v.unknown() }), deployment.parameters.ArchiveDays).Default)).toBe(days);
    expect(deployment.properties('OrdersArchive')).toMatchObject({
      LifecycleConfiguration: {
        Rules: [
          { AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 } },
          { 'Fn::If': ['ArchiveExpires', { ExpirationInDays: { Ref: 'ArchiveDays' } }, { Ref: 'AWS::NoValue' }] },
        ],
      },
    });
  });

  it.runIf(hasArchive)('a replay ends before the next one begins on AWS, has a whole vCPU, and is not repeated', () => {
    const isLocal = variant === 'local' || variant === 'test';
    const rate = isLocal ? 'rate(1 minute)' : 'rate(15 minutes)';
    expect(deployment.properties('ReplayArchiveEventsRuleSchedule1')).toMatchObject({ ScheduleExpression: rate });
    expect(deployment.properties('ReplayArchiveLambdaFunction')).toMatchObject({ Timeout: 14 * 60, MemorySize: 1769 });
    expect(deployment.properties('ReplayArchiveLambdaEvConf')).toMatchObject({ MaximumRetryAttempts: 0 });
  });

  it('the endpoint for S3 admits only what the functions do with the archive; other networks have none', () => {
    const endpoints = Object.values(deployment.ofType('AWS::EC2::VPCEndpoint')).map(({ Properties }) => Properties);
    const objects = { 'Fn::Sub': `\${OrdersArchive.Arn}/orders/*` };
    const gateway = {
      ServiceName: { 'Fn::Sub': `com.amazonaws.\${AWS::Region}.s3` },
      VpcId: EXAMPLE_ENVIRONMENT.VPC_ID,
      RouteTableIds: { 'Fn::Split': [',', EXAMPLE_ENVIRONMENT.VPC_ROUTE_TABLE_IDS] },
      PolicyDocument: {
        Statement: [
          { Effect: 'Allow', Action: ['s3:PutObject', 's3:GetObject'], Resource: objects },
          { Effect: 'Allow', Action: 's3:ListBucket', Resource: { 'Fn::GetAtt': ['OrdersArchive', 'Arn'] } },
        ],
      },
    };
    expect(endpoints.filter(({ VpcEndpointType }) => VpcEndpointType === 'Gateway')).toMatchObject(
      variant === 'prod with ElastiCache and an endpoint for SQS' ? [gateway] : [],
    );
  });

  it('only worker and replay get the name of the archive', () => {
    const Variables = v.object({ Variables: v.object({ ARCHIVE_BUCKET: v.optional(v.unknown()) }) });
    const buckets = Object.entries(deployment.ofType('AWS::Lambda::Function')).flatMap(([name, { Properties }]) => {
      const { ARCHIVE_BUCKET } = v.parse(Variables, Properties.Environment).Variables;
      return ARCHIVE_BUCKET === undefined ? [] : [[name.replace('LambdaFunction', ''), ARCHIVE_BUCKET]];
    });
    const archive = { Ref: 'OrdersArchive' };
    expect(Object.fromEntries(buckets)).toEqual(
      hasArchive ? { ProcessOrders: archive, ReplayArchive: archive } : { ProcessOrders: 'none' },
    );
    if (!hasArchive) {
      expect(deployment.ofType('AWS::S3::Bucket')).toEqual({ ServerlessDeploymentBucket: expect.anything() });
      expect(deployment.ofType('AWS::Events::Rule')).toEqual({});
    }
  });

  it('only the functions that need it get the URL of Redis', () => {
    const urls = Object.entries(deployment.ofType('AWS::Lambda::Function')).map(([name, { Properties }]) => [
      name.replace('LambdaFunction', ''),
      v.parse(v.object({ Variables: v.object({ REDIS_URL: v.unknown() }) }), Properties.Environment).Variables
        .REDIS_URL,
    ]);
    const withRedis = [
      'ProcessOrders',
      'GetUserStats',
      'GetGlobalStats',
      'GetTopUsers',
      'GetOverview',
      'GetPipeline',
      'GetHealth',
    ];
    if (hasArchive) withRedis.push('ReplayArchive');
    expect(Object.fromEntries(urls)).toEqual({
      ...Object.fromEntries(withRedis.map((name) => [name, redisUrl])),
      GetOpenApi: '',
      GetDashboard: '',
    });
    if (variant !== 'local') expect(deployment.text).not.toContain(EXAMPLE_ENVIRONMENT.REDIS_URL);
  });

  it('functions that need them get the time zone and the currency', () => {
    const { TIME_ZONE, CURRENCY } = EXAMPLE_ENVIRONMENT;
    for (const name of ['ProcessOrders', 'GetGlobalStats', 'GetUserStats', 'GetHealth', 'GetOpenApi'])
      expect(deployment.properties(`${name}LambdaFunction`)).toMatchObject({
        Environment: { Variables: { TIME_ZONE, CURRENCY } },
      });
  });

  it('access to the data is as configured', () => {
    const methods = Object.entries(deployment.ofType('AWS::ApiGateway::Method'));
    const anyOf = (routes: string[]) => routes.map((route) => `ApiGatewayMethod${route}Any`);
    const any = methods.filter(([, { Properties }]) => Properties.HttpMethod !== 'OPTIONS').map(([name]) => name);
    expect(any.sort()).toEqual(anyOf([...DATA_ROUTES, ...OPEN_ROUTES]).sort());
    for (const name of anyOf(DATA_ROUTES)) expect(deployment.properties(name)).toMatchObject(access);
    for (const name of anyOf(OPEN_ROUTES)) expect(deployment.properties(name)).toMatchObject(OPEN);
    for (const [, { Properties }] of methods.filter(([, { Properties }]) => Properties.HttpMethod === 'OPTIONS')) {
      expect(Properties).toMatchObject({ AuthorizationType: 'NONE' });
      expect(Properties.ApiKeyRequired ?? false).toBe(false);
    }
  });

  it('answers from 1 kB on are compressed', () => {
    expect(deployment.properties('ApiGatewayRestApi')).toMatchObject({ MinimumCompressionSize: 1024 });
  });

  it('preflights get the headers that npm start gives them', () => {
    const atStart = preflightHeaders({ origin: '*', headers: CORS_HEADERS, maxAge: 600 });
    const expected = Object.entries(atStart).map(([name, value]) => [`method.response.header.${name}`, `'${value}'`]);
    for (const route of [...DATA_ROUTES, ...OPEN_ROUTES]) {
      expect(deployment.properties(`ApiGatewayMethod${route}Options`)).toMatchObject({
        Integration: {
          IntegrationResponses: [{ StatusCode: '200', ResponseParameters: Object.fromEntries(expected) }],
        },
      });
    }
  });

  it('requests per API key are limited', () => {
    const plans = Object.values(deployment.ofType('AWS::ApiGateway::UsagePlan')).map(({ Properties }) => Properties);
    const limits = {
      Throttle: { RateLimit: expect.any(Number), BurstLimit: expect.any(Number) },
      Quota: { Period: 'MONTH' },
    };
    expect(plans).toMatchObject(access === WITH_KEY ? [limits] : []);
    for (const { Properties } of Object.values(deployment.ofType('AWS::ApiGateway::ApiKey')))
      expect(Properties).not.toHaveProperty('Value');
  });

  it.runIf(access === WITH_KEY)('one key serves 74 pages around the clock, and 100 at a time', () => {
    const Plan = v.object({ Throttle: v.object({ RateLimit: v.number() }), Quota: v.object({ Limit: v.number() }) });
    const [plan] = Object.values(deployment.ofType('AWS::ApiGateway::UsagePlan')).map(({ Properties }) => Properties);
    const { Throttle, Quota } = v.parse(Plan, plan);
    const pauseMs = Number(/PAUSE_MS = (\d+)/.exec(readFileSync('dashboard/main.ts', 'utf8'))?.[1]);
    expect(Throttle.RateLimit).toBeGreaterThanOrEqual((100 * 1000) / pauseMs);
    expect(Quota.Limit).toBeGreaterThanOrEqual((74 * 1000 * 31 * 24 * 3600) / pauseMs);
  });

  it('functions run on Node.js 24', () => {
    for (const { Properties } of Object.values(deployment.ofType('AWS::Lambda::Function')))
      if (/^functions\//.test(String(Properties.Handler))) expect(Properties.Runtime).toBe('nodejs24.x');
  });

  it('logs expire', () => {
    const groups = Object.values(deployment.ofType('AWS::Logs::LogGroup'));
    expect(groups).toHaveLength(Object.keys(deployment.ofType('AWS::Lambda::Function')).length);
    for (const { Properties } of groups) expect(Properties.RetentionInDays).toEqual(expect.any(Number));
  });

  it('alarms notify somebody and link to a section of the runbook', () => {
    const alarms = Object.values(deployment.ofType('AWS::CloudWatch::Alarm')).map(({ Properties }) => Properties);
    const expected = hasArchive ? [...ALARMS, ...ALARMS_OF_ARCHIVE] : ALARMS;
    expect(alarms.map(({ AlarmName }) => AlarmName).sort()).toEqual(
      expected.map((name) => `orders${suffix}-${name}`).sort(),
    );
    const runbook = readFileSync('docs/operations.md', 'utf8');
    for (const alarm of alarms) {
      const withoutData = alarm.AlarmName === `orders${suffix}-replay-behind` ? 'breaching' : 'notBreaching';
      expect(alarm).toMatchObject({ AlarmActions: [{ Ref: 'AlarmTopic' }], TreatMissingData: withoutData });
      const [, section] = /See "(.+)" in docs\/operations\.md\.$/.exec(String(alarm.AlarmDescription)) ?? [];
      expect(runbook).toContain(`\n## ${section}\n`);
    }
  });

  it('an alarm when more than 5 % of the received messages fail because of Redis or the archive in 3 of 5 minutes', () => {
    const sumOf = (Id: string, MetricName: string) => ({
      Id,
      ReturnData: false,
      MetricStat: {
        Stat: 'Sum',
        Period: 60,
        Metric: { Namespace: 'Orders', MetricName, Dimensions: [{ Name: 'service', Value: `orders${suffix}` }] },
      },
    });
    const failures = {
      TransientFailuresAlarm: 'TransientFailures',
      ...(hasArchive && { ArchiveFailuresAlarm: 'ArchiveFailures' }),
    };
    for (const [alarm, metric] of Object.entries(failures))
      expect(deployment.properties(alarm)).toMatchObject({
        Metrics: [
          { Expression: '100 * failures / received' },
          sumOf('failures', metric),
          sumOf('received', 'MessagesReceived'),
        ],
        ComparisonOperator: 'GreaterThanThreshold',
        Threshold: 5,
        EvaluationPeriods: 5,
        DatapointsToAlarm: 3,
      });
  });

  it.runIf(hasArchive)(
    'an alarm when orders were restored, and when no replay came within an hour of now for 45 minutes',
    () => {
      const metric = { Namespace: 'Orders', Dimensions: [{ Name: 'service', Value: `orders${suffix}` }] };
      const above = { ...metric, ComparisonOperator: 'GreaterThanThreshold' };
      expect(deployment.properties('OrdersRestoredAlarm')).toMatchObject({
        ...above,
        MetricName: 'OrdersRestored',
        Statistic: 'Sum',
        Threshold: 0,
      });
      expect(deployment.properties('ReplayBehindAlarm')).toMatchObject({
        ...above,
        MetricName: 'ReplayLag',
        Statistic: 'Minimum',
        Threshold: 3600,
        Period: 15 * 60,
        EvaluationPeriods: 3,
      });
    },
  );

  it('an alarm at least 3 days before SQS deletes a message of either queue', () => {
    const Age = v.object({ MetricName: v.literal('ApproximateAgeOfOldestMessage'), Threshold: v.number() });
    const [waiting, dead] = ['ExpiringOrdersAlarm', 'ExpiringDeadLettersAlarm'].map((name) =>
      v.parse(Age, deployment.properties(name)),
    );
    expect(FOURTEEN_DAYS - (waiting?.Threshold ?? 0) - (dead?.Threshold ?? 0)).toBe(3 * 24 * 3600);
  });

  it('alarms and dashboard use metrics that the functions write', () => {
    const service = `orders${suffix}`;
    expect(deployment.properties('ProcessOrdersLambdaFunction')).toMatchObject({
      Environment: { Variables: { POWERTOOLS_SERVICE_NAME: service } },
    });
    const dimension = [{ Name: 'service', Value: service }];
    expect(deployment.properties('CorruptKeysAlarm')).toMatchObject({ Namespace: 'Orders', Dimensions: dimension });
    const body = v.parse(v.object({ 'Fn::Sub': v.string() }), deployment.properties('Dashboard').DashboardBody)[
      'Fn::Sub'
    ];
    expect(JSON.parse(body).widgets).not.toHaveLength(0);
    for (const metric of [
      'OrdersCounted',
      'DuplicatesIgnored',
      'Conflicts',
      'CorruptKeys',
      'RedisRefusals',
      'QueueDelay',
      ...(hasArchive ? ['ArchiveFailures', 'ArchiveLatency', 'OrdersRestored', 'ReplayLag'] : []),
    ])
      expect(body).toContain(`["Orders","${metric}","service","${service}"`);
  });
});

it.each([
  [
    'a currency without two decimals',
    { currency: 'JPY' },
    'CURRENCY is a currency whose amounts do not have two decimals',
  ],
  ['a time zone that does not exist', { timeZone: 'Mars/Olympus' }, 'TIME_ZONE is not the name of a time zone'],
  ['an origin without its scheme', { corsOrigin: 'shop.example' }, 'CORS_ORIGIN is not * and not an origin'],
  ['a producer that is no topic', { producerArns: 'arn:aws:s3:::shop' }, 'PRODUCER_ARNS must be ARNs of SNS topics'],
])('packaging fails with %s', async (_, params, problem) => {
  await expect(packageVariant({ stage: 'dev', params })).rejects.toThrow(problem);
});
