import { localStackProblem } from '../../../dev/start/localStack.ts';

/** Asked for once, before any test runs: without a LocalStack there is one clear message, not one a test. */
export default async function requireLocalStack(): Promise<void> {
  const problem = await localStackProblem();
  if (!problem) return;
  console.error(`${problem} REDIS_URL names the Redis that its functions reach.`);
  process.exit(1);
}
