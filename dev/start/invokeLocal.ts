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
 * For `serverless invoke local`: where docker-compose.yml publishes Redis and LocalStack. `redis` is a name among containers,
 * and SQS would otherwise be that of AWS. Names queues and archive here, because the framework would ask CloudFormation for
 * them. Without a bucket the function counts without an archive.
 */
export async function useServersOfThisMachine({ service, processedInput }: Serverless): Promise<void> {
  const { environment } = service.provider;
  if (environment.REDIS_URL === 'redis://redis:6379') environment.REDIS_URL = 'redis://127.0.0.1:6379';
  environment.AWS_ENDPOINT_URL = localStackEndpoint;
  const settings = service.functions[processedInput.options.function ?? '']?.environment;
  if (!settings) return;
  const { Resources } = service.resources;
  const bucket = bucketOf(Resources);
  const values = new Map(queuesOf(Resources).map(({ id, name }) => [id, `${localStackEndpoint}/${ACCOUNT}/${name}`]));
  if (bucket) values.set(bucket.id, bucket.name);
  resolveReferences(settings, values);
  if (bucket && settings.ARCHIVE_BUCKET === bucket.name) settings.ARCHIVE_BUCKET = await bucketOrNone(bucket.name);
}

async function bucketOrNone(bucket: string): Promise<string> {
  const answer = await fetch(`${localStackEndpoint}/${bucket}`, { method: 'HEAD' }).catch(() => undefined);
  if (answer?.ok) return bucket;
  console.error(`There is no bucket ${bucket} at ${localStackEndpoint}: orders are counted without an archive.`);
  return 'none';
}
