import { type TopUser, topUsers } from './api.ts';
import { find, tableRow } from './dom.ts';
import { formatAmount, formatCount } from './format.ts';

const LIMIT = 10;

/** The table of the users who spent most; clicking one chooses it. */
export class TopUsersTable {
  readonly #body = find(document, '#top-users tbody', HTMLTableSectionElement);
  #shown = '';

  constructor(private readonly onChoose: (userId: string) => void) {}

  async refresh(): Promise<void> {
    const users = await topUsers(LIMIT);
    const content = JSON.stringify(users);
    if (content === this.#shown) return;
    this.#shown = content;
    const focused = this.#focusedUser();
    this.#body.replaceChildren(...users.map((user) => this.#row(user)));
    if (focused !== undefined) this.#button(focused)?.focus({ preventScroll: true });
  }

  #row({ rank, userId, orders, amount }: TopUser): HTMLTableRowElement {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = userId;
    button.addEventListener('click', () => this.onChoose(userId));
    const row = tableRow(button, [formatCount(orders), formatAmount(amount)]);
    row.insertCell(0).textContent = formatCount(rank);
    return row;
  }

  #buttons(): HTMLButtonElement[] {
    return [...this.#body.querySelectorAll('button')];
  }

  #button(userId: string): HTMLButtonElement | undefined {
    return this.#buttons().find(({ textContent }) => textContent === userId);
  }

  #focusedUser(): string | undefined {
    return this.#buttons().find((button) => button === document.activeElement)?.textContent ?? undefined;
  }
}
