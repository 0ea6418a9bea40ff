import { expect, it } from 'vitest';
import openApi from '../../openapi.json' with { type: 'json' };
import { getEvent, loadReadFunction } from '../support/readFunction.ts';

it('the description names the time zone and the currency of the stage', async () => {
  const units = { TIME_ZONE: 'Asia/Tokyo', CURRENCY: 'INR' };
  const ask = await loadReadFunction(() => import('../../functions/getOpenApi.ts'), units);
  const { info, ...rest } = JSON.parse((await ask(getEvent(null))).body);
  expect(info.description).toMatch(/ On this stage, the time zone is Asia\/Tokyo and the currency is INR\.$/);
  expect({ ...rest, info: openApi.info }).toEqual(openApi);
});
