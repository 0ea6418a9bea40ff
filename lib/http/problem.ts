import type { Answer } from './answer.ts';

/** Part of the API: a name never changes its meaning. */
const PROBLEMS = {
  'invalid-parameter': { status: 400, title: 'A parameter is not valid' },
  'unknown-user': { status: 404, title: 'The user is not known' },
  'method-not-allowed': { status: 405, title: 'The method is not allowed' },
  'unsupported-event': { status: 501, title: 'The request came through a service that is not supported' },
  'corrupt-key': { status: 500, title: 'A stored total is corrupt' },
  'internal-error': { status: 500, title: 'The request could not be answered' },
  'redis-unavailable': { status: 503, title: 'The statistics cannot be read at the moment' },
} as const;

type ProblemName = keyof typeof PROBLEMS;

/** Why a request is not answered. */
export type Problem = {
  readonly problem: ProblemName;
  /** What is wrong with this request, and what to do. */
  readonly detail: string;
  /** Further members. */
  readonly members?: object;
  readonly headers?: Readonly<Record<string, string>>;
};

/** Problem details (RFC 9457). */
export function problemAnswer({ problem, detail, members, headers }: Problem, requestId: string): Answer {
  const { status, title } = PROBLEMS[problem];
  const instance = `urn:uuid:${requestId}`;
  return {
    statusCode: status,
    headers: { ...headers, 'Content-Type': 'application/problem+json' },
    body: JSON.stringify({ type: `urn:problem-type:orders:${problem}`, title, status, detail, instance, ...members }),
  };
}
