import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Puts temporary files of the tests, and of processes that they start, into a folder that is removed in the end. */
export default function useTemporaryFolder(): void {
  const folder = mkdtempSync(join(tmpdir(), 'orders-tests-'));
  process.env.TMPDIR = folder;
  // A server that ends with this process may still write into it. An error here would fail a run whose tests have all passed.
  process.once('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 10 }));
}
