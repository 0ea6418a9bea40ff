/*
 * SNS and EventBridge without their SDK clients, which are not installed.
 * LocalStack reads the name of the service from the signature. Neither LocalStack nor fauxqs checks signatures.
 */

/**
 * An action of SNS.
 *
 * @returns the answer, which is XML
 * @throws an error when it is refused
 */
export const sns = (endpoint: string, action: string, input: Readonly<Record<string, string>>): Promise<string> =>
  ask(endpoint, 'sns', { body: new URLSearchParams({ Action: action, Version: '2010-03-31', ...input }) });

/**
 * An action of EventBridge.
 *
 * @returns the answer, which is JSON
 * @throws an error when it is refused
 */
export const eventBridge = (endpoint: string, action: string, input: object): Promise<string> =>
  ask(endpoint, 'events', {
    headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `AWSEvents.${action}` },
    body: JSON.stringify(input),
  });

async function ask(
  endpoint: string,
  service: string,
  { headers, body }: { headers?: Record<string, string>; body: string | URLSearchParams },
): Promise<string> {
  const authorization = `AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/${service}/aws4_request`;
  const response = await fetch(endpoint, { method: 'POST', headers: { ...headers, authorization }, body });
  const answer = await response.text();
  if (!response.ok) throw new Error(`${service} answered ${response.status}: ${answer}`);
  return answer;
}
