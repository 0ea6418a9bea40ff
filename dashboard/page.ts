import { type Address, formatAddress, parseAddress } from './address.ts';
import { type Figures, type Overview, overview, type Pipeline } from './api.ts';
import { ApiError, KeyNeeded } from './apiError.ts';
import { findText, keepFocus, setText } from './dom.ts';
import { useConventions } from './format.ts';
import { PipelineHistory } from './history.ts';
import { OverTimeView } from './overTimeView.ts';
import { PipelineView } from './pipelineView.ts';
import { Reader } from './reader.ts';
import { hasOrders } from './series.ts';
import { showStage } from './status.ts';
import { titlePlace } from './title.ts';
import { TodayView } from './todayView.ts';
import { TopUsersTable } from './topUsers.ts';
import { UserView } from './userView.ts';
import type { Level } from './verdict.ts';

/** Connects the parts of the page, and decides what to ask the API for. */
export class Page {
  readonly #today = new TodayView();
  readonly #overTime = new OverTimeView(
    (choice) => this.#go({ ...this.#address, choice }),
    () => this.#move(this.#address),
  );
  readonly #topUsers = new TopUsersTable();
  readonly #user = new UserView((userId) => this.#go({ ...this.#address, userId }));
  readonly #pipeline = new PipelineView();
  readonly #history = new PipelineHistory();

  /** What the overview does not have. */
  readonly #readers = {
    range: new Reader(
      () => this.#overTime.read(this.time),
      () => this.#hasOrders && this.#overTime.needsReading,
    ),
    user: new Reader(
      async () => {
        const figures = this.#overview?.figures;
        if (figures) await this.#user.read(figures, this.time);
      },
      () => this.#hasOrders && this.#address.userId !== undefined,
    ),
  };

  #address: Address = {};
  #overview: Overview | undefined;
  /** By the clock of the browser, which may be wrong, but goes on while the computer sleeps. */
  #overviewAt = 0;
  #failure: ApiError | undefined;
  #level: Level | undefined;
  #hasOrders = false;

  /** @param onMove called when {@link refresh} should run at once */
  constructor(private readonly onMove: () => void) {
    this.#follow(parseAddress(location.hash));
    addEventListener('hashchange', () => this.#onAddress());
  }

  /** Undefined if not known. */
  get level(): Level | undefined {
    return this.#level;
  }

  /** That the last overview holds for, by the clock of Redis. */
  get time(): Date {
    return new Date((this.#overview?.asOf.getTime() ?? 0) + this.#age);
  }

  /** Why something could not be read, as a sentence. */
  get problem(): string | undefined {
    const { range, user } = this.#readers;
    const failure = this.#failure ?? range.failure ?? user.failure;
    if (failure) return failure.message;
    return this.#overview?.figures ? undefined : 'The statistics cannot be read at the moment.';
  }

  /**
   * Reads the overview, and what it does not have of what is shown.
   *
   * @throws KeyNeeded
   */
  async refresh(): Promise<void> {
    const latest = await this.#readOverview();
    if (!latest) return;
    const isNew = latest !== this.#overview;
    this.#overview = latest;
    if (isNew) this.#overviewAt = Date.now();
    const { range, user } = this.#readers;
    const now = performance.now();
    // Before the rest is shown, so that the user does not differ from the table of the top users.
    if (latest.figures && this.#user.isBehind(latest.figures)) await user.read(latest, now);
    if (isNew) this.#show(latest);
    this.#showPipeline(latest);
    if (!latest.figures) return;
    const due = [range, user].filter((reader) => reader.isDue(latest, now));
    await Promise.all(due.map((reader) => reader.read(latest, now)));
  }

  async #readOverview(): Promise<Overview | undefined> {
    this.#failure = undefined;
    try {
      return await overview();
    } catch (error) {
      if (!(error instanceof ApiError) || error instanceof KeyNeeded) throw error;
      this.#failure = error;
      this.#level = undefined;
      this.#pipeline.unknown();
      return undefined;
    }
  }

  #show(latest: Overview): void {
    const { currency, timeZone } = latest;
    useConventions({ currency, timeZone });
    showStage(latest);
    const { figures, pipeline } = latest;
    if (!figures) return;
    // Of an order that was counted and then cancelled, only the count is left.
    this.#hasOrders = hasOrders(figures.totals) || (pipeline.messages?.counted ?? 0) > 0;
    document.body.dataset.orders = this.#hasOrders ? 'some' : 'none';
    this.#showFigures(figures);
  }

  #showFigures(figures: Figures): void {
    this.#today.show(figures);
    this.#overTime.show(figures);
    this.#topUsers.show(figures.topUsers);
    this.#user.show(figures);
  }

  #showPipeline(overview: Overview): void {
    const now = performance.now();
    const current = { ...overview, asOf: this.time, pipeline: older(overview.pipeline, this.#age / 1000) };
    this.#history.add(current.pipeline, now);
    this.#level = this.#pipeline.show(current, this.#history, now);
  }

  /** Of the overview, in milliseconds. It holds for longer while the API says that nothing is new. */
  get #age(): number {
    return Math.max(0, Date.now() - this.#overviewAt);
  }

  #go(address: Address): void {
    const hash = formatAddress(address);
    if (hash === location.hash) this.#onAddress();
    else location.hash = hash;
  }

  #onAddress(): void {
    const { userId: before, problem } = this.#address;
    const title = findText(document, '#title');
    keepFocus(
      () => this.#move(parseAddress(location.hash)),
      () => (problem === undefined ? [this.#topUsers.linkTo(before), findText(document, '#user-id'), title] : [title]),
    );
    const { userId } = this.#address;
    if (userId !== undefined && userId !== before) this.#user.focus();
  }

  #move(address: Address): void {
    this.#follow(address);
    const figures = this.#overview?.figures;
    if (figures) this.#showFigures(figures);
    for (const reader of Object.values(this.#readers)) reader.expire();
    this.onMove();
  }

  #follow(address: Address): void {
    this.#address = address;
    titlePlace(address);
    showProblem(address);
    this.#overTime.choose(address.choice, address.userId);
    this.#topUsers.choose(address.userId, address.choice);
    this.#user.choose(address.userId, address.choice);
  }
}

/** Says what is wrong with an address, in place of what depends on it. */
function showProblem({ problem }: Address): void {
  document.body.dataset.address = problem === undefined ? 'right' : 'wrong';
  setText(findText(document, '#address-problem'), problem ?? '');
}

/** The state of the pipeline after some time in which nothing changed. */
const older = ({ last_count, dead_letters, ...pipeline }: Pipeline, seconds: number): Pipeline => ({
  ...pipeline,
  last_count: last_count && { ...last_count, age_seconds: last_count.age_seconds + seconds },
  dead_letters: dead_letters && {
    ...dead_letters,
    oldest_seconds: dead_letters.oldest_seconds === null ? null : dead_letters.oldest_seconds + seconds,
  },
});
