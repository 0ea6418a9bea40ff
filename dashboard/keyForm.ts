import { find, findText } from './dom.ts';

export class KeyForm {
  readonly #section = findText(document, '#access');
  readonly #input = find(document, '#api-key', HTMLInputElement);
  #isWaiting = false;
  #isPageNew = true;

  constructor(onKey: (key: string) => void) {
    find(document, '#key-form', HTMLFormElement).addEventListener('submit', (event) => {
      event.preventDefault();
      // The previous key is still being tried.
      if (!this.#isWaiting) return;
      this.#isWaiting = false;
      onKey(this.#input.value.trim());
    });
  }

  get isWaiting(): boolean {
    return this.#isWaiting;
  }

  /** @param isKeyRefused whether there was a key, and it was refused */
  ask(isKeyRefused: boolean): void {
    this.#isWaiting = true;
    this.#input.value = '';
    this.#input.setAttribute('aria-invalid', `${isKeyRefused}`);
    this.#section.hidden = false;
    // Only at the start: later it would steal the focus.
    if (this.#isPageNew) this.#input.focus();
    this.#isPageNew = false;
  }

  /** To be called if no key is needed, or if the key works. */
  close(): void {
    this.#isPageNew = false;
    if (this.#section.hidden) return;
    const hadFocus = this.#section.contains(document.activeElement);
    this.#section.hidden = true;
    this.#input.value = '';
    if (hadFocus) findText(document, '#title').focus();
  }
}
