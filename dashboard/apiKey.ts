/** Stages may share an origin, but not keys. */
const NAME = `API key of ${location.pathname}`;

let current = storedKey();

export const currentKey = (): string | undefined => current;

/** Keeps a key until the tab is closed. Undefined deletes it. */
export function keepKey(key: string | undefined): void {
  current = key;
  try {
    if (key === undefined) sessionStorage.removeItem(NAME);
    else sessionStorage.setItem(NAME, key);
  } catch {
    // A browser may refuse storage. Then the key is lost on reload.
  }
}

function storedKey(): string | undefined {
  try {
    return sessionStorage.getItem(NAME) ?? undefined;
  } catch {
    return undefined;
  }
}
