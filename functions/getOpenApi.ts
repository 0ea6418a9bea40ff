import { httpHandler } from '../lib/http/handler.ts';
import { ok } from '../lib/http/ok.ts';
import { NoParameters } from '../lib/http/parameters.ts';
import openApi from '../openapi.json' with { type: 'json' };

/** GET /openapi.json */
export const handler = httpHandler(NoParameters, async () => ok(openApi));
