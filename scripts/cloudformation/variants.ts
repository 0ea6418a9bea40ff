/** A stage as it is packaged: its params where they differ from serverless.yml. */
export type Variant = { readonly stage: string; readonly params?: Readonly<Record<string, string>> };

/** Every stage, and every choice that serverless.yml offers at least once. */
export const VARIANTS = {
  local: { stage: 'local' },
  test: { stage: 'test' },
  dev: { stage: 'dev' },
  prod: { stage: 'prod' },
  'dev with access by IAM': { stage: 'dev', params: { apiAccess: 'iam' } },
  'prod with ElastiCache and an endpoint for SQS': {
    stage: 'prod',
    params: { redis: 'elasticache', vpc: 'sqs-endpoint' },
  },
  'prod with ElastiCache in cluster mode': {
    stage: 'prod',
    params: { redis: 'elasticache-cluster', confirm: 'replica' },
  },
} as const satisfies Record<string, Variant>;

/** What the environment has to name for some of them. None of it exists. */
export const EXAMPLE_ENVIRONMENT = {
  REDIS_URL: 'rediss://orders:in-clear@redis.example:6379',
  TIME_ZONE: 'Europe/Berlin',
  CURRENCY: 'EUR',
  ALARM_EMAIL: 'operator@example.com',
  VPC_ID: 'vpc-0123456789abcdef0',
  VPC_SUBNET_IDS: 'subnet-0123456789abcdef0,subnet-0123456789abcdef1',
  VPC_SECURITY_GROUP_IDS: 'sg-0123456789abcdef0',
};
