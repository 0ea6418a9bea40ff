import { hash } from 'node:crypto';

/** What API Gateway takes. */
export type Answer = {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

/** 200 with a JSON body. */
export const ok = (body: object): Answer => okJson(JSON.stringify(body));

/**
 * The same for a body that is written already.
 *
 * @param etag see {@link etagOf}; without it the whole body decides
 */
export const okJson = (body: string, etag?: string): Answer => ({
  statusCode: 200,
  headers: { 'Content-Type': 'application/json', ...(etag === undefined ? {} : { ETag: etag }) },
  body,
});

/** A strong entity tag: each text has a different one. */
export const etagOf = (text: string): string => `"${hash('sha256', text, 'base64url').slice(0, 22)}"`;

/** A browser may keep a 200, but must ask each time whether it still holds. */
const REVALIDATED = { 'Cache-Control': 'private, no-cache' };

/**
 * Adds an ETag to a 200, and makes it a 304 without a body if the caller has it already.
 *
 * @param ifNoneMatch the header of the request
 */
export function revalidated(answer: Answer, ifNoneMatch: string | undefined): Answer {
  if (answer.statusCode !== 200) return answer;
  const { ETag = etagOf(answer.body) } = answer.headers;
  const headers = { ...REVALIDATED, ...answer.headers, ETag };
  return has(ifNoneMatch, ETag) ? { statusCode: 304, headers, body: '' } : { ...answer, headers };
}

/** Weak comparison, as RFC 9110 wants it: a proxy that compresses may have made the tag weak. */
function has(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch?.trim() === '*') return true;
  const opaque = (tag: string): string => tag.replace(/^W\//, '');
  return (ifNoneMatch?.match(/(?:W\/)?"[^"]*"/g) ?? []).some((tag) => opaque(tag) === opaque(etag));
}
