/**
 * An action of SNS, as its query protocol has it: there is no client of SNS among the packages.
 *
 * @returns the answer, which is XML
 * @throws an error when it is refused
 */
export async function sns(endpoint: string, action: string, input: Readonly<Record<string, string>>): Promise<string> {
  const response = await fetch(endpoint, {
    method: 'POST',
    // LocalStack reads from the signature which service is meant; neither it nor fauxqs checks it.
    headers: { authorization: 'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/sns/aws4_request' },
    body: new URLSearchParams({ Action: action, Version: '2010-03-31', ...input }),
  });
  const answer = await response.text();
  if (!response.ok) throw new Error(`SNS refused ${action}: ${answer}`);
  return answer;
}
