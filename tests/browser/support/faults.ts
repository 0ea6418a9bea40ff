import type { Page } from 'playwright-core';

/** How the page reports a violation of its Content-Security-Policy to the console, whatever the browser says itself. */
const TELL_VIOLATIONS = `addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
  console.error('CSP violation: ' + violatedDirective + ' ' + blockedURI);
})`;

/** The console's line for an answer that is an error, of which the answer itself says more. */
const ANSWER = /^Failed to load resource: the server responded with a status of \d+/;

/** What a page must never do: errors, violations of its own policy, requests elsewhere. */
export class Faults {
  readonly found: string[] = [];

  /**
   * @param ownOrigin the only one that the page may ask
   * @param expected statuses of answers that are no fault
   */
  async watch(page: Page, ownOrigin: string, expected: readonly number[]): Promise<void> {
    const add = (fault: string) => this.found.push(fault);
    page.on('pageerror', (error) => add(`error: ${error.message}`));
    page.on('console', (message) => {
      const text = message.text();
      if (['error', 'warning'].includes(message.type()) && !ANSWER.test(text)) add(`console: ${text}`);
    });
    page.on('dialog', async (dialog) => {
      add(`dialog: ${dialog.message()}`);
      await dialog.dismiss();
    });
    page.on('request', (request) => {
      const { origin, protocol } = new URL(request.url());
      if (origin !== ownOrigin && protocol !== 'data:') add(`request: ${request.url()}`);
    });
    page.on('response', (response) => {
      const status = response.status();
      if (status >= 400 && !expected.includes(status)) add(`answer: ${status} ${response.url()}`);
    });
    await page.addInitScript(TELL_VIOLATIONS);
  }
}
