import type { Page } from 'playwright-core';
import * as v from 'valibot';

export type Overview = v.InferOutput<typeof Overview>;

const Overview = v.looseObject({ days: v.nullable(v.array(v.unknown())), pipeline: v.looseObject({}) });

/** Changes what the API says to the page: for what the pipeline of the tests cannot be brought to. */
export async function changeOverview(
  page: Page,
  change: (overview: Overview) => object | Promise<object>,
): Promise<void> {
  await page.route('**/overview', async (route) => {
    // The tag of the API does not tell the changed content.
    const { 'if-none-match': _, ...asked } = route.request().headers();
    const response = await route.fetch({ headers: asked });
    const { etag: __, ...headers } = response.headers();
    await route.fulfill({ response, headers, json: await change(v.parse(Overview, await response.json())) });
  });
}
