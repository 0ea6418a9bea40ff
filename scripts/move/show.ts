/** Shows how far a long step is; to be called often. */
export type Show = (describe: () => string) => void;
