import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** All temporary files of the tests, and of what they start, are in a folder that goes with this process. */
export default function useTemporaryFolder(): void {
  const folder = mkdtempSync(join(tmpdir(), 'orders-tests-'));
  process.env.TMPDIR = folder;
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
}
