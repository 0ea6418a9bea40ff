import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { copyService } from '../../dev/checks/package.ts';
import { get } from './support/api.ts';
import { deploy, info, populate, succeeds } from './support/commands.ts';
import { apiUrlOf, endpoint } from './support/endpoint.ts';
import { expectExactCount } from './support/growth.ts';
import { newSeed } from './support/orders.ts';

/** The service with a change in the worker's code, and another version. */
function nextVersion(): string {
  const folder = join(mkdtempSync(join(tmpdir(), 'orders-next-')), 'service');
  copyService(folder);
  rmSync(join(folder, 'functions'));
  cpSync('functions', join(folder, 'functions'), { recursive: true });
  change(join(folder, 'functions/processOrders.ts'), 'connectMs: 1000', 'connectMs: 1001');
  change(join(folder, 'package.json'), /"version": ".*"/, '"version": "9.9.9"');
  return folder;
}

function change(file: string, from: string | RegExp, to: string): void {
  const text = readFileSync(file, 'utf8');
  const changed = text.replace(from, to);
  if (changed === text) throw new Error(`${file} has no ${from}`);
  writeFileSync(file, changed);
}

it('a version with other code is deployed while 2,000 orders flow: none is lost, none counts twice', async () => {
  const options = { count: 2000, users: 20, invalid: 0, duplicates: 0.1, seed: newSeed() };
  const folder = nextVersion();
  let printed = '';
  await expectExactCount(options, async () => {
    // Sent over 25 s: from before the functions are replaced until after it.
    const deployment = succeeds(deploy('local', { cwd: folder }));
    await Promise.all([succeeds(populate({ ...options, rate: 80 })), deployment]);
    printed = await deployment;
  });
  const shown = await succeeds(info('local'));
  for (const place of [apiUrlOf('local'), `${apiUrlOf('local')}/dashboard`, `${endpoint}/000000000000/orders-queue`])
    for (const text of [printed, shown]) expect(text).toMatch(new RegExp(`: ${place}$`, 'm'));
  expect(shown).not.toContain('Redis:');
  expect(printed).toMatch(/^ {2}Redis: rediss?:\/\/\S+( \(this machine: functions in containers do not reach it\))?$/m);
  expect(printed).not.toContain('_user_request_');
  expect(await get('/health')).toMatchObject({ body: { version: '9.9.9' } });
  rmSync(folder, { recursive: true });
});
