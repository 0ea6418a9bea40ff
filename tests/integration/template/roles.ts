import * as v from 'valibot';
import { expect, it } from 'vitest';
import type { VARIANTS } from '../../../dev/checks/package.ts';
import type { Deployment } from '../../support/cloudFormation.ts';

const LOGS = ['logs:CreateLogStream', 'logs:PutLogEvents'];
const QUEUE = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ChangeMessageVisibility'];
const INTERFACES = [
  'ec2:CreateNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:DeleteNetworkInterface',
  'ec2:AssignPrivateIpAddresses',
  'ec2:UnassignPrivateIpAddresses',
];

const ORDERS = `\${OrdersArchive.Arn}/orders/*`;

const grant = (actions: readonly string[], ...resources: string[]): string[] =>
  resources.flatMap((resource) => actions.map((action) => `${action} on ${resource}`));

const workerWithoutArchive = [...grant(QUEUE, 'OrdersQueue.Arn'), ...grant(LOGS, 'ProcessOrdersLogGroup.Arn')];
const worker = [...workerWithoutArchive, ...grant(['s3:PutObject'], ORDERS)];
const replay = [
  's3:ListBucket on OrdersArchive.Arn if {"StringEquals":{"s3:prefix":"orders/"}}',
  ...grant(['s3:GetObject'], ORDERS),
  ...grant(LOGS, 'ReplayArchiveLogGroup.Arn'),
];
const readerLogs = ['GetUserStats', 'GetGlobalStats', 'GetTopUsers', 'GetHealth'].map((name) => `${name}LogGroup.Arn`);
const reader = grant(LOGS, ...readerLogs);
const pipeline = [
  ...grant(['sqs:GetQueueAttributes'], 'OrdersQueue.Arn', 'OrdersDeadLetterQueue.Arn'),
  ...grant(LOGS, 'GetOverviewLogGroup.Arn', 'GetPipelineLogGroup.Arn'),
];
const page = grant(LOGS, 'GetOpenApiLogGroup.Arn', 'GetDashboardLogGroup.Arn');

/** The only ones that are not limited to a resource. */
const inVpc = grant(INTERFACES, '*');
const traced = grant(['xray:PutTraceSegments', 'xray:PutTelemetryRecords'], '*');

const roles = { WorkerRole: worker, ReplayRole: replay, ReaderRole: reader, PipelineRole: pipeline, PageRole: page };
const rolesWithoutArchive = {
  WorkerRole: [...workerWithoutArchive, ...inVpc, ...traced],
  ReaderRole: [...reader, ...inVpc, ...traced],
  PipelineRole: [...pipeline, ...inVpc, ...traced],
  PageRole: [...page, ...traced],
};
const rolesOfProd = {
  ...rolesWithoutArchive,
  WorkerRole: [...worker, ...inVpc, ...traced],
  ReplayRole: [...replay, ...inVpc, ...traced],
};
/** Of the variants whose roles differ, or might. */
const EXPECTED: Partial<Record<keyof typeof VARIANTS, Record<string, string[]>>> = {
  local: roles,
  dev: roles,
  prod: rolesOfProd,
  'prod with ElastiCache and an endpoint for SQS': rolesOfProd,
  'prod with ElastiCache in cluster mode': rolesOfProd,
  'prod without an archive': rolesWithoutArchive,
};

const oneOrMore = v.pipe(
  v.unknown(),
  v.transform((value): unknown[] => (Array.isArray(value) ? value : [value])),
);
/** Strict: a statement with NotAction or the like has to be written down above in its own way. */
const Statement = v.strictObject({
  Sid: v.optional(v.string()),
  Effect: v.literal('Allow'),
  Action: oneOrMore,
  Resource: oneOrMore,
  Condition: v.optional(v.unknown()),
});
const NoValue = v.object({ Ref: v.literal('AWS::NoValue') });
const Role = v.strictObject({
  AssumeRolePolicyDocument: v.unknown(),
  Policies: v.array(
    v.strictObject({
      PolicyName: v.string(),
      PolicyDocument: v.object({ Statement: v.array(v.union([NoValue, Statement])) }),
    }),
  ),
});
const Attribute = v.object({ 'Fn::GetAtt': v.tuple([v.string(), v.string()]) });
const Substituted = v.object({ 'Fn::Sub': v.string() });

function grantsOf(role: unknown): string[] {
  return v.parse(Role, role).Policies.flatMap(({ PolicyDocument }) =>
    PolicyDocument.Statement.flatMap((statement) => {
      if ('Ref' in statement) return [];
      const { Action, Resource, Condition } = statement;
      const only = Condition === undefined ? '' : ` if ${JSON.stringify(Condition)}`;
      return grant(Action.map(String), ...Resource.map((resource) => nameOf(resource) + only));
    }),
  );
}

function nameOf(resource: unknown): string {
  if (v.is(Attribute, resource)) return resource['Fn::GetAtt'].join('.');
  return v.is(Substituted, resource) ? resource['Fn::Sub'] : String(resource);
}

/** What each function may do, in full: a statement more or less, here or there, is a decision. */
export function testRoles(variant: keyof typeof VARIANTS, deploymentOf: () => Deployment): void {
  const expected = EXPECTED[variant];
  if (!expected) return;

  it('roles allow exactly this', () => {
    const actual = Object.entries(deploymentOf().ofType('AWS::IAM::Role')).map(([name, { Properties }]) => [
      name,
      grantsOf(Properties).sort(),
    ]);
    const sorted = Object.fromEntries(Object.entries(expected).map(([name, grants]) => [name, grants.toSorted()]));
    expect(Object.fromEntries(actual)).toEqual(sorted);
  });

  it('there are no other identity policies', () => {
    const types = Object.values(deploymentOf().resources).map(({ Type }) => Type);
    expect(types.filter((type) => type.startsWith('AWS::IAM::') && type !== 'AWS::IAM::Role')).toEqual([]);
  });

  it('only Lambda may assume the roles', () => {
    for (const { Properties } of Object.values(deploymentOf().ofType('AWS::IAM::Role'))) {
      expect(Properties.AssumeRolePolicyDocument).toMatchObject({
        Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
      });
    }
  });

  it('each function has the role of its group', () => {
    const roles = Object.entries(deploymentOf().ofType('AWS::Lambda::Function')).map(([name, { Properties }]) => [
      name.replace('LambdaFunction', ''),
      nameOf(Properties.Role).replace('.Arn', ''),
    ]);
    expect(Object.fromEntries(roles)).toEqual({
      ProcessOrders: 'WorkerRole',
      ...('ReplayRole' in expected && { ReplayArchive: 'ReplayRole' }),
      GetUserStats: 'ReaderRole',
      GetGlobalStats: 'ReaderRole',
      GetTopUsers: 'ReaderRole',
      GetOverview: 'PipelineRole',
      GetPipeline: 'PipelineRole',
      GetHealth: 'ReaderRole',
      GetOpenApi: 'PageRole',
      GetDashboard: 'PageRole',
    });
  });
}
