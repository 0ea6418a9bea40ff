/** Stages of the API may share an origin, and each has keys of its own. */
const NAME = `API key of ${location.pathname}`;

let current = storedKey();

/** The key to send, if one was given. */
export const currentKey = (): string | undefined => current;

/** Keeps a key until the tab is closed, or forgets the one that there is. */
export function keepKey(key: string | undefined): void {
  current = key;
  try {
    if (key === undefined) sessionStorage.removeItem(NAME);
    else sessionStorage.setItem(NAME, key);
  } catch {
    // Browsers may refuse to store: then it is kept until the page is left.
  }
}

function storedKey(): string | undefined {
  try {
    return sessionStorage.getItem(NAME) ?? undefined;
  } catch {
    return undefined;
  }
}
