import * as v from 'valibot';
import { expect, it } from 'vitest';
import { EXAMPLE_ENVIRONMENT, type VARIANTS } from '../../../dev/checks/package.ts';
import { readerConfig } from '../../../lib/config.ts';
import { redisAddress, redisName } from '../../../lib/redis/url.ts';
import type { Deployment } from '../../support/cloudFormation.ts';

const PASSWORD = `{{resolve:secretsmanager:\${RedisAuthToken}:SecretString}}`;
const GROUPS_OF_FUNCTIONS = { 'Fn::Split': [',', EXAMPLE_ENVIRONMENT.VPC_SECURITY_GROUP_IDS] };

type Variant = keyof typeof VARIANTS;

const EXPECTED: Partial<
  Record<Variant, { redis: string; endpoint: string; nodes: object; parameters: object; isCluster: boolean }>
> = {
  'prod with ElastiCache and an endpoint for SQS': {
    redis: 'Redis',
    endpoint: 'Redis.PrimaryEndPoint',
    nodes: { NumCacheClusters: 2 },
    parameters: { 'maxmemory-policy': 'noeviction' },
    isCluster: false,
  },
  'prod with ElastiCache in cluster mode': {
    redis: 'RedisCluster',
    endpoint: 'RedisCluster.ConfigurationEndPoint',
    nodes: { NumNodeGroups: 3, ReplicasPerNodeGroup: 1 },
    parameters: { 'maxmemory-policy': 'noeviction', 'cluster-enabled': 'yes' },
    isCluster: true,
  },
};

/** What must hold for a Redis that comes with the stack, on its own or as a cluster. */
export function testElastiCache(variant: Variant, deploymentOf: () => Deployment): void {
  const expected = EXPECTED[variant];
  if (!expected) return;
  const { redis, endpoint, nodes, parameters, isCluster } = expected;

  it('one replication group survives a zone and the stack', () => {
    expect(Object.keys(deploymentOf().ofType('AWS::ElastiCache::ReplicationGroup'))).toEqual([redis]);
    expect(deploymentOf().resources[redis]).toMatchObject({
      DeletionPolicy: 'Snapshot',
      UpdateReplacePolicy: 'Snapshot',
    });
    expect(deploymentOf().properties(redis)).toMatchObject({
      ...nodes,
      MultiAZEnabled: true,
      AutomaticFailoverEnabled: true,
      SnapshotRetentionLimit: expect.any(Number),
    });
  });

  it('nothing is evicted', () => {
    expect(deploymentOf().properties(redis)).toMatchObject({ CacheParameterGroupName: { Ref: `${redis}Parameters` } });
    expect(deploymentOf().properties(`${redis}Parameters`)).toMatchObject({ Properties: parameters });
  });

  it('data are encrypted in transit and at rest; the password is nowhere in clear text', () => {
    expect(deploymentOf().properties(redis)).toMatchObject({
      TransitEncryptionEnabled: true,
      AtRestEncryptionEnabled: true,
      AuthToken: { 'Fn::Sub': PASSWORD },
    });
    const { GenerateSecretString, SecretString } = deploymentOf().properties('RedisAuthToken');
    expect(GenerateSecretString).toMatchObject({ ExcludePunctuation: true });
    expect(SecretString).toBeUndefined();
  });

  it('only the functions have access, only to the port, in their subnets', () => {
    expect(deploymentOf().properties(redis)).toMatchObject({
      SecurityGroupIds: [{ Ref: 'RedisSecurityGroup' }],
      CacheSubnetGroupName: { Ref: 'RedisSubnets' },
    });
    expect(deploymentOf().properties('RedisSecurityGroup')).toMatchObject({
      VpcId: EXAMPLE_ENVIRONMENT.VPC_ID,
      SecurityGroupIngress: [
        {
          IpProtocol: 'tcp',
          FromPort: 6379,
          ToPort: 6379,
          SourceSecurityGroupId: { 'Fn::Select': [0, GROUPS_OF_FUNCTIONS] },
        },
      ],
    });
    expect(deploymentOf().properties('ProcessOrdersLambdaFunction')).toMatchObject({
      VpcConfig: {
        SecurityGroupIds: GROUPS_OF_FUNCTIONS,
        SubnetIds: deploymentOf().properties('RedisSubnets').SubnetIds,
      },
    });
  });

  it('the functions connect to it with TLS', () => {
    const url = redisUrlOf(deploymentOf());
    expect(url).toContain(PASSWORD);
    const filledIn = url
      .replace(PASSWORD, 'a1B2')
      .replace(`\${${endpoint}.Address}`, 'orders.use1.cache.amazonaws.com')
      .replace(`\${${endpoint}.Port}`, '6379');
    const { redisUrl } = readerConfig({ REDIS_URL: filledIn });
    expect(redisUrl).toMatch(/^rediss(\+cluster)?:\/\/:a1B2@/);
    expect(redisName(redisUrl)).toBe('orders.use1.cache.amazonaws.com:6379');
    expect(redisAddress(redisUrl).isCluster).toBe(isCluster);
  });

  if (isCluster)
    it('more primaries move slots; the group is not replaced', () => {
      expect(deploymentOf().resources[redis]).toMatchObject({ UpdatePolicy: { UseOnlineResharding: true } });
    });
}

function redisUrlOf(deployment: Deployment): string {
  const Url = v.object({ Variables: v.object({ REDIS_URL: v.object({ 'Fn::Sub': v.string() }) }) });
  const { Environment } = deployment.properties('ProcessOrdersLambdaFunction');
  return v.parse(Url, Environment).Variables.REDIS_URL['Fn::Sub'];
}
