import axe, { type AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';

/** What hinders people who use the page otherwise than by eye and mouse, each with the elements concerned. */
export async function barriers(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate<AxeResults>('axe.run()');
  return violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html }) => html).join(' ')}`);
}
