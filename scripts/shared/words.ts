/** A number of messages in words. */
export const messages = (count: number): string => (count === 1 ? '1 message' : `${count} messages`);
