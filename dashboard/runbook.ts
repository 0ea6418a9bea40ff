/** The sections of docs/operations.md that findings name. */
export const SECTIONS = [
  'Redis is away',
  'Orders are waiting',
  'No orders arrive',
  'Messages in the dead-letter queue',
  'Orders were restored',
  'The replay is behind',
  'Repair',
  'The API fails or is slow',
] as const;

export type Section = (typeof SECTIONS)[number];
