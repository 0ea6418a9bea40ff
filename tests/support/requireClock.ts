import { findFaketime } from './clock.ts';

/** Asked for once, before any test runs: without libfaketime there is one clear message, not one per test. */
export default function requireClock(): void {
  try {
    findFaketime();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  }
}
