import * as v from 'valibot';
import { ApiError, KeyNeeded, Refusal } from './apiError.ts';
import { currentKey } from './apiKey.ts';

const TIME_LIMIT_MS = 5000;

/** Bad Request, Not Found. */
const REFUSALS = [400, 404];

/** Unauthorized, Forbidden. */
const KEY_NEEDED = [401, 403];

const NOT_MODIFIED = 304;

const TOO_MANY_REQUESTS = 429;

const Problem = v.object({ title: v.string(), detail: v.string() });

/**
 * Reads a route that may need a key. Paths are relative to the page.
 *
 * @throws an {@link ApiError}
 */
export const readStatistics = async <Schema extends v.GenericSchema>(path: string, schema: Schema) =>
  contentOf(await getWithKey(path), schema);

/**
 * Reads a route that may need a key, again and again. While nothing is new, the API sends no content, and the result is the
 * same object as before.
 *
 * @throws an {@link ApiError}
 */
export function statisticsReader<Schema extends v.GenericSchema>(path: string, schema: Schema) {
  let last: { readonly etag: string; readonly content: v.InferOutput<Schema> } | undefined;
  return async (): Promise<v.InferOutput<Schema>> => {
    const response = await getWithKey(path, last && { 'If-None-Match': last.etag });
    if (last && response.status === NOT_MODIFIED) return last.content;
    const content = await contentOf(response, schema);
    const etag = response.headers.get('ETag');
    last = etag === null ? undefined : { etag, content };
    return content;
  };
}

async function getWithKey(path: string, headers: Record<string, string> = {}): Promise<Response> {
  const key = currentKey();
  const response = await get(path, key === undefined ? headers : { ...headers, 'X-Api-Key': key });
  if (KEY_NEEDED.includes(response.status)) throw new KeyNeeded(key !== undefined);
  return response;
}

async function contentOf<Schema extends v.GenericSchema>(
  response: Response,
  schema: Schema,
): Promise<v.InferOutput<Schema>> {
  const body: unknown = await response.json().catch(() => undefined);
  if (!response.ok) throw errorOf(response, body);
  const parsed = v.safeParse(schema, body);
  if (!parsed.success) throw new ApiError('The API sent an unexpected response.');
  return parsed.output;
}

function errorOf({ status, headers }: Response, body: unknown): ApiError {
  if (status === TOO_MANY_REQUESTS) return new ApiError('The API gets too many requests at the moment.');
  const { title, detail } = v.is(Problem, body)
    ? body
    : { title: 'The API fails', detail: `It answers with status ${status}.` };
  if (REFUSALS.includes(status)) return new Refusal(detail);
  // With Retry-After, the detail says to try again, which the page does anyway.
  return new ApiError(headers.has('Retry-After') ? `${title}.` : `${title}. ${detail}`);
}

async function get(path: string, headers: Record<string, string>): Promise<Response> {
  try {
    return await fetch(path, { headers, signal: AbortSignal.timeout(TIME_LIMIT_MS) });
  } catch (cause) {
    throw new ApiError('The API does not answer.', { cause });
  }
}
