import { type Choice, formatAddress } from './address.ts';
import { type TopUser, topUsers } from './api.ts';
import { ApiError } from './apiError.ts';
import { plainAmount, saveCsv, toCsv } from './csv.ts';
import { find, findText, setText, tableRow } from './dom.ts';
import { formatAmount, formatCount } from './format.ts';

/** As many as the API gives. */
const SAVED = 100;

/** The users who spent most, with links to each of them. */
export class TopUsersTable {
  readonly #body = find(document, '#top-users tbody', HTMLTableSectionElement);
  readonly #saveButton = find(document, '#top-users [data-do=save]', HTMLButtonElement);
  readonly #problem = findText(document, '#top-users .problem');
  #users: readonly TopUser[] = [];
  #choice: Choice | undefined;
  #chosenId: string | undefined;
  #shown = '';

  constructor() {
    this.#saveButton.addEventListener('click', () => this.#save());
  }

  /** @param choice stays in the links */
  choose(userId: string | undefined, choice: Choice | undefined): void {
    this.#chosenId = userId;
    this.#choice = choice;
    this.#show();
  }

  linkTo(userId: string | undefined): HTMLAnchorElement | undefined {
    return this.#links().find(({ textContent }) => textContent === userId);
  }

  show(users: readonly TopUser[]): void {
    this.#users = users;
    this.#show();
    this.#saveButton.disabled = false;
  }

  #show(): void {
    const content = JSON.stringify([this.#users, this.#chosenId, this.#choice]);
    if (content === this.#shown) return;
    this.#shown = content;
    const focused = this.#links().find((link) => link === document.activeElement)?.textContent;
    this.#body.replaceChildren(...this.#users.map((user) => this.#row(user)));
    this.linkTo(focused)?.focus({ preventScroll: true });
  }

  #row({ rank, userId, orders, amount }: TopUser): HTMLTableRowElement {
    const link = document.createElement('a');
    link.href = formatAddress({ userId, choice: this.#choice });
    link.textContent = userId;
    if (userId === this.#chosenId) link.setAttribute('aria-current', 'true');
    const row = tableRow(link, [formatCount(orders), formatAmount(amount)]);
    row.insertCell(0).textContent = formatCount(rank);
    return row;
  }

  #links(): HTMLAnchorElement[] {
    return [...this.#body.querySelectorAll('a')];
  }

  async #save(): Promise<void> {
    try {
      const users = await topUsers(SAVED);
      setText(this.#problem, '');
      saveCsv('top-users', toCsv(['rank', 'user_id', 'orders', 'spend'], users.map(toRow)));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setText(this.#problem, error.message);
    }
  }
}

const toRow = ({ rank, userId, orders, amount }: TopUser): readonly string[] => [
  `${rank}`,
  userId,
  `${orders}`,
  plainAmount(amount),
];
