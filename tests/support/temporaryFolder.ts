import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

/**
 * Puts temporary files of the tests, and of processes that they start, into a folder that is removed at exit. So is the
 * folder that vitest has chosen before, which it leaves behind after Ctrl-C.
 */
export default function useTemporaryFolder({ tmpDir }: TestProject): void {
  const folder = mkdtempSync(join(tmpdir(), 'orders-tests-'));
  process.env.TMPDIR = folder;
  // A server that ends with this process may still write into it. An error here would fail a run whose tests have all passed.
  const options = { recursive: true, force: true, maxRetries: 10 };
  process.once('exit', () => {
    for (const each of [folder, tmpDir]) rmSync(each, options);
  });
}
