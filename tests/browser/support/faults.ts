import type { Page } from 'playwright-core';

/** Makes the page report violations of its Content-Security-Policy in the same words in every browser. */
const TELL_VIOLATIONS = `addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
  console.error('CSP violation: ' + violatedDirective + ' ' + blockedURI);
})`;

/** The console's line for an error status. The response event reports it with the URL. */
const ANSWER = /^Failed to load resource: the server responded with a status of \d+/;

/** Collects what a page must never do: throw errors, violate its own policy, send requests elsewhere. */
export class Faults {
  readonly found: string[] = [];

  /**
   * @param ownOrigin the only origin that the page may call
   * @param expected error statuses that are no fault
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
