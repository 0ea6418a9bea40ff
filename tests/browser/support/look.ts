import type { Page } from 'playwright-core';

/** The texts of a table's cells, row by row. */
export async function rowsOf(page: Page, table: string): Promise<string[][]> {
  const rows = await page.locator(`${table} tbody tr`).all();
  return Promise.all(rows.map((row) => row.locator('th, td').allTextContents()));
}

/** What a card of the last days says of a measure. */
export async function measureOf(page: Page, days: number, measure: 'amount' | 'orders' | 'average') {
  const row = page.locator(`#today [data-days="${days}"] [data-measure=${measure}]`);
  const text = async (name: string) => (await row.locator(`[data-show=${name}]`).textContent())?.trim();
  return {
    value: await text('value'),
    change: await text('change'),
    before: await text('before'),
    others: await text('others'),
  };
}

/** The sums above a chart: amount, orders, average order. */
export const sumsOf = (page: Page, section: string): Promise<string[]> =>
  page.locator(`${section} .series .figures dd`).allTextContents();

/** The figures of the pipeline, by name. */
export async function gaugesOf(page: Page): Promise<Record<string, string>> {
  const gauges = await page.locator('#pipeline dd[data-show]:not(.line)').all();
  const entries = gauges.map(async (gauge) => [
    (await gauge.getAttribute('data-show')) ?? '',
    (await gauge.textContent()) ?? '',
  ]);
  return Object.fromEntries(await Promise.all(entries));
}

/** Waits until the page shows figures of now. */
export const live = (page: Page): Promise<void> => page.locator('body[data-state=live]').waitFor();
