import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { expectNoBarriers } from './support/axe.ts';
import { KeyGateway } from './support/keyGateway.ts';
import { ask, countOrders } from './support/orders.ts';
import { type Open, test } from './support/test.ts';

const KEY = 'k3yOfThisTest0123456789';
const WRONG_KEY = 'wr0ngKeyOfThisTest012345';

const ORDERS = [
  { user: 'U1', at: '2024-02', value: 12.34 },
  { user: 'U2', at: '2024-03', value: 5 },
];

/** Of a small phone. */
const NARROW = { viewport: { width: 360, height: 800 } };

const keyForm = (page: Page) => page.getByRole('region', { name: 'This API needs a key' });
const focused = (page: Page) => page.evaluate<string>('document.activeElement.id');

/** Types a key where the focus is: the page focuses the field when it asks for a key. */
async function typeKey(page: Page, key: string): Promise<void> {
  await page.keyboard.type(key);
  await page.keyboard.press('Enter');
}

/** Opens the page behind a gateway that wants {@link KEY}; it asks for it. */
async function openWithoutKey(open: Open): Promise<{ gateway: KeyGateway; page: Page }> {
  const gateway = await KeyGateway.start(KEY);
  const page = await open({}, [403], { api: gateway.url });
  await keyForm(page).waitFor();
  return { gateway, page };
}

const live = (page: Page) => page.locator('body[data-state=live]').waitFor();
const figures = (page: Page) => page.locator('#over-time .series .figures dd').allTextContents();

test('without a key the page asks for one, a wrong one is refused, the right one shows the figures of the API', async ({
  open,
}) => {
  await countOrders(...ORDERS);
  expect(await ask('/stats/global')).toEqual({ total_orders: 2, total_revenue: 17.34 });
  const { page } = await openWithoutKey(open);
  expect(await focused(page)).toBe('api-key');
  expect(await page.locator('#banner').textContent()).toBe('');

  await typeKey(page, WRONG_KEY);
  await page.getByText('The API refuses this key. There are no figures yet.').waitFor();
  expect(await page.getByLabel('API key').inputValue()).toBe('');
  expect(await focused(page)).toBe('api-key');

  await typeKey(page, ` ${KEY} `);
  await live(page);
  expect(await figures(page)).toEqual(['€17.34', '2', '€8.67']);
  expect(await page.locator('#top-users tbody th').allTextContents()).toEqual(['U1', 'U2']);
  expect(await page.locator('#banner').textContent()).toBe('');
  expect(await keyForm(page).isVisible()).toBe(false);
  expect(await focused(page)).toBe('title');
});

test('a reload in the same tab needs no key again, another window does', async ({ open }) => {
  await countOrders(...ORDERS);
  const { gateway, page } = await openWithoutKey(open);
  await typeKey(page, KEY);
  await live(page);

  const before = gateway.arrivals.length;
  await page.reload();
  await live(page);
  expect(await keyForm(page).isVisible()).toBe(false);
  expect(gateway.arrivals.slice(before).filter(({ isOpen, key }) => !isOpen && key !== KEY)).toEqual([]);

  const other = await open({}, [403], { api: gateway.url });
  await keyForm(other).waitFor();
});

test('a key goes only with requests for data, and is never in a URL or in the page', async ({ open }) => {
  await countOrders(...ORDERS);
  const { gateway, page } = await openWithoutKey(open);
  await typeKey(page, WRONG_KEY);
  await page.getByText('The API refuses this key.').waitFor();
  await typeKey(page, KEY);
  await page.locator('#top-users').getByText('U1').click();
  await page.locator('#user-figures').getByText('€12.34').first().waitFor();
  await page.getByText(`Version ${packageJson.version}`).waitFor();

  const { arrivals } = gateway;
  expect(arrivals.map(({ url }) => url)).toContain('/dashboard');
  expect(arrivals.filter(({ isOpen, key }) => isOpen && key !== undefined)).toEqual([]);
  const keys = arrivals.filter(({ isOpen }) => !isOpen).map(({ key }) => key);
  expect(new Set(keys)).toEqual(new Set([undefined, WRONG_KEY, KEY]));
  for (const key of [KEY, WRONG_KEY]) {
    expect([page.url(), ...arrivals.map(({ url }) => url)].filter((url) => url.includes(key))).toEqual([]);
    expect(await page.content()).not.toContain(key);
  }
});

test('while there is no key, or just what can be none, the page asks the API for nothing', async ({ open }) => {
  const gateway = await KeyGateway.start(KEY);
  const page = await open({}, [403], { api: gateway.url });
  await page.clock.install();
  await page.reload();
  await keyForm(page).waitFor();
  const before = gateway.arrivals.length;
  await typeKey(page, 'no key: spaces, ü, €');
  await page.clock.runFor('01:00');
  await page.getByLabel('API key').clear();
  await typeKey(page, KEY);
  await live(page);
  expect(gateway.arrivals.slice(before).filter(({ key, isOpen }) => key !== KEY && !isOpen)).toEqual([]);
});

test('where the browser stores nothing, a key is kept until the page is left', async ({ open }) => {
  const gateway = await KeyGateway.start(KEY);
  const page = await open({}, [403], { api: gateway.url });
  await page.addInitScript(`Object.defineProperty(window, 'sessionStorage', {
    get() { throw new DOMException('Access is denied', 'SecurityError'); },
  })`);
  await page.reload();
  await keyForm(page).waitFor();
  await typeKey(page, KEY);
  await live(page);
  await page.reload();
  await keyForm(page).waitFor();
});

test('a key that is revoked leaves the last figures, and the focus where it is', async ({ open }) => {
  await countOrders(...ORDERS);
  const { gateway, page } = await openWithoutKey(open);
  await typeKey(page, KEY);
  await live(page);
  await page.getByLabel('User id').focus();

  // As LocalStack says it.
  gateway.refusal = JSON.stringify({ message: 'Forbidden' });
  gateway.key = 'anotherKeyOfThisTest01234';
  await keyForm(page).waitFor();
  expect(await page.locator('#banner').textContent()).toMatch(
    /^The API refuses this key\. These figures are from \d+:\d\d:\d\d\s[AP]M\.$/,
  );
  expect(await figures(page)).toEqual(['€17.34', '2', '€8.67']);
  expect(await focused(page)).toBe('user-id');

  await page.getByLabel('API key').fill(gateway.key);
  await page.getByRole('button', { name: 'Use this key' }).click();
  await live(page);
});

test('too many requests are an outage like others: the last figures stay, and the page tries again', async ({
  open,
}) => {
  await countOrders(...ORDERS);
  const gateway = await KeyGateway.start(KEY);
  const page = await open({}, [403, 429], { api: gateway.url });
  await keyForm(page).waitFor();
  await typeKey(page, KEY);
  await live(page);

  gateway.isThrottling = true;
  await page.getByText('The API gets too many requests at the moment. These figures are from').waitFor();
  expect(await figures(page)).toEqual(['€17.34', '2', '€8.67']);
  expect(await keyForm(page).isVisible()).toBe(false);
  gateway.isThrottling = false;
  await live(page);
});

test('axe finds nothing where the page asks for a key, and it fits a small phone', async ({ open }) => {
  const gateway = await KeyGateway.start(KEY);
  const page = await open(NARROW, [403], { api: gateway.url });
  await keyForm(page).waitFor();
  await expectNoBarriers(page);
  await typeKey(page, WRONG_KEY);
  await page.getByText('The API refuses this key.').waitFor();
  await expectNoBarriers(page);
  expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBe(NARROW.viewport.width);
});
