import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

/** A stage to package, with the params that differ from serverless.yml. */
export type Variant = { readonly stage: string; readonly params?: Readonly<Record<string, string>> };

const TOPIC_ARN = 'arn:aws:sns:us-east-1:123456789012:shop-orders';

/** Every stage, and every choice of serverless.yml at least once. */
export const VARIANTS = {
  local: { stage: 'local' },
  test: { stage: 'test' },
  dev: { stage: 'dev' },
  prod: { stage: 'prod' },
  'dev with access by IAM': { stage: 'dev', params: { apiAccess: 'iam', producerArns: TOPIC_ARN } },
  'prod with ElastiCache and an endpoint for SQS': {
    stage: 'prod',
    params: { redis: 'elasticache', vpc: 'sqs-endpoint' },
  },
  'prod with ElastiCache in cluster mode': {
    stage: 'prod',
    params: { redis: 'elasticache-cluster', archiveDays: '400' },
  },
  'prod without an archive': { stage: 'prod', params: { archive: 'none', vpc: 'sqs-endpoint' } },
} as const satisfies Record<string, Variant>;

/** Environment variables that some stages need. The resources that they name do not exist. */
export const EXAMPLE_ENVIRONMENT = {
  REDIS_URL: 'rediss://orders:in-clear@redis.example:6379',
  TIME_ZONE: 'Europe/Berlin',
  CURRENCY: 'EUR',
  PRODUCER_ARNS: `${TOPIC_ARN},arn:aws:events:us-east-1:123456789012:rule/shop/order-placed`,
  ALARM_EMAIL: 'operator@example.com',
  VPC_ID: 'vpc-0123456789abcdef0',
  VPC_SUBNET_IDS: 'subnet-0123456789abcdef0,subnet-0123456789abcdef1',
  VPC_SECURITY_GROUP_IDS: 'sg-0123456789abcdef0',
  VPC_ROUTE_TABLE_IDS: 'rtb-0123456789abcdef0,rtb-0123456789abcdef1',
};

/** The command of the framework. npx in front of it would add most of a second. */
export const SERVERLESS = join('node_modules', '.bin', 'serverless');

/** Paths of the files in a package that go to AWS as text: the template, and the state of the framework. */
export type Package = { readonly template: string; readonly state: string; remove(): void };

/**
 * Runs `serverless package` with the example environment.
 *
 * @throws an error with what the command printed
 */
export async function packageVariant({ stage, params = {} }: Variant): Promise<Package> {
  const folder = mkdtempSync(join(tmpdir(), 'orders-package-'));
  const service = join(folder, 'service');
  copyService(service);

  const { AWS_ENDPOINT_URL, NODE_ENV, VITEST, ...env } = process.env;
  const options = Object.entries(params).flatMap(([name, value]) => ['--param', `${name}=${value}`]);
  try {
    const args = ['package', '--stage', stage, '--package', join(folder, 'package'), ...options];
    await promisify(execFile)(SERVERLESS, args, { cwd: service, env: { ...env, ...EXAMPLE_ENVIRONMENT } });
  } catch (error) {
    rmSync(folder, { recursive: true });
    throw error instanceof Error && 'stdout' in error ? new Error(`${error.message}\n${error.stdout}`) : error;
  }
  return {
    template: join(folder, 'package', 'cloudformation-template-update-stack.json'),
    state: join(folder, 'package', 'serverless-state.json'),
    remove: () => rmSync(folder, { recursive: true }),
  };
}

/** Where the framework and its plugins build. Parallel runs and `npm start` must not share them. */
const BUILD_FOLDERS = ['.serverless', '.esbuild'];

/** Puts the service at another path: links its folders, but copies its files, because the framework follows no file links. */
export function copyService(target: string): void {
  mkdirSync(target);
  for (const entry of readdirSync('.', { withFileTypes: true })) {
    if (BUILD_FOLDERS.includes(entry.name)) continue;
    if (entry.isFile()) copyFileSync(entry.name, join(target, entry.name));
    else symlinkSync(resolve(entry.name), join(target, entry.name));
  }
}
