import { chooseRedis, describePlaces } from '../../scripts/shared/places.ts';
import { readRunningStack } from '../../scripts/shared/runningStack.ts';
import { ACCOUNT, localStackEndpoint } from './localStack.ts';
import { bucketOf, queuesOf, resolveReferences } from './service.ts';

/** What is used of the Serverless Framework, once the variables of serverless.yml are resolved. */
type Serverless = {
  readonly service: {
    readonly provider: { readonly environment: Record<string, unknown> };
    readonly functions: Readonly<Record<string, { readonly environment?: Record<string, unknown> }>>;
    readonly resources: { readonly Resources: Readonly<Record<string, unknown>> };
  };
  readonly processedInput: { readonly options: { readonly function?: string } };
};

/**
 * For `serverless invoke local`: Redis, SQS and the archive of the running `npm start`, else where docker-compose.yml
 * publishes them, unless the environment names others. Names queues and archive here, because the framework would ask
 * CloudFormation for them. Without a bucket the function counts without an archive.
 */
export async function useServersOfThisMachine({ service, processedInput }: Serverless): Promise<void> {
  const { environment } = service.provider;
  const { REDIS_URL: standard, AWS_ENDPOINT_URL } = process.env;
  const running = readRunningStack();
  const endpoint = AWS_ENDPOINT_URL ? localStackEndpoint : (running?.sqsEndpoint ?? localStackEndpoint);
  const redisUrl = chooseRedis({ stage: 'local', endpoint, standard, running });
  Object.assign(environment, { REDIS_URL: redisUrl, AWS_ENDPOINT_URL: endpoint });
  const settings = service.functions[processedInput.options.function ?? '']?.environment;
  // Functions without Redis have an empty REDIS_URL.
  if (settings?.REDIS_URL === undefined) console.error(describePlaces({ endpoint, redisUrl }, running));
  if (!settings) return;
  const { Resources } = service.resources;
  const bucket = bucketOf(Resources);
  const values = new Map(queuesOf(Resources).map(({ id, name }) => [id, `${endpoint}/${ACCOUNT}/${name}`]));
  if (bucket) values.set(bucket.id, bucket.name);
  resolveReferences(settings, values);
  if (bucket && settings.ARCHIVE_BUCKET === bucket.name) {
    const isOfOther = endpoint === running?.sqsEndpoint && redisUrl !== running.redisUrl;
    settings.ARCHIVE_BUCKET = isOfOther ? 'none' : await bucketOrNone(endpoint, bucket.name);
  }
}

async function bucketOrNone(endpoint: string, bucket: string): Promise<string> {
  const answer = await fetch(`${endpoint}/${bucket}`, { method: 'HEAD' }).catch(() => undefined);
  if (answer?.ok) return bucket;
  console.error(`There is no bucket ${bucket} at ${endpoint}: orders are counted without an archive.`);
  return 'none';
}
