import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { SECTIONS } from '../../dashboard/runbook.ts';

it.each(SECTIONS)('the section that the page names is in the runbook: %s', (section) => {
  expect(readFileSync('docs/operations.md', 'utf8')).toContain(`\n## ${section}\n`);
});
