import { expect, it } from 'vitest';
import { startScript } from '../support/startScript.ts';

it('bench --quick shows seven ratios with their goals', async () => {
  const args = ['--quick', '--rounds', '1', '--orders', '1000'];
  const { code, stdout } = await startScript('bench/run.ts', args).result;
  expect(code).toBe(0);
  const rows = stdout.split('\n').flatMap((line) => {
    const [, name, goal, ratio, result] =
      /^│ (.*?) *│ (at \w+ [\d.]+) *│ ([\d.]*) *│ (pass|miss|not measured)/.exec(line) ?? [];
    return name ? [{ name, goal, ratio: Number(ratio), result }] : [];
  });
  expect(rows).toHaveLength(7);
  // Powertools takes part only where its packages are installed.
  const own = rows.filter(({ name }) => !name.includes('Powertools'));
  expect(own).toHaveLength(5);
  for (const { ratio, result } of own) {
    expect(ratio).toBeGreaterThan(0);
    expect(result).toMatch(/pass|miss/);
  }
});
