import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { npmStart } from '../../dev/servers/npmStart.ts';
import { requirePythonTool } from '../../dev/servers/programs.ts';
import { NpmCommand } from '../../scripts/shared/npmCommand.ts';

/*
 * Asks the running API what its own description allows, and what it does not allow: no answer may be a server error, or
 * other than described. Arguments go to `schemathesis run`, e.g. `npm run test:fuzz -- --seed 7` for the seed that a run
 * has printed.
 */

const CONFIG = join(import.meta.dirname, 'schemathesis.toml');

// Refuses to run without a seed that npm kept for itself.
new NpmCommand().option('--seed <number>').helpOption(false).allowUnknownOption().allowExcessArguments().parse();

async function fuzz(): Promise<number> {
  const command = requirePythonTool('schemathesis');
  const pipeline = npmStart();
  const { api } = await pipeline.addresses();
  // It leaves notes in the folder that it runs in.
  const cwd = mkdtempSync(join(tmpdir(), 'orders-fuzz-'));
  process.once('exit', () => rmSync(cwd, { recursive: true }));
  const run = ['--config-file', CONFIG, 'run', `${api}/openapi.json`, '--max-examples', '500'];
  try {
    const child = spawn(command, [...run, ...process.argv.slice(2)], { cwd, stdio: 'inherit' });
    const [code] = await once(child, 'close');
    if (code !== 0) console.error(`What npm start printed:\n${pipeline.output()}`);
    return code ?? 1;
  } finally {
    pipeline.signal('SIGINT');
    await pipeline.exitCode;
  }
}

process.once('SIGINT', () => process.exit(130));
try {
  process.exitCode = await fuzz();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
