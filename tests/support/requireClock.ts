import { findFaketime } from './clock.ts';

/** Asked for once, before any test runs: without libfaketime there is one clear message, not one a test. */
export default async function requireClock(): Promise<void> {
  try {
    await findFaketime();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  }
}
