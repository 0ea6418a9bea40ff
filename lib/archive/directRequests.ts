import { HeadObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import * as v from 'valibot';
import { ARCHIVE_PREFIX } from './objectKey.ts';

/** What the SDK has assembled before it signs it. */
const Assembled = v.object({
  protocol: v.string(),
  hostname: v.string(),
  port: v.optional(v.number()),
  path: v.string(),
  headers: v.record(v.string(), v.string()),
});

const Answer = v.object({ statusCode: v.number(), headers: v.object({ date: v.optional(v.string()) }) });

/**
 * Requests for objects with the address, the signature, the connections and the time limits of the SDK, without what it does anew
 * for each request, which is three quarters of its CPU. Only success is dealt with here. After anything else, the SDK must send
 * the request: it knows the errors of S3, and which of them to try again.
 */
export class DirectRequests {
  #prepared: ReturnType<typeof prepare> | undefined;

  constructor(
    private readonly s3: S3Client,
    private readonly bucket: string,
  ) {}

  /**
   * Puts an object, or gets it.
   *
   * @param body of the object; none to get it
   * @returns the body of the answer; undefined if the SDK must send the request, although S3 may have done what it asks for
   */
  async send(key: string, body?: Uint8Array): Promise<Uint8Array | undefined> {
    try {
      const { config } = this.s3;
      this.#prepared ??= prepare(this.s3, this.bucket);
      const { request, signer } = await this.#prepared;
      const content = body && { 'content-type': 'application/gzip', 'content-length': `${body.length}` };
      const unsigned = {
        ...request,
        method: body ? 'PUT' : 'GET',
        path: request.path + encodeURIComponent(key.slice(ARCHIVE_PREFIX.length)).replaceAll('%2F', '/'),
        headers: { ...request.headers, ...content },
        body,
      };
      const signingDate = new Date(Date.now() + config.systemClockOffset);
      const { response } = await config.requestHandler.handle(await signer.sign(unsigned, { signingDate }));
      const answer = await config.streamCollector(response.body);
      const { statusCode, headers } = v.parse(Answer, response);
      if (statusCode === 200) return answer;
      // A wrong clock is one of the reasons, and the SDK may have only one attempt.
      const offset = Date.parse(headers.date ?? '') - Date.now();
      if (!Number.isNaN(offset)) config.systemClockOffset = offset;
    } catch {
      // The SDK meets the same error, and reports it.
    }
    return undefined;
  }
}

/** Has the SDK assemble a request for an object, without sending it. */
async function prepare(s3: S3Client, bucket: string) {
  let assembled: unknown;
  const command = new HeadObjectCommand({ Bucket: bucket, Key: ARCHIVE_PREFIX });
  command.middlewareStack.add(
    () => async (args) => {
      assembled = args.request;
      // Stryker disable next-line ObjectLiteral: nobody reads it
      return { output: { $metadata: {} }, response: undefined };
    },
    { step: 'build', priority: 'low' },
  );
  await s3.send(command);
  const { port, ...request } = v.parse(Assembled, assembled);
  return { request: { ...request, ...(port && { port }), query: {} }, signer: await s3.config.signer() };
}
