import { endpoint } from './endpoint.ts';

/** Asked for once, before any test runs: without a LocalStack there is one clear message, not one a test. */
export default async function requireLocalStack(): Promise<void> {
  const found = await whatAnswers();
  if (found === 'LocalStack') return;
  console.error(
    `${found} at ${endpoint}. Start LocalStack and Redis with "docker compose up -d --wait", ` +
      'or name another LocalStack with AWS_ENDPOINT_URL, and the Redis that its functions reach with REDIS_URL.',
  );
  process.exit(1);
}

async function whatAnswers(): Promise<string> {
  try {
    const response = await fetch(`${endpoint}/_localstack/health`, { signal: AbortSignal.timeout(10_000) });
    // Most likely the queue of `npm start`, which has the same port.
    return response.ok ? 'LocalStack' : 'Something else than LocalStack answers';
  } catch {
    return 'No LocalStack answers';
  }
}
