import { unitsConfig } from '../lib/config.ts';
import { ok } from '../lib/http/answer.ts';
import { httpHandler } from '../lib/http/handler.ts';
import { NoParameters } from '../lib/http/parameters.ts';
import openApi from '../openapi.json' with { type: 'json' };

const { timeZone, currency } = unitsConfig(process.env);
const { description } = openApi.info;
const units = `On this stage, the time zone is ${timeZone} and the currency is ${currency}.`;
const described = { ...openApi, info: { ...openApi.info, description: `${description} ${units}` } };

/** GET /openapi.json */
export const handler = httpHandler(NoParameters, async () => ok(described));
