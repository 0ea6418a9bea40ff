/** Users that a leaderboard gets: between the 1,000 and 2,000 that counting keeps. */
const KEPT = 1500;

type Score = { readonly userId: string; readonly cents: number };

/** By what they spent, of equal ones by id: the order of the leaderboard. */
const inOrder = (one: Score, other: Score): number => other.cents - one.cents || (one.userId < other.userId ? -1 : 1);

/** Keeps the users that spent most, and the first of all others. */
export class HighestUsers {
  #scores: Score[] = [];
  #floor: Score | undefined;

  add(userId: string, cents: number): void {
    this.#scores.push({ userId, cents });
    if (this.#scores.length >= 2 * KEPT) this.#cut();
  }

  /** The highest users, and the first user that is left out; undefined where none is. */
  get(): { readonly scores: readonly Score[]; readonly floor: Score | undefined } {
    this.#cut();
    return { scores: this.#scores, floor: this.#floor };
  }

  #cut(): void {
    this.#scores.sort(inOrder);
    const [first] = this.#scores.splice(KEPT);
    if (first && (!this.#floor || inOrder(first, this.#floor) < 0)) this.#floor = first;
  }
}
