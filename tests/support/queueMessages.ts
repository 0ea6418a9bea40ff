/** A message as a worker gets it for the first time. */
export const messageOf = (n: number, body: string) => ({
  messageId: `m${n}`,
  receiptHandle: `r${n}`,
  body,
  receiveCount: 1,
});

/** The messages of a batch: m0, m1 and so on. */
export const messagesOf = (bodies: readonly string[]) => bodies.map((body, n) => messageOf(n, body));
